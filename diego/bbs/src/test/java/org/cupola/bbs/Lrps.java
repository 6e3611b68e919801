package org.cupola.bbs;

import com.google.protobuf.ByteString;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.PortMapping;
import org.cupola.protocol.bbs.proto.ProtoRoutes;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.cupola.protocol.bbs.proto.TaskDefinition;

/** Valid messages to begin with. */
final class Lrps {
    static final Action RUN = Action.newBuilder()
            .setRunAction(RunAction.newBuilder().setPath("/bin/app").setUser("vcap"))
            .build();
    static final ActualLRPNetInfo NET_INFO = ActualLRPNetInfo.newBuilder()
            .setAddress("10.0.0.1")
            .setInstanceAddress("10.255.0.2")
            .setPreferredAddress(ActualLRPNetInfo.PreferredAddress.HOST)
            .addPorts(PortMapping.newBuilder().setContainerPort(8080).setHostPort(61001))
            .build();

    private Lrps() {}

    static DesiredLRP desired(String guid, int instances) {
        return DesiredLRP.newBuilder()
                .setProcessGuid(guid)
                .setDomain("cf-apps")
                .setLogGuid("log-" + guid)
                .setRootFs("preloaded:cflinuxfs4")
                .setInstances(instances)
                .setMemoryMb(128)
                .setDiskMb(256)
                .setAction(RUN)
                .addPorts(8080)
                .setRoutes(ProtoRoutes.newBuilder()
                        .putRoutes(
                                "cf-router",
                                ByteString.copyFromUtf8(
                                        "[{\"hostnames\": [\"a.example.com\"], \"port\": 8080, \"x\": 1.10}]")))
                .putMetricTags(
                        "source_id", MetricTagValue.newBuilder().setStatic(guid).build())
                .build();
    }

    static TaskDefinition task() {
        return TaskDefinition.newBuilder()
                .setRootFs("preloaded:cflinuxfs4")
                .setAction(RUN)
                .setMemoryMb(64)
                .setDiskMb(64)
                .build();
    }

    static ActualLRPKey key(String guid, int index) {
        return Instances.key(guid, index, "cf-apps");
    }

    static ActualLRPInstanceKey instance(String guid, String cell) {
        return ActualLRPInstanceKey.newBuilder()
                .setInstanceGuid(guid)
                .setCellId(cell)
                .build();
    }

    static StartActualLRPRequest start(ActualLRPKey key, ActualLRPInstanceKey instance) {
        return StartActualLRPRequest.newBuilder()
                .setActualLrpKey(key)
                .setActualLrpInstanceKey(instance)
                .setActualLrpNetInfo(NET_INFO)
                .putMetricTags("source_id", key.getProcessGuid())
                .setRoutable(true)
                .setAvailabilityZone("z1")
                .build();
    }
}
