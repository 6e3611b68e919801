package org.cupola.bbs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.cupola.protocol.bbs.BbsRoute;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPGroup;
import org.cupola.protocol.bbs.proto.ActualLRPGroupByProcessGuidAndIndexRequest;
import org.cupola.protocol.bbs.proto.ActualLRPGroupResponse;
import org.cupola.protocol.bbs.proto.ActualLRPGroupsByProcessGuidRequest;
import org.cupola.protocol.bbs.proto.ActualLRPGroupsRequest;
import org.cupola.protocol.bbs.proto.ActualLRPGroupsResponse;
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

/** The calls about instances: lists, groups, and what cells report. */
final class LrpRoutes {
    private static final ActualLRPLifecycleResponse DONE = ActualLRPLifecycleResponse.getDefaultInstance();

    private final Stores stores;
    private final ActualLrpController actual;

    LrpRoutes(Stores stores, ActualLrpController actual) {
        this.stores = stores;
        this.actual = actual;
    }

    void register(RpcRoutes routes) {
        lists(routes);
        groups(routes);
        lifecycle(routes);
    }

    private void lists(RpcRoutes routes) {
        routes.add(
                BbsRoute.ACTUAL_LRPS,
                ActualLRPsRequest.getDefaultInstance(),
                ActualLRPsResponse.getDefaultInstance(),
                (request, problems) -> {},
                (request, trace) -> ActualLRPsResponse.newBuilder()
                        .addAllActualLrps(list(request))
                        .build());
        routes.add(
                BbsRoute.ACTUAL_LRPS_BY_PROCESS_GUIDS,
                ActualLRPsByProcessGuidsRequest.getDefaultInstance(),
                ActualLRPsByProcessGuidsResponse.getDefaultInstance(),
                RequestRules::byProcessGuids,
                (request, trace) -> ActualLRPsByProcessGuidsResponse.newBuilder()
                        .addAllActualLrps(stores.database()
                                .read(dsl -> stores.actual().ofProcesses(dsl, request.getProcessGuidsList())))
                        .build());
    }

    private List<ActualLRP> list(ActualLRPsRequest filter) {
        return stores.database().read(dsl -> stores.actual().list(dsl, filter));
    }

    private void groups(RpcRoutes routes) {
        routes.add(
                BbsRoute.ACTUAL_LRP_GROUPS,
                ActualLRPGroupsRequest.getDefaultInstance(),
                ActualLRPGroupsResponse.getDefaultInstance(),
                (request, problems) -> {},
                (request, trace) -> response(list(ActualLRPsRequest.newBuilder()
                        .setDomain(request.getDomain())
                        .setCellId(request.getCellId())
                        .build())));
        routes.add(
                BbsRoute.ACTUAL_LRP_GROUPS_BY_PROCESS_GUID,
                ActualLRPGroupsByProcessGuidRequest.getDefaultInstance(),
                ActualLRPGroupsResponse.getDefaultInstance(),
                (request, problems) -> problems.required(request.getProcessGuid(), "process_guid"),
                (request, trace) -> response(list(ActualLRPsRequest.newBuilder()
                        .setProcessGuid(request.getProcessGuid())
                        .build())));
        routes.add(
                BbsRoute.ACTUAL_LRP_GROUP_BY_PROCESS_GUID_AND_INDEX,
                ActualLRPGroupByProcessGuidAndIndexRequest.getDefaultInstance(),
                ActualLRPGroupResponse.getDefaultInstance(),
                (request, problems) -> {
                    problems.required(request.getProcessGuid(), "process_guid");
                    problems.notNegative(request.getIndex(), "index");
                },
                (request, trace) -> {
                    List<ActualLRPGroup> found = group(list(ActualLRPsRequest.newBuilder()
                            .setProcessGuid(request.getProcessGuid())
                            .setIndex(request.getIndex())
                            .build()));
                    if (found.isEmpty()) {
                        throw Refusal.notFound();
                    }
                    return ActualLRPGroupResponse.newBuilder()
                            .setActualLrpGroup(found.getFirst())
                            .build();
                });
    }

    private static ActualLRPGroupsResponse response(Collection<ActualLRP> rows) {
        return ActualLRPGroupsResponse.newBuilder()
                .addAllActualLrpGroups(group(rows))
                .build();
    }

    private static List<ActualLRPGroup> group(Collection<ActualLRP> rows) {
        Map<String, Map<Integer, IndexRows>> byKey = new TreeMap<>();
        rows.forEach(row -> byKey.computeIfAbsent(row.getActualLrpKey().getProcessGuid(), guid -> new TreeMap<>())
                .merge(row.getActualLrpKey().getIndex(), IndexRows.NONE.with(row), (known, other) -> known.with(row)));
        List<ActualLRPGroup> groups = new ArrayList<>();
        byKey.values()
                .forEach(indices ->
                        indices.values().forEach(index -> Groups.of(index).ifPresent(groups::add)));
        return groups;
    }

    private void lifecycle(RpcRoutes routes) {
        routes.add(
                BbsRoute.CLAIM_ACTUAL_LRP,
                ClaimActualLRPRequest.getDefaultInstance(),
                DONE,
                RequestRules::claim,
                (request, trace) -> {
                    actual.claim(request.getProcessGuid(), request.getIndex(), request.getActualLrpInstanceKey());
                    return DONE;
                });
        routes.add(
                BbsRoute.START_ACTUAL_LRP_R1,
                StartActualLRPRequest.getDefaultInstance(),
                DONE,
                RequestRules::start,
                (request, trace) -> start(request));
        routes.add(
                BbsRoute.START_ACTUAL_LRP,
                StartActualLRPRequest.getDefaultInstance(),
                DONE,
                RequestRules::start,
                (request, trace) -> start(request.toBuilder()
                        .clearActualLrpInternalRoutes()
                        .clearMetricTags()
                        .build()));
        routes.add(
                BbsRoute.CRASH_ACTUAL_LRP,
                CrashActualLRPRequest.getDefaultInstance(),
                DONE,
                RequestRules::crash,
                (request, trace) -> {
                    actual.crash(
                            request.getActualLrpKey(), request.getActualLrpInstanceKey(), request.getErrorMessage());
                    return DONE;
                });
        routes.add(
                BbsRoute.FAIL_ACTUAL_LRP,
                FailActualLRPRequest.getDefaultInstance(),
                DONE,
                RequestRules::fail,
                (request, trace) -> {
                    actual.fail(request.getActualLrpKey(), request.getErrorMessage());
                    return DONE;
                });
        routes.add(
                BbsRoute.REMOVE_ACTUAL_LRP,
                RemoveActualLRPRequest.getDefaultInstance(),
                DONE,
                RequestRules::remove,
                (request, trace) -> {
                    actual.remove(
                            request.getProcessGuid(),
                            request.getIndex(),
                            request.hasActualLrpInstanceKey() ? request.getActualLrpInstanceKey() : null);
                    return DONE;
                });
        routes.add(
                BbsRoute.RETIRE_ACTUAL_LRP,
                RetireActualLRPRequest.getDefaultInstance(),
                DONE,
                RequestRules::retire,
                (request, trace) -> {
                    actual.retire(request.getActualLrpKey(), trace);
                    return DONE;
                });
    }

    private ActualLRPLifecycleResponse start(StartActualLRPRequest request) {
        boolean routable = !request.hasRoutable() || request.getRoutable();
        actual.start(request.toBuilder().setRoutable(routable).build());
        return DONE;
    }
}
