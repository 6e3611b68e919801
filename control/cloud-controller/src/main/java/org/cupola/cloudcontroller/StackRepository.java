package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.STATE;
import static org.cupola.cloudcontroller.Columns.text;

import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/** Stacks: the file systems that apps run on. Blocking; any thread. */
final class StackRepository {
    static final Table<?> STACKS = Columns.table("stacks");
    static final Field<String> DESCRIPTION = text("description");
    static final Field<String> STATE_REASON = text("state_reason");

    final ResourceTable<Stack> table = new ResourceTable<>(STACKS, StackRepository::toStack);

    /** One stack; {@code state} is ACTIVE, RESTRICTED, DEPRECATED or DISABLED. */
    record Stack(Stamp stamp, String name, String description, String state, String stateReason) {
        String guid() {
            return stamp.guid();
        }
    }

    void insert(DSLContext dsl, Stack stack) {
        table.insert(dsl, stack.stamp())
                .set(NAME, stack.name())
                .set(DESCRIPTION, stack.description())
                .set(STATE, stack.state())
                .set(STATE_REASON, stack.stateReason())
                .execute();
    }

    void setState(DSLContext dsl, String guid, String state, String reason, long now) {
        table.update(dsl, now)
                .set(STATE, state)
                .set(STATE_REASON, reason)
                .where(GUID.eq(guid))
                .execute();
    }

    private static Stack toStack(Record row) {
        return new Stack(
                ResourceTable.stamp(row), row.get(NAME), row.get(DESCRIPTION), row.get(STATE), row.get(STATE_REASON));
    }
}
