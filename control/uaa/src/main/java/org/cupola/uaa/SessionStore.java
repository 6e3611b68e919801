package org.cupola.uaa;

import static org.cupola.uaa.Schema.*;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.cupola.platform.sql.Database;

/** Browser sessions, kept by the digest of their cookie; they end after 30 minutes without a request. Blocking, any thread. */
final class SessionStore {
    private static final Duration IDLE = Duration.ofMinutes(30);
    private final Database database;
    private final InstantSource clock;

    /** Who logged in, and when. */
    record Session(String userId, Instant authenticatedAt) {}

    SessionStore(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** The cookie's value. */
    String begin(String userId) {
        String cookie = Randoms.code();
        long now = clock.instant().toEpochMilli();
        database.writeVoid(dsl -> {
            dsl.deleteFrom(SESSIONS).where(EXPIRES_AT.lt(now)).execute();
            dsl.insertInto(SESSIONS)
                    .columns(ID, USER_ID, CREATED_AT, EXPIRES_AT, CONTENT)
                    .values(Randoms.digest(cookie), userId, now, now + IDLE.toMillis(), "")
                    .execute();
        });
        return cookie;
    }

    Optional<Session> find(String cookie) {
        String id = Randoms.digest(cookie);
        long now = clock.instant().toEpochMilli();
        return database.read(dsl -> dsl.selectFrom(SESSIONS)
                        .where(ID.eq(id), EXPIRES_AT.ge(now))
                        .fetchOptional())
                .map(row -> {
                    if (row.get(EXPIRES_AT) - now < IDLE.toMillis() / 2) {
                        database.writeVoid(dsl -> dsl.update(SESSIONS)
                                .set(EXPIRES_AT, now + IDLE.toMillis())
                                .where(ID.eq(id))
                                .execute());
                    }
                    return new Session(row.get(USER_ID), Instant.ofEpochMilli(row.get(CREATED_AT)));
                });
    }

    /** Remembers what the user is being asked to approve. */
    void setPending(String cookie, String request) {
        database.writeVoid(dsl -> dsl.update(SESSIONS)
                .set(CONTENT, request)
                .where(ID.eq(Randoms.digest(cookie)))
                .execute());
    }

    /** What the user was asked last, once; empty when nothing. */
    String takePending(String cookie) {
        String id = Randoms.digest(cookie);
        return database.write(dsl -> {
            String pending = dsl.select(CONTENT).from(SESSIONS).where(ID.eq(id)).fetchOne(CONTENT);
            dsl.update(SESSIONS).set(CONTENT, "").where(ID.eq(id)).execute();
            return pending == null ? "" : pending;
        });
    }

    void end(String cookie) {
        database.writeVoid(dsl ->
                dsl.deleteFrom(SESSIONS).where(ID.eq(Randoms.digest(cookie))).execute());
    }
}
