package org.cupola.uaa;

import static org.cupola.uaa.Schema.*;

import java.time.InstantSource;
import java.util.List;
import org.cupola.platform.sql.Database;

/** Counts failed logins per user, in the database so that a restart forgives nobody. Blocking, any thread. */
final class Lockouts {
    private final Database database;
    private final LockoutPolicy policy;
    private final InstantSource clock;

    Lockouts(Database database, LockoutPolicy policy, InstantSource clock) {
        this.database = database;
        this.policy = policy;
        this.clock = clock;
    }

    boolean locked(String userId) {
        List<Long> failures = database.read(dsl -> dsl.select(AT)
                .from(FAILURES)
                .where(USER_ID.eq(userId))
                .orderBy(AT.desc())
                .limit(Math.max(1, policy.failures()))
                .fetch(AT));
        return locked(failures, policy, clock.millis());
    }

    /** @param failures in milliseconds, newest first, since the last success */
    static boolean locked(List<Long> failures, LockoutPolicy policy, long nowMillis) {
        if (policy.failures() == 0 || failures.size() < policy.failures()) {
            return false;
        }
        long last = failures.getFirst();
        long first = failures.get(policy.failures() - 1);
        return last - first <= policy.window().toMillis()
                && nowMillis - last < policy.period().toMillis();
    }

    void failed(String userId) {
        long now = clock.millis();
        database.writeVoid(dsl -> {
            dsl.deleteFrom(FAILURES)
                    .where(USER_ID.eq(userId), AT.lt(now - policy.window().toMillis()))
                    .execute();
            dsl.insertInto(FAILURES).columns(USER_ID, AT).values(userId, now).execute();
        });
    }

    /** After a right password, or when an administrator unlocks. */
    void forgive(String userId) {
        boolean any = database.read(dsl -> dsl.fetchExists(FAILURES, USER_ID.eq(userId)));
        if (any) {
            database.writeVoid(
                    dsl -> dsl.deleteFrom(FAILURES).where(USER_ID.eq(userId)).execute());
        }
    }
}
