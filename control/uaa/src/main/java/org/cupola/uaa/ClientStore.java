package org.cupola.uaa;

import static org.cupola.uaa.Schema.*;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.cupola.platform.json.Json;
import org.cupola.platform.sql.Database;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.exception.IntegrityConstraintViolationException;

/** Clients, as stored: one JSON document each, since nothing but the id is ever looked for. Blocking, any thread. */
final class ClientStore {
    private static final FilterSql FILTER = new FilterSql(Map.of(
            "client_id", new FilterSql.TextColumn(CLIENT_ID, false),
            "clientid", new FilterSql.TextColumn(CLIENT_ID, false),
            "lastmodified", new FilterSql.TimeColumn(MODIFIED_AT)));

    private final Database database;

    ClientStore(Database database) {
        this.database = database;
    }

    Optional<Client> find(String id) {
        return database.read(dsl -> find(dsl, id));
    }

    List<Client> all() {
        return database.read(dsl -> dsl.selectFrom(CLIENTS).orderBy(CLIENT_ID).fetch(ClientStore::client));
    }

    ListRequest.Page<Client> list(ListRequest request) {
        Condition condition = FILTER.condition(request.filter());
        var sort = request.sortBy().isBlank() ? CLIENT_ID : FILTER.sortField(request.sortBy());
        return database.read(dsl -> new ListRequest.Page<>(
                dsl.selectFrom(CLIENTS)
                        .where(condition)
                        .orderBy(request.ascending() ? sort.asc() : sort.desc())
                        .limit(request.count())
                        .offset(request.start() - 1)
                        .fetch(ClientStore::client),
                dsl.fetchCount(CLIENTS, condition)));
    }

    /** Runs several changes as one transaction. */
    <T> T change(Function<Changes, T> block) {
        return database.write(dsl -> block.apply(new Changes(dsl)));
    }

    /** Changes within one transaction. */
    static final class Changes {
        private final DSLContext dsl;

        private Changes(DSLContext dsl) {
            this.dsl = dsl;
        }

        Optional<Client> find(String id) {
            return ClientStore.find(dsl, id);
        }

        /** @throws UaaError 409 when the client exists */
        void add(Client client) {
            try {
                if (find(client.id()).isPresent()) {
                    throw exists(client.id());
                }
                dsl.insertInto(CLIENTS)
                        .columns(CLIENT_ID, DETAILS, MODIFIED_AT)
                        .values(client.id(), Json.text(client), client.lastModifiedMillis())
                        .execute();
            } catch (IntegrityConstraintViolationException e) {
                throw exists(client.id());
            }
        }

        void put(Client client) {
            int changed = dsl.update(CLIENTS)
                    .set(DETAILS, Json.text(client))
                    .set(MODIFIED_AT, client.lastModifiedMillis())
                    .where(CLIENT_ID.eq(client.id()))
                    .execute();
            if (changed == 0) {
                add(client);
            }
        }

        void delete(String id) {
            dsl.deleteFrom(APPROVALS).where(CLIENT_ID.eq(id)).execute();
            dsl.deleteFrom(TOKENS).where(CLIENT_ID.eq(id)).execute();
            dsl.deleteFrom(CLIENTS).where(CLIENT_ID.eq(id)).execute();
        }
    }

    private static UaaError exists(String id) {
        return UaaError.oauth(409, "invalid_client", "Client already exists: " + id);
    }

    private static Optional<Client> find(DSLContext dsl, String id) {
        return dsl.selectFrom(CLIENTS).where(CLIENT_ID.eq(id)).fetchOptional(ClientStore::client);
    }

    private static Client client(Record row) {
        return Json.read(row.get(DETAILS), Client.class);
    }
}
