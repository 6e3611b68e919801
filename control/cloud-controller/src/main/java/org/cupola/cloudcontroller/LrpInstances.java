package org.cupola.cloudcontroller;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;

/** What of a process runs now, as the BBS knows it. Blocking; any thread. */
final class LrpInstances {
    private static final int BATCH = 200;

    private final Optional<BbsClient> bbs;

    LrpInstances(Optional<BbsClient> bbs) {
        this.bbs = bbs;
    }

    /** By index; of several instances of one index the newest counts. */
    Map<Integer, ActualLRP> of(String lrpGuid) {
        if (bbs.isEmpty()) {
            return Map.of();
        }
        try {
            return byIndex(bbs.get()
                    .actual()
                    .list(ActualLRPsRequest.newBuilder().setProcessGuid(lrpGuid).build()));
        } catch (BbsException e) {
            throw unavailable(e);
        }
    }

    Map<String, Map<Integer, ActualLRP>> of(Collection<String> lrpGuids) {
        Map<String, List<ActualLRP>> found = new HashMap<>();
        List<String> guids = List.copyOf(lrpGuids);
        try {
            for (int from = 0; from < guids.size() && bbs.isPresent(); from += BATCH) {
                bbs.get()
                        .actual()
                        .listByProcessGuids(guids.subList(from, Math.min(guids.size(), from + BATCH)))
                        .forEach(lrp -> found.computeIfAbsent(
                                        lrp.getActualLrpKey().getProcessGuid(), _ -> new ArrayList<>())
                                .add(lrp));
            }
        } catch (BbsException e) {
            throw unavailable(e);
        }
        Map<String, Map<Integer, ActualLRP>> instances = new HashMap<>();
        found.forEach((guid, lrps) -> instances.put(guid, byIndex(lrps)));
        return instances;
    }

    private static Map<Integer, ActualLRP> byIndex(List<ActualLRP> lrps) {
        Map<Integer, ActualLRP> newest = new TreeMap<>();
        lrps.forEach(lrp -> newest.merge(
                lrp.getActualLrpKey().getIndex(),
                lrp,
                (one, other) -> one.getSince() >= other.getSince() ? one : other));
        return newest;
    }

    /** Stops one instance; the BBS starts another in its place. */
    void retire(String lrpGuid, int index) {
        if (bbs.isEmpty()) {
            throw ApiException.notFound("Instance");
        }
        try {
            bbs.get()
                    .actual()
                    .retire(ActualLRPKey.newBuilder()
                            .setProcessGuid(lrpGuid)
                            .setIndex(index)
                            .setDomain(LrpBuilder.DOMAIN)
                            .build());
        } catch (BbsException e) {
            if (e.isNotFound()) {
                ApiException notFound = ApiException.notFound("Instance");
                notFound.initCause(e);
                throw notFound;
            }
            throw unavailable(e);
        }
    }

    private static ApiException unavailable(BbsException cause) {
        ApiException unavailable = ApiException.instancesUnavailable(String.valueOf(cause.getMessage()));
        unavailable.initCause(cause);
        return unavailable;
    }

    /** The API's word for an instance's state. */
    static String state(ActualLRP lrp) {
        return switch (lrp.getState()) {
            case "RUNNING" -> "RUNNING";
            case "CLAIMED" -> "STARTING";
            case "UNCLAIMED" -> lrp.getPlacementError().isEmpty() ? "STARTING" : "DOWN";
            case "CRASHED" -> "CRASHED";
            default -> "UNKNOWN";
        };
    }
}
