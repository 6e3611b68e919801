package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.ERROR;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.STATE;
import static org.cupola.cloudcontroller.Columns.TYPE;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.text;

import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/** Packages, as stored. Blocking; any thread. */
final class PackageRepository {
    static final Table<?> PACKAGES = Columns.table("packages");
    static final Field<String> SHA256 = guid("sha256");
    static final Field<String> DOCKER_IMAGE = text("docker_image");
    static final Field<String> DOCKER_USERNAME = text("docker_username");
    static final Field<String> DOCKER_PASSWORD = text("docker_password");

    final ResourceTable<AppPackage> table = new ResourceTable<>(PACKAGES, PackageRepository::toPackage);

    void insert(DSLContext dsl, AppPackage appPackage) {
        table.insert(dsl, appPackage.stamp())
                .set(APP_GUID, appPackage.appGuid())
                .set(TYPE, appPackage.type())
                .set(STATE, appPackage.state())
                .set(SHA256, appPackage.sha256())
                .set(DOCKER_IMAGE, appPackage.dockerImage())
                .set(DOCKER_USERNAME, appPackage.dockerUsername())
                .set(DOCKER_PASSWORD, appPackage.dockerPassword())
                .execute();
    }

    /** Moves it on unless someone else did. */
    boolean advance(DSLContext dsl, String guid, String from, String to, long now) {
        return table.update(dsl, now)
                        .set(STATE, to)
                        .where(GUID.eq(guid), STATE.eq(from))
                        .execute()
                == 1;
    }

    void ready(DSLContext dsl, String guid, String sha256, long now) {
        table.update(dsl, now)
                .set(STATE, AppPackage.READY)
                .set(SHA256, sha256)
                .where(GUID.eq(guid))
                .execute();
    }

    void failed(DSLContext dsl, String guid, String error, long now) {
        table.update(dsl, now)
                .set(STATE, AppPackage.FAILED)
                .set(ERROR, error)
                .where(GUID.eq(guid))
                .execute();
    }

    private static AppPackage toPackage(Record row) {
        return new AppPackage(
                ResourceTable.stamp(row),
                row.get(APP_GUID),
                row.get(TYPE),
                row.get(STATE),
                row.get(ERROR),
                row.get(SHA256),
                row.get(DOCKER_IMAGE),
                row.get(DOCKER_USERNAME),
                row.get(DOCKER_PASSWORD));
    }
}
