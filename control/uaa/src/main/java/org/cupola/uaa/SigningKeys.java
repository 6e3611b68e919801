package org.cupola.uaa;

import static org.cupola.uaa.Schema.*;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.sql.Database;
import org.jooq.DSLContext;

/** Brings the keys of the configuration and of the database together; makes one when there is none. */
final class SigningKeys {
    private static final String MADE = "key-1";

    private SigningKeys() {}

    /**
     * Configured keys first. A key that an earlier start made stays good for checking, so that an operator who begins to configure
     * keys ends nobody's session.
     */
    static KeyRing load(Database database, TokenPolicy policy, InstantSource clock) {
        List<SigningKey> keys = new ArrayList<>();
        policy.keys().forEach((id, pem) -> keys.add(SigningKey.of(id, pem.value())));
        if (keys.isEmpty()) {
            makeOne(database, clock);
        }
        List<SigningKey> made = database.read(
                dsl -> dsl.selectFrom(KEYS).orderBy(CREATED_AT).fetch(row -> SigningKey.of(row.get(ID), row.get(PEM))));
        for (SigningKey key : made) {
            if (keys.stream().noneMatch(known -> known.id().equals(key.id()))) {
                keys.add(key);
            }
        }
        String active = policy.activeKeyId();
        return new KeyRing(keys, active == null ? keys.getFirst().id() : active);
    }

    private static void makeOne(Database database, InstantSource clock) {
        if (database.read(dsl -> dsl.fetchExists(KEYS))) {
            return;
        }
        String pem = SigningKey.generate();
        database.writeVoid(dsl -> insert(dsl, pem, clock.millis()));
    }

    private static void insert(DSLContext dsl, String pem, long nowMillis) {
        dsl.insertInto(KEYS)
                .columns(ID, PEM, CREATED_AT)
                .values(MADE, pem, nowMillis)
                .onDuplicateKeyIgnore() // another instance was faster
                .execute();
    }
}
