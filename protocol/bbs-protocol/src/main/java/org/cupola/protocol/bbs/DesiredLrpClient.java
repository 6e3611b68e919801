package org.cupola.protocol.bbs;

import java.util.List;
import org.cupola.protocol.bbs.proto.DesireLRPRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPByProcessGuidRequest;
import org.cupola.protocol.bbs.proto.DesiredLRPLifecycleResponse;
import org.cupola.protocol.bbs.proto.DesiredLRPResponse;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfo;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfoByProcessGuidResponse;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfosResponse;
import org.cupola.protocol.bbs.proto.DesiredLRPUpdate;
import org.cupola.protocol.bbs.proto.DesiredLRPsRequest;
import org.cupola.protocol.bbs.proto.DesiredLRPsResponse;
import org.cupola.protocol.bbs.proto.RemoveDesiredLRPRequest;
import org.cupola.protocol.bbs.proto.UpdateDesiredLRPRequest;

/** Long-running processes as somebody wants them. Blocking, immutable. */
public final class DesiredLrpClient {
    private final BbsTransport transport;

    DesiredLrpClient(BbsTransport transport) {
        this.transport = transport;
    }

    public List<DesiredLRP> list(DesiredLRPsRequest filter) throws BbsException {
        return transport
                .call(BbsRoute.DESIRED_LRPS_R3, filter, DesiredLRPsResponse.parser())
                .getDesiredLrpsList();
    }

    public DesiredLRP get(String processGuid) throws BbsException {
        return transport
                .call(BbsRoute.DESIRED_LRP_BY_PROCESS_GUID_R3, byGuid(processGuid), DesiredLRPResponse.parser())
                .getDesiredLrp();
    }

    /** Everything but what a container runs. */
    public List<DesiredLRPSchedulingInfo> schedulingInfos(DesiredLRPsRequest filter) throws BbsException {
        return transport
                .call(BbsRoute.DESIRED_LRP_SCHEDULING_INFOS, filter, DesiredLRPSchedulingInfosResponse.parser())
                .getDesiredLrpSchedulingInfosList();
    }

    public DesiredLRPSchedulingInfo schedulingInfo(String processGuid) throws BbsException {
        return transport
                .call(
                        BbsRoute.DESIRED_LRP_SCHEDULING_INFO_BY_PROCESS_GUID,
                        byGuid(processGuid),
                        DesiredLRPSchedulingInfoByProcessGuidResponse.parser())
                .getDesiredLrpSchedulingInfo();
    }

    /**
     * Only what routing needs: guids, domain, instances, routes, modification and metric tags.
     *
     * @param processGuids none means all
     */
    public List<DesiredLRP> routingInfos(List<String> processGuids) throws BbsException {
        var filter =
                DesiredLRPsRequest.newBuilder().addAllProcessGuids(processGuids).build();
        return transport
                .call(BbsRoute.DESIRED_LRP_ROUTING_INFOS, filter, DesiredLRPsResponse.parser())
                .getDesiredLrpsList();
    }

    /** At least one metric tag and an action are required. */
    public void desire(DesiredLRP lrp) throws BbsException {
        transport.call(
                BbsRoute.DESIRE_DESIRED_LRP_R2,
                DesireLRPRequest.newBuilder().setDesiredLrp(lrp).build(),
                DesiredLRPLifecycleResponse.parser());
    }

    public void update(String processGuid, DesiredLRPUpdate update) throws BbsException {
        var request = UpdateDesiredLRPRequest.newBuilder()
                .setProcessGuid(processGuid)
                .setUpdate(update)
                .build();
        transport.call(BbsRoute.UPDATE_DESIRED_LRP, request, DesiredLRPLifecycleResponse.parser());
    }

    public void remove(String processGuid) throws BbsException {
        var request =
                RemoveDesiredLRPRequest.newBuilder().setProcessGuid(processGuid).build();
        transport.call(BbsRoute.REMOVE_DESIRED_LRP, request, DesiredLRPLifecycleResponse.parser());
    }

    private static DesiredLRPByProcessGuidRequest byGuid(String processGuid) {
        return DesiredLRPByProcessGuidRequest.newBuilder()
                .setProcessGuid(processGuid)
                .build();
    }
}
