package org.cupola.uaa;

import static org.cupola.uaa.Schema.*;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.cupola.platform.json.Json;
import org.cupola.platform.sql.Database;
import org.jooq.Record;

/** Codes good for one use within five minutes; kept by their digest. Blocking, any thread. */
final class CodeStore {
    static final Duration VALIDITY = Duration.ofMinutes(5);
    private final Database database;
    private final InstantSource clock;

    /** What a code is for. */
    enum Kind {
        AUTHORIZATION,
        PASSCODE
    }

    CodeStore(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** @param content what comes back when the code does */
    String issue(Kind kind, String userId, Object content) {
        String code = Randoms.code();
        long now = clock.instant().toEpochMilli();
        database.writeVoid(dsl -> {
            dsl.deleteFrom(CODES).where(EXPIRES_AT.lt(now)).execute();
            if (kind == Kind.PASSCODE) {
                dsl.deleteFrom(CODES)
                        .where(KIND.eq(kind.name()), USER_ID.eq(userId))
                        .execute();
            }
            dsl.insertInto(CODES)
                    .columns(ID, KIND, USER_ID, CONTENT, EXPIRES_AT)
                    .values(Randoms.digest(code), kind.name(), userId, Json.text(content), now + VALIDITY.toMillis())
                    .execute();
        });
        return code;
    }

    /** Uses the code up. Empty when it never was, is used, or is too old. */
    <T> Optional<T> redeem(Kind kind, String code, Class<T> type) {
        Instant now = clock.instant();
        String id = Randoms.digest(code);
        return database.write(dsl -> {
            Record row =
                    dsl.selectFrom(CODES).where(ID.eq(id), KIND.eq(kind.name())).fetchOne();
            boolean taken =
                    row != null && dsl.deleteFrom(CODES).where(ID.eq(id)).execute() == 1;
            return taken && row.get(EXPIRES_AT) >= now.toEpochMilli()
                    ? Optional.of(Json.read(row.get(CONTENT), type))
                    : Optional.<T>empty();
        });
    }
}
