package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.STATE;
import static org.cupola.cloudcontroller.Columns.flag;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.integer;
import static org.cupola.cloudcontroller.Columns.number;

import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/** Deployments, as stored. Blocking; any thread. */
final class DeploymentRepository {
    static final Table<?> DEPLOYMENTS = Columns.table("deployments");
    static final Field<String> DROPLET_GUID = guid("droplet_guid");
    static final Field<String> PREVIOUS_DROPLET_GUID = guid("previous_droplet_guid");
    static final Field<Integer> MAX_IN_FLIGHT = integer("max_in_flight");
    static final Field<Integer> TARGET_INSTANCES = integer("target_instances");
    static final Field<String> NEW_PROCESS_GUID = guid("new_process_guid");
    static final Field<Boolean> SUPERSEDED = flag("superseded");
    static final Field<Long> STATUS_CHANGED_AT = number("status_changed_at");
    static final Field<Long> LAST_HEALTHY_AT = number("last_healthy_at");
    static final Condition ACTIVE = STATE.in(Deployment.State.DEPLOYING.name(), Deployment.State.CANCELING.name());

    final ResourceTable<Deployment> table = new ResourceTable<>(DEPLOYMENTS, DeploymentRepository::toDeployment);

    void insert(DSLContext dsl, Deployment deployment) {
        table.insert(dsl, deployment.stamp())
                .set(APP_GUID, deployment.appGuid())
                .set(STATE, deployment.state().name())
                .set(DROPLET_GUID, deployment.dropletGuid())
                .set(PREVIOUS_DROPLET_GUID, deployment.previousDropletGuid())
                .set(MAX_IN_FLIGHT, deployment.maxInFlight())
                .set(TARGET_INSTANCES, deployment.targetInstances())
                .set(NEW_PROCESS_GUID, deployment.newProcessGuid())
                .set(SUPERSEDED, deployment.superseded())
                .set(STATUS_CHANGED_AT, deployment.statusChangedAt())
                .set(LAST_HEALTHY_AT, deployment.lastHealthyAt())
                .execute();
    }

    void setState(DSLContext dsl, String guid, Deployment.State state, boolean superseded, long now) {
        table.update(dsl, now)
                .set(STATE, state.name())
                .set(SUPERSEDED, superseded)
                .set(STATUS_CHANGED_AT, now)
                .where(GUID.eq(guid))
                .execute();
    }

    void healthy(DSLContext dsl, String guid, long now) {
        table.update(dsl, now).set(LAST_HEALTHY_AT, now).where(GUID.eq(guid)).execute();
    }

    Optional<Deployment> activeOf(DSLContext dsl, String appGuid) {
        return table.newestWhere(dsl, APP_GUID.eq(appGuid).and(ACTIVE));
    }

    List<Deployment> active(DSLContext dsl) {
        return table.all(dsl, ACTIVE);
    }

    private static Deployment toDeployment(Record row) {
        return new Deployment(
                ResourceTable.stamp(row),
                row.get(APP_GUID),
                Deployment.State.valueOf(row.get(STATE)),
                row.get(DROPLET_GUID),
                row.get(PREVIOUS_DROPLET_GUID),
                row.get(MAX_IN_FLIGHT),
                row.get(TARGET_INSTANCES),
                row.get(NEW_PROCESS_GUID),
                row.get(SUPERSEDED),
                row.get(STATUS_CHANGED_AT),
                row.get(LAST_HEALTHY_AT));
    }
}
