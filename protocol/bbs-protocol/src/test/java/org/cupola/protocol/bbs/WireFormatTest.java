package org.cupola.protocol.bbs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.cupola.protocol.bbs.proto.CellCapacity;
import org.cupola.protocol.bbs.proto.CellPresence;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.ModificationTag;
import org.cupola.protocol.bbs.proto.ProtoRoutes;
import org.cupola.protocol.bbs.proto.Provider;
import org.junit.jupiter.api.Test;

class WireFormatTest {
    private static String hex(com.google.protobuf.Message message) {
        return HexFormat.of().formatHex(message.toByteArray());
    }

    @Test
    void writesPortsUnpacked() {
        assertThat(hex(DesiredLRP.newBuilder().addPorts(8080).addPorts(2222).build()))
                .isEqualTo("70903f70ae11");
    }

    @Test
    void writesEmptySubMessagesThatAreSet() {
        var lrp = ActualLRP.newBuilder()
                .setActualLrpKey(ActualLRPKey.newBuilder()
                        .setProcessGuid("p")
                        .setIndex(1)
                        .setDomain("d"))
                .setActualLrpInstanceKey(ActualLRPInstanceKey.getDefaultInstance())
                .setActualLrpNetInfo(ActualLRPNetInfo.getDefaultInstance())
                .setState("UNCLAIMED")
                .setModificationTag(ModificationTag.getDefaultInstance())
                .setRoutable(false)
                .build();

        assertThat(hex(lrp))
                .isEqualTo("0a080a017010011a0164" + "1200" + "1a00" + "3209554e434c41494d4544" + "4a00" + "6800");
    }

    @Test
    void aCellPresenceHasTheKeysOfTheOriginal() {
        var presence = CellPresence.newBuilder()
                .setCellId("cell-0")
                .setRepAddress("http://10.0.0.1:1800")
                .setRepUrl("https://cell-0.cell.service.cf.internal:1801")
                .setZone("z1")
                .setCapacity(CellCapacity.newBuilder()
                        .setMemoryMb(1024)
                        .setDiskMb(2048)
                        .setContainers(249))
                .addRootfsProviders(Provider.newBuilder().setName("preloaded").addProperties("cflinuxfs4"))
                .addRootfsProviders(Provider.newBuilder().setName("docker"))
                .addPlacementTags("blue")
                .build();

        String json = CellPresences.encode(presence);

        assertThat(json).isEqualTo("""
                {"cell_id":"cell-0","rep_address":"http://10.0.0.1:1800","zone":"z1",\
                "capacity":{"memory_mb":1024,"disk_mb":2048,"containers":249},\
                "rootfs_provider_list":[{"name":"preloaded","properties":["cflinuxfs4"]},{"name":"docker"}],\
                "placement_tags":["blue"],"rep_url":"https://cell-0.cell.service.cf.internal:1801","annotations":{}}""");
        assertThat(CellPresences.decode(json)).contains(presence);
    }

    @Test
    void whatIsNotAPresenceIsNone() {
        assertThat(CellPresences.decode("{not json")).isEmpty();
        assertThat(CellPresences.decode("[]")).isEmpty();
    }

    @Test
    void readsACellStateAsGoWritesIt() {
        var state = Json.read("""
                {"rep_url":"https://c","cell_id":"c","cell_index":3,
                 "RootFSProviders":{"docker":{"type":"arbitrary"},"preloaded":{"type":"fixed_set","set":{"cflinuxfs4":{}}}},
                 "AvailableResources":{"MemoryMB":1,"DiskMB":2,"Containers":3},
                 "TotalResources":{"MemoryMB":4,"DiskMB":5,"Containers":6},
                 "LRPs":null,"Tasks":[{"TaskGuid":"t","Domain":"d","PlacementTags":null,"VolumeDrivers":null,
                 "RootFs":"preloaded:x","MemoryMB":1,"DiskMB":1,"MaxPids":0,"state":"Running","failed":false}],
                 "StartingContainerCount":7,"Zone":"z","Evacuating":true,"VolumeDrivers":null,
                 "PlacementTags":["a"],"OptionalPlacementTags":null,"ProxyMemoryAllocationMB":32}""", CellState.class);

        assertThat(state.lrps()).isEmpty();
        assertThat(state.tasks()).singleElement().extracting(CellTask::state).isEqualTo("Running");
        assertThat(state.rootFsProviders().get("docker").has("anything")).isTrue();
        assertThat(state.rootFsProviders().get("preloaded").has("cflinuxfs4")).isTrue();
        assertThat(state.rootFsProviders().get("preloaded").has("other")).isFalse();
        assertThat(Json.read(Json.bytes(state), CellState.class)).isEqualTo(state);
    }

    @Test
    void readsTaskRequestsOfBothGenerations() {
        var tasks = CellTask.readStartRequests("""
                [{"TaskGuid":"a","RootFs":"r"},{"Task":{"TaskGuid":"b","RootFs":"r"}}]""".getBytes(StandardCharsets.UTF_8));

        assertThat(tasks).extracting(CellTask::taskGuid).containsExactly("a", "b");
    }

    @Test
    void writesAStartRequestWithItsMixedCapitals() {
        var request = new LrpStartRequest("p", "d", List.of(0, 1), List.of(), List.of("nfs"), "preloaded:x", 1, 2, 3);

        assertThat(Json.text(request)).isEqualTo("""
                {"process_guid":"p","domain":"d","indices":[0,1],"PlacementTags":[],"VolumeDrivers":["nfs"],\
                "RootFs":"preloaded:x","MemoryMB":1,"DiskMB":2,"MaxPids":3}""");
    }

    @Test
    void anUpdateLeavesOutWhatStaysAndClearsWhatIsEmpty() {
        assertThat(Json.text(new LrpUpdate("i", "p", 0, "d", null, Map.of()))).isEqualTo("""
                        {"instance_guid":"i","process_guid":"p","index":0,"domain":"d","metric_tags":{}}""");
    }

    @Test
    void resolvesMetricTagsForOneInstance() {
        var tags = Map.of(
                "source_id", MetricTagValue.newBuilder().setStatic("app").build(),
                "index",
                        MetricTagValue.newBuilder()
                                .setDynamic(MetricTagValue.DynamicValue.INDEX)
                                .build(),
                "guid",
                        MetricTagValue.newBuilder()
                                .setDynamic(MetricTagValue.DynamicValue.INSTANCE_GUID)
                                .build());

        assertThat(MetricTags.resolve(tags, 3, "i-1"))
                .isEqualTo(Map.of("source_id", "app", "index", "3", "guid", "i-1"));
    }

    @Test
    void findsInternalRoutesAmongTheRoutes() {
        var routes = ProtoRoutes.newBuilder()
                .putRoutes("internal-router", ByteString.copyFromUtf8("[{\"hostname\":\"a.apps.internal\"}]"))
                .build();

        assertThat(InternalRoutes.of(routes))
                .singleElement()
                .satisfies(route -> assertThat(route.getHostname()).isEqualTo("a.apps.internal"));
        assertThat(InternalRoutes.of(ProtoRoutes.getDefaultInstance())).isEmpty();
    }
}
