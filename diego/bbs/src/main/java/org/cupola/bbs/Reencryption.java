package org.cupola.bbs;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.cupola.platform.sql.Database;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings all that is encrypted under the active key, so that an older one can be dropped. Row by row beside the running API; a
 * row that cannot be read is left as it is. What fails is tried again at the next start.
 */
final class Reencryption {
    private static final Logger log = LoggerFactory.getLogger(Reencryption.class);
    private static final String LABEL_ID = "encryption_key_label";

    /** @param key the columns of the primary key */
    private record Encrypted(Table<?> table, List<Field<?>> key, List<Field<String>> columns) {}

    private static final List<Encrypted> TABLES = List.of(
            new Encrypted(
                    DesiredLrpStore.DESIRED_LRPS,
                    List.of(DesiredLrpStore.PROCESS_GUID),
                    List.of(
                            DesiredLrpStore.RUN_INFO,
                            DesiredLrpStore.VOLUME_PLACEMENT,
                            DesiredLrpStore.ROUTES,
                            DesiredLrpStore.METRIC_TAGS)),
            new Encrypted(
                    ActualLrpStore.ACTUAL_LRPS,
                    List.of(ActualLrpStore.PROCESS_GUID, ActualLrpStore.INSTANCE_INDEX, ActualLrpStore.PRESENCE),
                    List.of(ActualLrpStore.NET_INFO, ActualLrpStore.INTERNAL_ROUTES, ActualLrpStore.METRIC_TAGS)),
            new Encrypted(TaskStore.TASKS, List.of(TaskStore.GUID), List.of(TaskStore.TASK_DEFINITION)));

    private final Database database;
    private final RecordCodec codec;
    private final Encryptor encryptor;

    Reencryption(Database database, RecordCodec codec, Encryptor encryptor) {
        this.database = database;
        this.codec = codec;
        this.encryptor = encryptor;
    }

    /** @throws IllegalStateException when the database was written with a key that is not configured */
    void checkKey() {
        String stored = storedLabel();
        if (!stored.isEmpty() && !encryptor.knows(stored)) {
            throw new IllegalStateException("encryption_keys: the database was written with key " + stored
                    + " (expected: that key among them)");
        }
    }

    /** @return whether there was anything to do */
    boolean run() {
        if (storedLabel().equals(encryptor.activeLabel())) {
            return false;
        }
        TABLES.forEach(this::reencrypt);
        database.writeVoid(dsl -> BbsSchema.writeConfiguration(dsl, LABEL_ID, encryptor.activeLabel()));
        return true;
    }

    private String storedLabel() {
        return database.read(dsl -> BbsSchema.configuration(dsl, LABEL_ID));
    }

    private void reencrypt(Encrypted encrypted) {
        List<? extends Record> keys = database.read(
                dsl -> dsl.select(encrypted.key()).from(encrypted.table()).fetch());
        for (Record key : keys) {
            List<Condition> row =
                    encrypted.key().stream().map(field -> equal(field, key)).toList();
            try {
                database.writeVoid(dsl -> {
                    var query = dsl.select(encrypted.columns())
                            .from(encrypted.table())
                            .where(row);
                    var locking = dsl.dialect() == SQLDialect.SQLITE ? query : query.forUpdate();
                    locking.fetchOptional().ifPresent(found -> {
                        Map<Field<?>, Object> columns = new HashMap<>();
                        encrypted.columns().forEach(column -> columns.put(column, codec.reencrypt(found.get(column))));
                        dsl.update(encrypted.table()).set(columns).where(row).execute();
                    });
                });
            } catch (Refusal e) {
                log.atError()
                        .addKeyValue("table", encrypted.table().getName())
                        .addKeyValue("key", key.valuesRow())
                        .log("failed-to-reencrypt");
            }
        }
    }

    private static <T> Condition equal(Field<T> field, Record row) {
        return field.eq(row.get(field));
    }
}
