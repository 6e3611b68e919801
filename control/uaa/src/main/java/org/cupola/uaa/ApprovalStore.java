package org.cupola.uaa;

import static org.cupola.uaa.Schema.*;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.cupola.platform.sql.Database;
import org.jooq.Condition;
import org.jooq.Record;

/** Which scopes a user lets a client have; a month at a time. Blocking, any thread. */
final class ApprovalStore {
    private static final Duration VALIDITY = Duration.ofDays(30);
    private final Database database;
    private final InstantSource clock;

    /** One decision of a user. */
    record Approval(
            String userId, String clientId, String scope, boolean approved, long expiresMillis, long modifiedMillis) {}

    ApprovalStore(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    List<Approval> of(String userId) {
        return list(USER_ID.eq(userId));
    }

    /** Scopes with an approval that has not expired. */
    Set<String> approved(String userId, String clientId) {
        long now = clock.instant().toEpochMilli();
        return Set.copyOf(list(USER_ID.eq(userId).and(CLIENT_ID.eq(clientId)).and(EXPIRES_AT.gt(now))).stream()
                .filter(Approval::approved)
                .map(Approval::scope)
                .toList());
    }

    /** Notes the user's decision about each of the scopes asked for. */
    void decide(String userId, String clientId, Collection<String> asked, Collection<String> approved) {
        long now = clock.instant().toEpochMilli();
        database.writeVoid(dsl -> {
            for (String scope : asked) {
                dsl.deleteFrom(APPROVALS)
                        .where(USER_ID.eq(userId), CLIENT_ID.eq(clientId), SCOPE.eq(scope))
                        .execute();
                dsl.insertInto(APPROVALS)
                        .columns(USER_ID, CLIENT_ID, SCOPE, STATUS, EXPIRES_AT, MODIFIED_AT)
                        .values(
                                userId,
                                clientId,
                                scope,
                                approved.contains(scope) ? "APPROVED" : "DENIED",
                                now + VALIDITY.toMillis(),
                                now)
                        .execute();
            }
        });
    }

    private List<Approval> list(Condition condition) {
        return database.read(dsl -> dsl.selectFrom(APPROVALS)
                .where(condition)
                .orderBy(CLIENT_ID, SCOPE)
                .fetch(ApprovalStore::approval));
    }

    private static Approval approval(Record row) {
        return new Approval(
                row.get(USER_ID),
                row.get(CLIENT_ID),
                row.get(SCOPE),
                row.get(STATUS).equals("APPROVED"),
                row.get(EXPIRES_AT),
                row.get(MODIFIED_AT));
    }
}
