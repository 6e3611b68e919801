package org.cupola.protocol.bbs;

import com.google.protobuf.Message;
import java.util.List;
import java.util.Optional;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPLifecycleResponse;
import org.cupola.protocol.bbs.proto.ActualLRPsByProcessGuidsRequest;
import org.cupola.protocol.bbs.proto.ActualLRPsByProcessGuidsResponse;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;
import org.cupola.protocol.bbs.proto.ActualLRPsResponse;
import org.cupola.protocol.bbs.proto.ClaimActualLRPRequest;
import org.cupola.protocol.bbs.proto.CrashActualLRPRequest;
import org.cupola.protocol.bbs.proto.FailActualLRPRequest;
import org.cupola.protocol.bbs.proto.RemoveActualLRPRequest;
import org.cupola.protocol.bbs.proto.RetireActualLRPRequest;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;

/** Instances of long-running processes: what cells report, and what they are told. Blocking, immutable. */
public final class ActualLrpClient {
    private final BbsTransport transport;

    ActualLrpClient(BbsTransport transport) {
        this.transport = transport;
    }

    /** Those that match all parts of the filter that are set. */
    public List<ActualLRP> list(ActualLRPsRequest filter) throws BbsException {
        return transport
                .call(BbsRoute.ACTUAL_LRPS, filter, ActualLRPsResponse.parser())
                .getActualLrpsList();
    }

    /** @param processGuids at least one */
    public List<ActualLRP> listByProcessGuids(List<String> processGuids) throws BbsException {
        var request = ActualLRPsByProcessGuidsRequest.newBuilder()
                .addAllProcessGuids(processGuids)
                .build();
        return transport
                .call(BbsRoute.ACTUAL_LRPS_BY_PROCESS_GUIDS, request, ActualLRPsByProcessGuidsResponse.parser())
                .getActualLrpsList();
    }

    public void claim(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException {
        var request = ClaimActualLRPRequest.newBuilder()
                .setProcessGuid(key.getProcessGuid())
                .setIndex(key.getIndex())
                .setActualLrpInstanceKey(instance)
                .build();
        lifecycle(BbsRoute.CLAIM_ACTUAL_LRP, request);
    }

    /** The instance runs as described; repeating it is the cell's heartbeat and changes nothing. */
    public void start(StartActualLRPRequest request) throws BbsException {
        var response = transport.exchangeWithFallback(
                BbsRoute.START_ACTUAL_LRP_R1,
                request,
                BbsRoute.START_ACTUAL_LRP,
                () -> StartActualLRPRequest.newBuilder()
                        .setActualLrpKey(request.getActualLrpKey())
                        .setActualLrpInstanceKey(request.getActualLrpInstanceKey())
                        .setActualLrpNetInfo(request.getActualLrpNetInfo())
                        .build(),
                ActualLRPLifecycleResponse.parser());
        Optional<BbsException> error = BbsTransport.errorOf(response);
        if (error.isPresent()) {
            throw error.get();
        }
    }

    public void crash(ActualLRPKey key, ActualLRPInstanceKey instance, String reason) throws BbsException {
        var request = CrashActualLRPRequest.newBuilder()
                .setActualLrpKey(key)
                .setActualLrpInstanceKey(instance)
                .setErrorMessage(reason)
                .build();
        lifecycle(BbsRoute.CRASH_ACTUAL_LRP, request);
    }

    /** @param placementError why no cell took the instance; not empty */
    public void fail(ActualLRPKey key, String placementError) throws BbsException {
        var request = FailActualLRPRequest.newBuilder()
                .setActualLrpKey(key)
                .setErrorMessage(placementError)
                .build();
        lifecycle(BbsRoute.FAIL_ACTUAL_LRP, request);
    }

    /** The instance is gone from its cell. */
    public void remove(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException {
        var request = RemoveActualLRPRequest.newBuilder()
                .setProcessGuid(key.getProcessGuid())
                .setIndex(key.getIndex())
                .setActualLrpInstanceKey(instance)
                .build();
        lifecycle(BbsRoute.REMOVE_ACTUAL_LRP, request);
    }

    /** Stops an instance: for good, or, while it is desired, so that another takes its place. */
    public void retire(ActualLRPKey key) throws BbsException {
        lifecycle(
                BbsRoute.RETIRE_ACTUAL_LRP,
                RetireActualLRPRequest.newBuilder().setActualLrpKey(key).build());
    }

    private void lifecycle(BbsRoute route, Message request) throws BbsException {
        transport.call(route, request, ActualLRPLifecycleResponse.parser());
    }
}
