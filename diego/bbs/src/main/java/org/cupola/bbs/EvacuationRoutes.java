package org.cupola.bbs;

import org.cupola.protocol.bbs.BbsRoute;
import org.cupola.protocol.bbs.proto.EvacuateClaimedActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuateCrashedActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuateStoppedActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuationResponse;
import org.cupola.protocol.bbs.proto.RemoveEvacuatingActualLRPRequest;
import org.cupola.protocol.bbs.proto.RemoveEvacuatingActualLRPResponse;

/** The calls of draining cells. A failure that leaves the outcome open keeps the container. */
final class EvacuationRoutes {
    private static final EvacuationResponse KEEP =
            EvacuationResponse.newBuilder().setKeepContainer(true).build();
    private static final EvacuationResponse RELEASE = EvacuationResponse.getDefaultInstance();

    private final EvacuationController evacuation;

    EvacuationRoutes(EvacuationController evacuation) {
        this.evacuation = evacuation;
    }

    void register(RpcRoutes routes) {
        routes.add(
                BbsRoute.EVACUATE_CLAIMED_ACTUAL_LRP,
                EvacuateClaimedActualLRPRequest.getDefaultInstance(),
                KEEP,
                (request, problems) -> RequestRules.keys(
                        request.hasActualLrpKey(),
                        request.getActualLrpKey(),
                        request.hasActualLrpInstanceKey(),
                        request.getActualLrpInstanceKey(),
                        problems),
                (request, trace) -> claimed(request));
        routes.add(
                BbsRoute.EVACUATE_STOPPED_ACTUAL_LRP,
                EvacuateStoppedActualLRPRequest.getDefaultInstance(),
                RELEASE,
                (request, problems) -> RequestRules.keys(
                        request.hasActualLrpKey(),
                        request.getActualLrpKey(),
                        request.hasActualLrpInstanceKey(),
                        request.getActualLrpInstanceKey(),
                        problems),
                (request, trace) -> {
                    evacuation.stopped(request.getActualLrpKey(), request.getActualLrpInstanceKey());
                    return RELEASE;
                });
        routes.add(
                BbsRoute.EVACUATE_CRASHED_ACTUAL_LRP,
                EvacuateCrashedActualLRPRequest.getDefaultInstance(),
                RELEASE,
                RequestRules::evacuateCrashed,
                (request, trace) -> {
                    evacuation.crashed(
                            request.getActualLrpKey(), request.getActualLrpInstanceKey(), request.getErrorMessage());
                    return RELEASE;
                });
        routes.add(
                BbsRoute.EVACUATE_RUNNING_ACTUAL_LRP_R1,
                EvacuateRunningActualLRPRequest.getDefaultInstance(),
                KEEP,
                RequestRules::evacuateRunning,
                (request, trace) -> running(request));
        routes.add(
                BbsRoute.EVACUATE_RUNNING_ACTUAL_LRP,
                EvacuateRunningActualLRPRequest.getDefaultInstance(),
                KEEP,
                RequestRules::evacuateRunning,
                (request, trace) -> running(request.toBuilder()
                        .clearActualLrpInternalRoutes()
                        .clearMetricTags()
                        .build()));
        routes.add(
                BbsRoute.REMOVE_EVACUATING_ACTUAL_LRP,
                RemoveEvacuatingActualLRPRequest.getDefaultInstance(),
                RemoveEvacuatingActualLRPResponse.getDefaultInstance(),
                (request, problems) -> RequestRules.keys(
                        request.hasActualLrpKey(),
                        request.getActualLrpKey(),
                        request.hasActualLrpInstanceKey(),
                        request.getActualLrpInstanceKey(),
                        problems),
                (request, trace) -> {
                    evacuation.removeEvacuating(request.getActualLrpKey(), request.getActualLrpInstanceKey());
                    return RemoveEvacuatingActualLRPResponse.getDefaultInstance();
                });
    }

    private EvacuationResponse claimed(EvacuateClaimedActualLRPRequest request) {
        try {
            evacuation.claimed(request.getActualLrpKey(), request.getActualLrpInstanceKey());
            return RELEASE;
        } catch (Refusal e) {
            // The instance is no longer claimed by this cell: nothing is lost by letting the container go.
            return EvacuationResponse.newBuilder().setError(e.toMessage()).build();
        }
    }

    private EvacuationResponse running(EvacuateRunningActualLRPRequest request) {
        boolean routable = !request.hasRoutable() || request.getRoutable();
        boolean keep =
                evacuation.running(request.toBuilder().setRoutable(routable).build());
        return keep ? KEEP : RELEASE;
    }
}
