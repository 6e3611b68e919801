package org.cupola.uaa;

import static org.cupola.uaa.Schema.*;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.cupola.platform.sql.Database;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.SQLDialect;

/**
 * Tokens that can be revoked one by one, and where each session with rotating refresh tokens stands. What has expired is removed
 * as new rows are written. Blocking, any thread.
 */
final class TokenStore {
    /** A client that lost the answer, or ran two commands at once, may use the token before the last for this long. */
    private static final Duration ROTATION_GRACE = Duration.ofSeconds(60);

    private final Database database;

    /**
     * One token.
     *
     * @param kind    {@code access_token} or {@code refresh_token}
     * @param content the signed form
     */
    record Stored(
            String id,
            String userId,
            String clientId,
            String kind,
            List<String> scope,
            String content,
            long createdMillis,
            long expiresMillis) {
        Stored {
            scope = List.copyOf(scope);
        }
    }

    /**
     * The refresh token that follows a used one.
     *
     * @param fresh false when another request has already been given it
     */
    record Next(String id, boolean fresh) {}

    TokenStore(Database database) {
        this.database = database;
    }

    void add(Stored token, boolean onlyOneOfItsKind) {
        database.writeVoid(dsl -> {
            dsl.deleteFrom(TOKENS).where(EXPIRES_AT.lt(token.createdMillis())).execute();
            if (onlyOneOfItsKind) {
                dsl.deleteFrom(TOKENS)
                        .where(USER_ID.eq(token.userId()), CLIENT_ID.eq(token.clientId()), KIND.eq(token.kind()))
                        .execute();
            }
            dsl.insertInto(TOKENS)
                    .columns(ID, USER_ID, CLIENT_ID, KIND, SCOPE, CONTENT, CREATED_AT, EXPIRES_AT)
                    .values(
                            token.id(),
                            token.userId(),
                            token.clientId(),
                            token.kind(),
                            String.join(" ", token.scope()),
                            token.content(),
                            token.createdMillis(),
                            token.expiresMillis())
                    .execute();
        });
    }

    Optional<Stored> find(String id) {
        return database.read(dsl -> dsl.selectFrom(TOKENS).where(ID.eq(id)).fetchOptional(TokenStore::stored));
    }

    List<Stored> ofUser(String userId) {
        return list(USER_ID.eq(userId));
    }

    List<Stored> ofClient(String clientId) {
        return list(CLIENT_ID.eq(clientId));
    }

    boolean revoke(String id) {
        return database.write(dsl -> dsl.deleteFrom(TOKENS).where(ID.eq(id)).execute() == 1);
    }

    void revokeOfUser(String userId) {
        database.writeVoid(dsl -> {
            dsl.deleteFrom(TOKENS).where(USER_ID.eq(userId)).execute();
            dsl.deleteFrom(REFRESH_FAMILIES).where(USER_ID.eq(userId)).execute();
        });
    }

    void revokeOfClient(String clientId) {
        database.writeVoid(
                dsl -> dsl.deleteFrom(TOKENS).where(CLIENT_ID.eq(clientId)).execute());
    }

    void revokeOf(String userId, String clientId) {
        database.writeVoid(dsl -> dsl.deleteFrom(TOKENS)
                .where(USER_ID.eq(userId), CLIENT_ID.eq(clientId))
                .execute());
    }

    /** Begins a session whose refresh tokens rotate, unless it has begun. */
    void beginFamily(String family, String userId, String tokenId, long nowMillis, long expiresMillis) {
        database.writeVoid(dsl -> {
            dsl.deleteFrom(REFRESH_FAMILIES).where(EXPIRES_AT.lt(nowMillis)).execute();
            if (dsl.fetchExists(REFRESH_FAMILIES, ID.eq(family))) {
                return;
            }
            dsl.insertInto(REFRESH_FAMILIES)
                    .columns(ID, USER_ID, CURRENT, PREVIOUS, MODIFIED_AT, EXPIRES_AT)
                    .values(family, userId, tokenId, "", nowMillis, expiresMillis)
                    .execute();
        });
    }

    /** Uses one refresh token of a session up. Empty when the session is over, or is now because the token was used before. */
    Optional<Next> rotate(String family, String usedId, String nextId, long nowMillis, long expiresMillis) {
        return database.write(dsl -> {
            var session = dsl.selectFrom(REFRESH_FAMILIES).where(ID.eq(family));
            // SQLite has one writer at a time and no row locks.
            Record row = dsl.dialect() == SQLDialect.SQLITE
                    ? session.fetchOne()
                    : session.forUpdate().fetchOne();
            if (row == null) {
                return Optional.<Next>empty();
            }
            boolean inGrace = nowMillis - row.get(MODIFIED_AT) <= ROTATION_GRACE.toMillis();
            if (row.get(PREVIOUS).equals(usedId) && inGrace) {
                return Optional.of(new Next(row.get(CURRENT), false));
            }
            if (!row.get(CURRENT).equals(usedId)) {
                dsl.update(REFRESH_FAMILIES)
                        .set(CURRENT, "")
                        .set(PREVIOUS, "")
                        .where(ID.eq(family))
                        .execute();
                return Optional.<Next>empty();
            }
            dsl.update(REFRESH_FAMILIES)
                    .set(PREVIOUS, usedId)
                    .set(CURRENT, nextId)
                    .set(MODIFIED_AT, nowMillis)
                    .set(EXPIRES_AT, expiresMillis)
                    .where(ID.eq(family))
                    .execute();
            return Optional.of(new Next(nextId, true));
        });
    }

    private List<Stored> list(Condition condition) {
        return database.read(dsl ->
                dsl.selectFrom(TOKENS).where(condition).orderBy(CREATED_AT).fetch(TokenStore::stored));
    }

    private static Stored stored(Record row) {
        return new Stored(
                row.get(ID),
                row.get(USER_ID),
                row.get(CLIENT_ID),
                row.get(KIND),
                Scopes.split(row.get(SCOPE)),
                row.get(CONTENT),
                row.get(CREATED_AT),
                row.get(EXPIRES_AT));
    }
}
