package org.cupola.bbs;

import java.util.function.UnaryOperator;
import org.cupola.protocol.bbs.BbsRoute;
import org.cupola.protocol.bbs.proto.DesireLRPRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPByProcessGuidRequest;
import org.cupola.protocol.bbs.proto.DesiredLRPLifecycleResponse;
import org.cupola.protocol.bbs.proto.DesiredLRPResponse;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfoByProcessGuidResponse;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfosResponse;
import org.cupola.protocol.bbs.proto.DesiredLRPsRequest;
import org.cupola.protocol.bbs.proto.DesiredLRPsResponse;
import org.cupola.protocol.bbs.proto.RemoveDesiredLRPRequest;
import org.cupola.protocol.bbs.proto.UpdateDesiredLRPRequest;

/** The calls about desired LRPs. */
final class DesiredLrpRoutes {
    private static final DesiredLRPLifecycleResponse DONE = DesiredLRPLifecycleResponse.getDefaultInstance();

    private final Stores stores;
    private final DesiredLrpController desired;

    DesiredLrpRoutes(Stores stores, DesiredLrpController desired) {
        this.stores = stores;
        this.desired = desired;
    }

    void register(RpcRoutes routes) {
        list(routes, BbsRoute.DESIRED_LRPS_R3, UnaryOperator.identity());
        list(routes, BbsRoute.DESIRED_LRPS_R2, Downgrades::withoutLayers);
        get(routes, BbsRoute.DESIRED_LRP_BY_PROCESS_GUID_R3, UnaryOperator.identity());
        get(routes, BbsRoute.DESIRED_LRP_BY_PROCESS_GUID_R2, Downgrades::withoutLayers);
        infos(routes);
        lifecycle(routes);
    }

    private void list(RpcRoutes routes, BbsRoute route, UnaryOperator<DesiredLRP> revision) {
        routes.add(
                route,
                DesiredLRPsRequest.getDefaultInstance(),
                DesiredLRPsResponse.getDefaultInstance(),
                (request, problems) -> {},
                (request, trace) -> DesiredLRPsResponse.newBuilder()
                        .addAllDesiredLrps(
                                stores.database().read(dsl -> stores.desired().list(dsl, request)).stream()
                                        .map(revision)
                                        .toList())
                        .build());
    }

    private void get(RpcRoutes routes, BbsRoute route, UnaryOperator<DesiredLRP> revision) {
        routes.add(
                route,
                DesiredLRPByProcessGuidRequest.getDefaultInstance(),
                DesiredLRPResponse.getDefaultInstance(),
                (request, problems) -> problems.required(request.getProcessGuid(), "process_guid"),
                (request, trace) -> DesiredLRPResponse.newBuilder()
                        .setDesiredLrp(stores.database()
                                .read(dsl -> stores.desired().find(dsl, request.getProcessGuid()))
                                .map(revision)
                                .orElseThrow(Refusal::notFound))
                        .build());
    }

    private void infos(RpcRoutes routes) {
        routes.add(
                BbsRoute.DESIRED_LRP_SCHEDULING_INFOS,
                DesiredLRPsRequest.getDefaultInstance(),
                DesiredLRPSchedulingInfosResponse.getDefaultInstance(),
                (request, problems) -> {},
                (request, trace) -> DesiredLRPSchedulingInfosResponse.newBuilder()
                        .addAllDesiredLrpSchedulingInfos(
                                stores.database().read(dsl -> stores.desired().schedulingInfos(dsl, request)))
                        .build());
        routes.add(
                BbsRoute.DESIRED_LRP_SCHEDULING_INFO_BY_PROCESS_GUID,
                DesiredLRPByProcessGuidRequest.getDefaultInstance(),
                DesiredLRPSchedulingInfoByProcessGuidResponse.getDefaultInstance(),
                (request, problems) -> problems.required(request.getProcessGuid(), "process_guid"),
                (request, trace) -> DesiredLRPSchedulingInfoByProcessGuidResponse.newBuilder()
                        .setDesiredLrpSchedulingInfo(stores.database()
                                .read(dsl -> stores.desired().schedulingInfo(dsl, request.getProcessGuid()))
                                .orElseThrow(Refusal::notFound))
                        .build());
        routes.add(
                BbsRoute.DESIRED_LRP_ROUTING_INFOS,
                DesiredLRPsRequest.getDefaultInstance(),
                DesiredLRPsResponse.getDefaultInstance(),
                (request, problems) -> {},
                (request, trace) -> DesiredLRPsResponse.newBuilder()
                        .addAllDesiredLrps(
                                stores.database().read(dsl -> stores.desired().routingInfos(dsl, request)))
                        .build());
    }

    private void lifecycle(RpcRoutes routes) {
        routes.add(
                BbsRoute.DESIRE_DESIRED_LRP_R2,
                DesireLRPRequest.getDefaultInstance(),
                DONE,
                DesiredLrpRules::desire,
                (request, trace) -> {
                    desired.desire(request.getDesiredLrp(), trace);
                    return DONE;
                });
        routes.add(
                BbsRoute.UPDATE_DESIRED_LRP,
                UpdateDesiredLRPRequest.getDefaultInstance(),
                DONE,
                DesiredLrpRules::update,
                (request, trace) -> {
                    desired.update(request.getProcessGuid(), request.getUpdate(), trace);
                    return DONE;
                });
        routes.add(
                BbsRoute.REMOVE_DESIRED_LRP,
                RemoveDesiredLRPRequest.getDefaultInstance(),
                DONE,
                (request, problems) -> problems.required(request.getProcessGuid(), "process_guid"),
                (request, trace) -> {
                    desired.remove(request.getProcessGuid(), trace);
                    return DONE;
                });
    }
}
