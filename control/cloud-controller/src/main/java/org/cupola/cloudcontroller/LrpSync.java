package org.cupola.cloudcontroller;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfo;
import org.cupola.protocol.bbs.proto.DesiredLRPsRequest;
import org.cupola.protocol.bbs.proto.Error;
import org.jooq.DSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the BBS want what the database wants.
 *
 * <p>Level-triggered: whoever changes something about a process names it after the commit, and what the database says
 * then is applied, under a lock per process, so that the last change wins in whichever order requests end. A BBS that is away
 * costs the request nothing but its time: {@link #everything} repairs what was missed. Blocking; any thread.
 */
final class LrpSync {
    private static final Logger log = LoggerFactory.getLogger(LrpSync.class);
    private static final Duration DOMAIN_TTL = Duration.ofMinutes(2);
    private static final int STRIPES = 64;

    private final Store store;
    private final RunnableProcesses processes;
    private final LrpBuilder builder;
    private final EgressRules egress;
    private final Optional<BbsClient> bbs;
    private final Runnable onFailure;
    private final List<ReentrantLock> locks =
            IntStream.range(0, STRIPES).mapToObj(_ -> new ReentrantLock()).toList();

    /** @param onFailure called when a change did not reach the BBS, so that a full synchronization may come sooner */
    LrpSync(Store store, LrpBuilder builder, Optional<BbsClient> bbs, Runnable onFailure) {
        this.store = store;
        this.processes = new RunnableProcesses(store);
        this.builder = builder;
        this.egress = new EgressRules(store);
        this.bbs = bbs;
        this.onFailure = onFailure;
    }

    /** Marks the processes that the routes lead to as changed, and says which they are. Inside the transaction. */
    List<String> touchRoutes(DSLContext dsl, Collection<String> routeGuids) {
        if (routeGuids.isEmpty()) {
            return List.of();
        }
        Set<String> guids = new TreeSet<>();
        Set<String> seen = new TreeSet<>();
        for (Destination destination : store.destinations.all(dsl, DestinationRepository.ROUTE_GUID.in(routeGuids))) {
            String type = destination.processType();
            if (seen.add(destination.appGuid() + "/" + type)) {
                store.processes.touch(dsl, destination.appGuid(), type, store.stamps.micros());
                store.processes.ofApp(dsl, destination.appGuid()).stream()
                        .filter(process -> process.type().equals(type))
                        .forEach(process -> guids.add(process.guid()));
            }
        }
        return List.copyOf(guids);
    }

    /** Applies what the database says about these processes now. */
    void sync(Collection<String> processGuids) {
        if (bbs.isPresent()) {
            Set.copyOf(processGuids).forEach(guid -> locked(guid, () -> apply(bbs.get(), guid)));
        }
    }

    /** Ends versions that the database does not know any more. */
    void remove(Collection<String> lrpGuids) {
        if (bbs.isPresent()) {
            for (String lrpGuid : lrpGuids) {
                locked(lrpGuid.substring(0, 36), () -> remove(bbs.get(), lrpGuid));
            }
        }
    }

    /** What the BBS is asked to do; its errors are for the next synchronization. */
    @FunctionalInterface
    private interface Change {
        void run() throws BbsException;
    }

    private void locked(String processGuid, Change change) {
        ReentrantLock lock = locks.get(Math.floorMod(processGuid.hashCode(), STRIPES));
        lock.lock();
        try {
            change.run();
        } catch (BbsException e) {
            log.atWarn()
                    .addKeyValue("process", processGuid)
                    .addKeyValue("error", e.getMessage())
                    .log("bbs-change-failed");
            onFailure.run();
        } finally {
            lock.unlock();
        }
    }

    private void apply(BbsClient client, String processGuid) throws BbsException {
        Optional<RunnableProcess> wanted = store.database.read(
                dsl -> processes.of(dsl, List.of(processGuid)).stream().findFirst());
        if (wanted.isPresent()) {
            desireOrUpdate(client, wanted.get());
            return;
        }
        Optional<ProcessRow> stopped = store.database.read(dsl -> store.processes.table.find(dsl, processGuid));
        if (stopped.isPresent()) {
            remove(client, stopped.get().lrpGuid());
        }
    }

    private void desireOrUpdate(BbsClient client, RunnableProcess wanted) throws BbsException {
        try {
            client.desired().update(wanted.process().lrpGuid(), LrpBuilder.update(wanted));
        } catch (BbsException e) {
            if (!e.isNotFound()) {
                throw e;
            }
            desire(client, wanted);
        }
    }

    private void desire(BbsClient client, RunnableProcess wanted) throws BbsException {
        DesiredLRP lrp = store.database.read(dsl -> builder.build(
                wanted,
                store.environmentGroups.find(dsl, EnvironmentGroups.RUNNING).variables(),
                egress.running(dsl, wanted.space().guid())));
        try {
            client.desired().desire(lrp);
        } catch (BbsException e) {
            if (!e.is(Error.Type.ResourceExists)) {
                throw e;
            }
            client.desired().update(lrp.getProcessGuid(), LrpBuilder.update(wanted));
        }
        log.atInfo()
                .addKeyValue("process", lrp.getProcessGuid())
                .addKeyValue("instances", lrp.getInstances())
                .log("lrp-desired");
    }

    private static void remove(BbsClient client, String lrpGuid) throws BbsException {
        try {
            client.desired().remove(lrpGuid);
            log.atInfo().addKeyValue("process", lrpGuid).log("lrp-removed");
        } catch (BbsException e) {
            if (!e.isNotFound()) {
                throw e;
            }
        }
    }

    /**
     * Compares all that is wanted with all that the BBS has, repairs the difference and, when nothing went wrong, tells the BBS
     * that it may trust its list for a while.
     *
     * @return whether nothing went wrong
     */
    boolean everything() throws BbsException {
        if (bbs.isEmpty()) {
            return true;
        }
        BbsClient client = bbs.get();
        Map<String, DesiredLRPSchedulingInfo> present = new HashMap<>();
        client.desired()
                .schedulingInfos(DesiredLRPsRequest.newBuilder()
                        .setDomain(LrpBuilder.DOMAIN)
                        .build())
                .forEach(info -> present.put(info.getDesiredLrpKey().getProcessGuid(), info));
        List<String> toApply = new ArrayList<>();
        for (RunnableProcess wanted : store.database.read(processes::all)) {
            DesiredLRPSchedulingInfo info = present.remove(wanted.process().lrpGuid());
            if (info == null || differs(info, wanted)) {
                toApply.add(wanted.process().guid());
            }
        }
        boolean good = true;
        for (String guid : toApply) {
            good &= repaired(guid, () -> apply(client, guid));
        }
        for (String lrpGuid : present.keySet()) {
            good &= repaired(lrpGuid, () -> removeUnlessWanted(client, lrpGuid));
        }
        if (good) {
            client.upsertDomain(LrpBuilder.DOMAIN, DOMAIN_TTL);
        }
        return good;
    }

    private static boolean differs(DesiredLRPSchedulingInfo info, RunnableProcess wanted) {
        return !info.getAnnotation().equals(wanted.annotation())
                || info.getInstances() != wanted.process().instances();
    }

    /** What became wanted since the list was read stays. */
    private void removeUnlessWanted(BbsClient client, String lrpGuid) throws BbsException {
        boolean wanted = lrpGuid.length() > 36
                && store.database.read(dsl -> processes.of(dsl, List.of(lrpGuid.substring(0, 36)))).stream()
                        .anyMatch(process -> process.process().lrpGuid().equals(lrpGuid));
        if (!wanted) {
            remove(client, lrpGuid);
        }
    }

    private boolean repaired(String guid, Change change) {
        ReentrantLock lock = locks.get(Math.floorMod(
                guid.substring(0, Math.min(36, guid.length())).hashCode(), STRIPES));
        lock.lock();
        try {
            change.run();
            return true;
        } catch (BbsException e) {
            log.atWarn()
                    .addKeyValue("process", guid)
                    .addKeyValue("error", e.getMessage())
                    .log("bbs-repair-failed");
            return e.isNotFound() || e.is(Error.Type.ResourceExists) || e.is(Error.Type.InvalidRequest);
        } finally {
            lock.unlock();
        }
    }

    /** The processes of an app, for {@link #sync}. */
    List<String> processesOf(DSLContext dsl, String appGuid) {
        return store.processes.ofApp(dsl, appGuid).stream()
                .map(ProcessRow::guid)
                .toList();
    }
}
