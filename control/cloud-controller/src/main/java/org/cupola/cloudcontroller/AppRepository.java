package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;
import static org.cupola.cloudcontroller.Columns.flag;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.text;

import java.util.Map;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/** Apps, as stored. Blocking; any thread. */
final class AppRepository {
    static final Table<?> APPS = Columns.table("apps");
    static final Field<Boolean> STARTED = flag("started");
    static final Field<String> LIFECYCLE_TYPE = guid("lifecycle_type");
    static final Field<String> BUILDPACKS = text("buildpacks");
    static final Field<String> STACK = guid("stack");
    static final Field<String> DROPLET_GUID = guid("droplet_guid");
    static final Field<Boolean> SSH_ENABLED = flag("ssh_enabled");
    static final Field<Boolean> REVISIONS_ENABLED = flag("revisions_enabled");
    static final Field<String> ENVIRONMENT = text("environment");

    final ResourceTable<App> table = new ResourceTable<>(APPS, AppRepository::toApp);

    void insert(DSLContext dsl, App app) {
        table.insert(dsl, app.stamp())
                .set(NAME, app.name())
                .set(SPACE_GUID, app.spaceGuid())
                .set(STARTED, app.started())
                .set(LIFECYCLE_TYPE, app.lifecycle().type())
                .set(BUILDPACKS, Stored.list(app.lifecycle().buildpacks()))
                .set(STACK, app.lifecycle().stack())
                .set(DROPLET_GUID, app.dropletGuid())
                .set(SSH_ENABLED, app.sshEnabled())
                .set(REVISIONS_ENABLED, app.revisionsEnabled())
                .set(ENVIRONMENT, Stored.map(app.environment()))
                .execute();
    }

    Optional<App> named(DSLContext dsl, String spaceGuid, String name) {
        return table.findWhere(dsl, SPACE_GUID.eq(spaceGuid).and(NAME.eq(name)));
    }

    void rename(DSLContext dsl, String guid, String name, long now) {
        table.update(dsl, now).set(NAME, name).where(GUID.eq(guid)).execute();
    }

    void setLifecycle(DSLContext dsl, String guid, App.Lifecycle lifecycle, long now) {
        table.update(dsl, now)
                .set(BUILDPACKS, Stored.list(lifecycle.buildpacks()))
                .set(STACK, lifecycle.stack())
                .where(GUID.eq(guid))
                .execute();
    }

    void setStarted(DSLContext dsl, String guid, boolean started, long now) {
        table.update(dsl, now).set(STARTED, started).where(GUID.eq(guid)).execute();
    }

    void setDroplet(DSLContext dsl, String guid, String dropletGuid, long now) {
        table.update(dsl, now)
                .set(DROPLET_GUID, dropletGuid)
                .where(GUID.eq(guid))
                .execute();
    }

    void setEnvironment(DSLContext dsl, String guid, Map<String, String> environment, long now) {
        table.update(dsl, now)
                .set(ENVIRONMENT, Stored.map(environment))
                .where(GUID.eq(guid))
                .execute();
    }

    void setFeature(DSLContext dsl, String guid, Field<Boolean> feature, boolean enabled, long now) {
        table.update(dsl, now).set(feature, enabled).where(GUID.eq(guid)).execute();
    }

    static App toApp(Record row) {
        return new App(
                ResourceTable.stamp(row),
                row.get(NAME),
                row.get(SPACE_GUID),
                row.get(STARTED),
                new App.Lifecycle(row.get(LIFECYCLE_TYPE), Stored.list(row.get(BUILDPACKS)), row.get(STACK)),
                row.get(DROPLET_GUID),
                row.get(SSH_ENABLED),
                row.get(REVISIONS_ENABLED),
                Stored.map(row.get(ENVIRONMENT)));
    }
}
