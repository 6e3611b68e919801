package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.ERROR;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.STATE;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.text;

import java.util.Map;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/** Droplets, as stored. Blocking; any thread. */
final class DropletRepository {
    static final Table<?> DROPLETS = Columns.table("droplets");
    static final Field<String> PACKAGE_GUID = guid("package_guid");
    static final Field<String> LIFECYCLE = text("lifecycle");
    static final Field<String> SHA1 = guid("sha1");
    static final Field<String> SHA256 = guid("sha256");
    static final Field<String> PROCESS_TYPES = text("process_types");
    static final Field<String> EXECUTION_METADATA = text("execution_metadata");
    static final Field<String> IMAGE = text("image");

    final ResourceTable<Droplet> table = new ResourceTable<>(DROPLETS, DropletRepository::toDroplet);

    void insert(DSLContext dsl, Droplet droplet) {
        table.insert(dsl, droplet.stamp())
                .set(APP_GUID, droplet.appGuid())
                .set(PACKAGE_GUID, droplet.packageGuid())
                .set(STATE, droplet.state())
                .set(ERROR, droplet.error())
                .set(LIFECYCLE, Stored.lifecycle(droplet.lifecycle()))
                .set(SHA1, droplet.sha1())
                .set(SHA256, droplet.sha256())
                .set(PROCESS_TYPES, Stored.map(droplet.processTypes()))
                .set(EXECUTION_METADATA, droplet.executionMetadata())
                .set(IMAGE, droplet.image())
                .execute();
    }

    boolean advance(DSLContext dsl, String guid, String from, String to, long now) {
        return table.update(dsl, now)
                        .set(STATE, to)
                        .where(GUID.eq(guid), STATE.eq(from))
                        .execute()
                == 1;
    }

    void staged(DSLContext dsl, String guid, String sha1, String sha256, Map<String, String> processTypes, long now) {
        table.update(dsl, now)
                .set(STATE, Droplet.STAGED)
                .set(SHA1, sha1)
                .set(SHA256, sha256)
                .set(PROCESS_TYPES, Stored.map(processTypes))
                .where(GUID.eq(guid))
                .execute();
    }

    void failed(DSLContext dsl, String guid, String error, long now) {
        table.update(dsl, now)
                .set(STATE, Droplet.FAILED)
                .set(ERROR, error)
                .where(GUID.eq(guid))
                .execute();
    }

    static Droplet toDroplet(Record row) {
        return new Droplet(
                ResourceTable.stamp(row),
                row.get(APP_GUID),
                row.get(PACKAGE_GUID),
                row.get(STATE),
                row.get(ERROR),
                Stored.lifecycle(row.get(LIFECYCLE)),
                row.get(SHA1),
                row.get(SHA256),
                Stored.map(row.get(PROCESS_TYPES)),
                row.get(EXECUTION_METADATA),
                row.get(IMAGE));
    }
}
