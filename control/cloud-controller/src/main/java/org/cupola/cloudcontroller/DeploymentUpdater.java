package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.jooq.DSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves deployments on: whenever all new instances are well, as many old ones may go, and a few more new ones are started. There
 * are never fewer well instances than wanted, and never more than the wanted number and {@code max_in_flight}. Confined to one
 * thread.
 */
final class DeploymentUpdater {
    private static final Logger log = LoggerFactory.getLogger(DeploymentUpdater.class);

    private final Store store;
    private final LrpSync lrps;
    private final LrpInstances instances;
    private final AppActions actions;

    DeploymentUpdater(Api api, LrpInstances instances, AppActions actions) {
        this.store = api.store();
        this.lrps = api.lrps();
        this.instances = instances;
        this.actions = actions;
    }

    /** One step of each active deployment; says whether there were any. */
    boolean step() {
        List<Deployment> active = store.database.read(store.deployments::active);
        for (Deployment deployment : active) {
            try {
                if (deployment.state() == Deployment.State.CANCELING) {
                    cancel(deployment);
                } else {
                    advance(deployment);
                }
            } catch (RuntimeException e) {
                // One app's trouble must not hold up the deployments of others.
                log.atError()
                        .addKeyValue("deployment", deployment.guid())
                        .setCause(e)
                        .log("deployment-step-failed");
            }
        }
        return !active.isEmpty();
    }

    private void advance(Deployment deployment) {
        Optional<ProcessRow> fresh = newProcess(deployment);
        if (fresh.isEmpty()) {
            store.database.writeVoid(dsl -> store.deployments.setState(
                    dsl, deployment.guid(), Deployment.State.CANCELED, false, store.stamps.micros()));
            return;
        }
        if (!allWell(fresh.get())) {
            return;
        }
        if (fresh.get().instances() >= deployment.targetInstances()) {
            finish(deployment, fresh.get());
            return;
        }
        int next = Math.min(deployment.targetInstances(), fresh.get().instances() + deployment.maxInFlight());
        int old = Math.max(0, deployment.targetInstances() - fresh.get().instances());
        store.database.writeVoid(dsl -> {
            shrinkOld(dsl, deployment, old);
            resize(dsl, fresh.get(), next);
            store.deployments.healthy(dsl, deployment.guid(), store.stamps.micros());
        });
        lrps.sync(store.database.read(dsl -> lrps.processesOf(dsl, deployment.appGuid())));
    }

    private Optional<ProcessRow> newProcess(Deployment deployment) {
        String guid = deployment.newProcessGuid();
        return guid == null ? Optional.empty() : store.database.read(dsl -> store.processes.table.find(dsl, guid));
    }

    /** An instance whose routability the BBS does not tell counts as routable. */
    private boolean allWell(ProcessRow process) {
        Map<Integer, ActualLRP> actual = instances.of(process.lrpGuid());
        return IntStream.range(0, process.instances()).allMatch(index -> {
            ActualLRP lrp = actual.get(index);
            return lrp != null && lrp.getState().equals("RUNNING") && (!lrp.hasRoutable() || lrp.getRoutable());
        });
    }

    private List<ProcessRow> oldProcesses(DSLContext dsl, Deployment deployment) {
        return store.processes.ofApp(dsl, deployment.appGuid()).stream()
                .filter(process -> process.web() && !process.guid().equals(deployment.newProcessGuid()))
                .sorted(Comparator.comparingLong(process -> process.stamp().createdAt()))
                .toList();
    }

    /** The oldest go first. */
    private void shrinkOld(DSLContext dsl, Deployment deployment, int total) {
        List<ProcessRow> old = oldProcesses(dsl, deployment);
        int surplus = old.stream().mapToInt(ProcessRow::instances).sum() - total;
        for (ProcessRow process : old) {
            int less = Math.min(process.instances(), Math.max(0, surplus));
            if (less > 0) {
                resize(dsl, process, process.instances() - less);
                surplus -= less;
            }
        }
    }

    private void resize(DSLContext dsl, ProcessRow process, int count) {
        store.processes.update(
                dsl,
                ProcessChanges.sized(process, count, process.memoryMb(), process.diskMb(), process.logRate()),
                store.stamps.micros());
    }

    private void finish(Deployment deployment, ProcessRow fresh) {
        List<String> obsolete = new ArrayList<>();
        store.database.writeVoid(dsl -> {
            obsolete.clear();
            for (ProcessRow process : oldProcesses(dsl, deployment)) {
                obsolete.add(process.lrpGuid());
                store.metadata.delete(dsl, List.of(process.guid()));
                store.processes.table.delete(dsl, GUID.eq(process.guid()));
            }
            for (ProcessRow process : store.processes.ofApp(dsl, deployment.appGuid())) {
                if (!process.guid().equals(fresh.guid())) {
                    obsolete.add(process.lrpGuid());
                    store.processes.setVersion(
                            dsl, process.guid(), UUID.randomUUID().toString(), store.stamps.micros());
                }
            }
            store.deployments.setState(dsl, deployment.guid(), Deployment.State.DEPLOYED, false, store.stamps.micros());
        });
        lrps.remove(obsolete);
        lrps.sync(store.database.read(dsl -> lrps.processesOf(dsl, deployment.appGuid())));
        log.atInfo()
                .addKeyValue("deployment", deployment.guid())
                .addKeyValue("app", deployment.appGuid())
                .log("deployment-finished");
    }

    private void cancel(Deployment deployment) {
        List<String> obsolete = new ArrayList<>();
        store.database.writeVoid(dsl -> {
            obsolete.clear();
            List<ProcessRow> old = oldProcesses(dsl, deployment);
            String fresh = deployment.newProcessGuid();
            if (fresh != null && !old.isEmpty()) {
                store.processes.table.find(dsl, fresh).ifPresent(process -> {
                    obsolete.add(process.lrpGuid());
                    store.processes.table.delete(dsl, GUID.eq(fresh));
                });
                resize(dsl, old.getLast(), deployment.targetInstances());
                old.subList(0, old.size() - 1).forEach(process -> {
                    obsolete.add(process.lrpGuid());
                    store.processes.table.delete(dsl, GUID.eq(process.guid()));
                });
            }
            restoreDroplet(dsl, deployment);
            store.deployments.setState(dsl, deployment.guid(), Deployment.State.CANCELED, false, store.stamps.micros());
        });
        lrps.sync(store.database.read(dsl -> lrps.processesOf(dsl, deployment.appGuid())));
        lrps.remove(obsolete);
    }

    private void restoreDroplet(DSLContext dsl, Deployment deployment) {
        String previous = deployment.previousDropletGuid();
        Optional<App> app = store.apps.table.find(dsl, deployment.appGuid());
        if (previous != null
                && app.isPresent()
                && store.droplets.table.find(dsl, previous).isPresent()) {
            Space space = store.spaces.table.find(dsl, app.get().spaceGuid()).orElseThrow();
            actions.assignDroplet(dsl, Caller.SYSTEM, space, app.get(), previous);
        }
    }
}
