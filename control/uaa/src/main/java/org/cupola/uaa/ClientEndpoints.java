package org.cupola.uaa;

import com.linecorp.armeria.common.HttpResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** {@code /oauth/clients}: the administration of clients, one by one and several as one transaction. Any thread. */
final class ClientEndpoints {
    private static final Logger log = LoggerFactory.getLogger(ClientEndpoints.class);
    private static final String SCHEMA = "http://cloudfoundry.org/schema/scim/oauth-clients-1.0";
    private static final int MAX_SECRETS = 2;
    private final Stores stores;
    private final Guard guard;
    private final Passwords passwords;
    private final InstantSource clock;

    ClientEndpoints(Stores stores, Guard guard, Passwords passwords, InstantSource clock) {
        this.stores = stores;
        this.guard = guard;
        this.passwords = passwords;
        this.clock = clock;
    }

    HttpResponse get(Call call) {
        guard.require(call, "clients.read", "clients.admin");
        return stores.clients()
                .find(call.path("id"))
                .map(client -> Answers.json(200, ClientDocuments.describe(client)))
                .orElseGet(() -> Answers.empty(404));
    }

    HttpResponse list(Call call) {
        guard.require(call, "clients.read", "clients.admin");
        ListRequest request = ListRequest.of(call);
        return Answers.json(200, request.envelope(stores.clients().list(request), SCHEMA, ClientDocuments::describe));
    }

    HttpResponse create(Call call) {
        TokenVerifier.Verified caller = guard.require(call, "clients.write", "clients.admin");
        Client client = described(call.jsonObject(), isAdmin(caller));
        stores.clients().change(changes -> {
            changes.add(client);
            return client;
        });
        log.atInfo().addKeyValue("client", client.id()).log("client-created");
        return Answers.json(201, ClientDocuments.describe(client));
    }

    HttpResponse update(Call call) {
        TokenVerifier.Verified caller = guard.require(call, "clients.write", "clients.admin");
        Client before = existing(call.path("id"));
        JsonNode body = call.jsonObject();
        if (!body.path("client_id").asString(before.id()).equals(before.id())) {
            throw ClientDocuments.invalid("The client_id of the address and of the body differ");
        }
        Client client = updated(before, body, isAdmin(caller));
        put(client);
        return Answers.json(200, ClientDocuments.describe(client));
    }

    HttpResponse delete(Call call) {
        guard.require(call, "clients.write", "clients.admin");
        Client client = existing(call.path("id"));
        stores.clients().change(changes -> {
            changes.delete(client.id());
            return client;
        });
        log.atInfo().addKeyValue("client", client.id()).log("client-deleted");
        return Answers.json(200, ClientDocuments.describe(client));
    }

    HttpResponse secret(Call call) {
        String id = call.path("id");
        TokenVerifier.Verified caller = guard.require(call, "clients.secret", "clients.admin");
        JsonNode body = call.jsonObject();
        Client client = existing(id);
        if (!isAdmin(caller)) {
            if (!caller.client().id().equals(id)) {
                throw UaaError.oauth(
                        403, "access_denied", "Bad request. Not permitted to change another client's secret");
            }
            String old = body.path("oldSecret").asString("");
            if (passwords.matchingSecret(id, old, client.secrets()).isEmpty()) {
                throw UaaError.oauth(
                        400, "invalid_client", "Bad request. Previous secret is required and must be valid");
            }
        }
        String secret = body.path("secret").asString("");
        String mode = body.path("changeMode").asString("UPDATE");
        List<String> secrets = new ArrayList<>(client.secrets());
        String message = switch (mode) {
            case "ADD" -> {
                if (secrets.size() >= MAX_SECRETS) {
                    throw ClientDocuments.invalid("client secret is either empty or client already has two secrets.");
                }
                secrets.add(passwords.hashSecret(secret));
                yield "Secret is added";
            }
            case "DELETE" -> {
                if (secrets.size() < MAX_SECRETS) {
                    throw ClientDocuments.invalid("client secret is either empty or client has only one secret.");
                }
                secrets.removeFirst();
                yield "Secret is deleted";
            }
            case "UPDATE" -> {
                secrets.clear();
                secrets.add(passwords.hashSecret(secret));
                yield "secret updated";
            }
            default -> throw ClientDocuments.invalid("changeMode: " + mode + " (expected: UPDATE, ADD or DELETE)");
        };
        put(client.withSecrets(secrets).modifiedAt(clock.millis()));
        log.atInfo().addKeyValue("client", id).addKeyValue("mode", mode).log("client-secret-changed");
        return Answers.json(200, UserEndpoints.ok(message));
    }

    /** Keys by which the client may sign instead of knowing a secret. */
    HttpResponse keys(Call call) {
        guard.require(call, "clients.trust", "clients.admin");
        Client client = existing(call.path("id"));
        JsonNode body = call.jsonObject();
        Map<String, Object> others = new LinkedHashMap<>(client.additional());
        boolean delete = body.path("changeMode").asString("UPDATE").equals("DELETE");
        others.remove("jwks");
        others.remove("jwks_uri");
        if (!delete) {
            for (String key : List.of("jwks", "jwks_uri")) {
                JsonNode value = body.path(key);
                if (!value.isMissingNode() && !value.isNull()) {
                    others.put(key, value.isString() ? value.asString() : value.toString());
                }
            }
            if (!others.containsKey("jwks") && !others.containsKey("jwks_uri")) {
                throw ClientDocuments.invalid("jwks or jwks_uri is required");
            }
        }
        put(client.withAdditional(others).modifiedAt(clock.millis()));
        return Answers.json(
                200,
                UserEndpoints.ok(delete ? "Client jwt configuration is deleted" : "Client jwt configuration updated"));
    }

    HttpResponse createMany(Call call) {
        guard.require(call, "clients.admin");
        List<Client> clients = new ArrayList<>();
        items(call).forEach(item -> clients.add(described(item, true)));
        stores.clients().change(changes -> {
            clients.forEach(changes::add);
            return clients;
        });
        return Answers.json(201, clients.stream().map(ClientDocuments::describe).toList());
    }

    HttpResponse updateMany(Call call) {
        guard.require(call, "clients.admin");
        List<Client> clients = new ArrayList<>();
        items(call).forEach(item -> clients.add(updated(existing(id(item)), item, true)));
        stores.clients().change(changes -> {
            clients.forEach(changes::put);
            return clients;
        });
        return Answers.json(200, clients.stream().map(ClientDocuments::describe).toList());
    }

    HttpResponse deleteMany(Call call) {
        guard.require(call, "clients.admin");
        List<Client> clients = new ArrayList<>();
        items(call).forEach(item -> clients.add(existing(id(item))));
        stores.clients().change(changes -> {
            clients.forEach(client -> changes.delete(client.id()));
            return clients;
        });
        return Answers.json(200, clients.stream().map(ClientDocuments::describe).toList());
    }

    HttpResponse secretMany(Call call) {
        guard.require(call, "clients.admin");
        List<Client> clients = new ArrayList<>();
        items(call)
                .forEach(item ->
                        clients.add(withSecret(existing(item.path("clientId").asString(id(item))), item)));
        stores.clients().change(changes -> {
            clients.forEach(changes::put);
            return clients;
        });
        return Answers.json(200, clients.stream().map(ClientDocuments::describe).toList());
    }

    /** Adds, updates and deletes in one transaction: all of it or nothing. */
    HttpResponse modifyMany(Call call) {
        guard.require(call, "clients.admin");
        List<Map<String, Object>> documents = new ArrayList<>();
        List<ClientChange> planned = new ArrayList<>();
        for (JsonNode item : items(call)) {
            String action = item.path("action").asString("");
            Client client = switch (action) {
                case "add" -> described(item, true);
                case "delete" -> existing(id(item));
                case "update" -> updated(existing(id(item)), item, true);
                case "update,secret" -> withSecret(updated(existing(id(item)), item, true), item);
                case "secret" -> withSecret(existing(id(item)), item);
                default -> throw ClientDocuments.invalid("Invalid action: " + action);
            };
            planned.add(new ClientChange(action, client));
            Map<String, Object> document = ClientDocuments.describe(client);
            document.put("action", action);
            documents.add(document);
        }
        stores.clients().change(changes -> {
            for (ClientChange change : planned) {
                switch (change.action()) {
                    case "add" -> changes.add(change.client());
                    case "delete" -> changes.delete(change.client().id());
                    default -> changes.put(change.client());
                }
            }
            return planned;
        });
        return Answers.json(200, documents);
    }

    private record ClientChange(String action, Client client) {}

    HttpResponse meta(Call call) {
        guard.token(call);
        return Answers.json(200, describeMeta(existing(call.path("id"))));
    }

    HttpResponse metas(Call call) {
        guard.token(call);
        return Answers.json(
                200,
                stores.clients().all().stream()
                        .map(ClientEndpoints::describeMeta)
                        .toList());
    }

    HttpResponse updateMeta(Call call) {
        guard.require(call, "clients.write", "clients.admin");
        Client client = existing(call.path("id"));
        JsonNode body = call.jsonObject();
        Map<String, Object> others = new LinkedHashMap<>(client.additional());
        for (String key : List.of("appLaunchUrl", "appIcon")) {
            others.remove(key);
            if (body.path(key).isString()) {
                others.put(key, body.path(key).asString());
            }
        }
        others.put("showOnHomePage", body.path("showOnHomePage").asBoolean(false));
        if (body.path("clientName").isString()) {
            others.put("name", body.path("clientName").asString());
        }
        Client changed = client.withAdditional(others).modifiedAt(clock.millis());
        put(changed);
        return Answers.json(200, describeMeta(changed));
    }

    private static Map<String, Object> describeMeta(Client client) {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("clientId", client.id());
        meta.put("clientName", client.name());
        meta.put("showOnHomePage", client.additional().getOrDefault("showOnHomePage", false));
        meta.put("appLaunchUrl", client.additional().getOrDefault("appLaunchUrl", ""));
        meta.put("appIcon", client.additional().getOrDefault("appIcon", ""));
        return meta;
    }

    private Client described(JsonNode body, boolean byAdmin) {
        Client client = ClientDocuments.read(body, null, clock.millis());
        List<String> secrets = new ArrayList<>();
        for (String key : List.of("client_secret", "secondary_client_secret")) {
            JsonNode secret = body.path(key);
            if (secret.isString()
                    && (key.equals("client_secret") || !secret.asString().isEmpty())) {
                secrets.add(passwords.hashSecret(secret.asString()));
            }
        }
        boolean hasSecret = !body.path("client_secret").asString("").isEmpty();
        ClientDocuments.check(client, hasSecret, byAdmin);
        return client.withSecrets(secrets);
    }

    private Client updated(Client before, JsonNode body, boolean byAdmin) {
        Client client = ClientDocuments.read(body, before, clock.millis());
        ClientDocuments.check(client, !client.secrets().isEmpty(), byAdmin);
        return client;
    }

    private Client withSecret(Client client, JsonNode body) {
        String secret = body.path("client_secret").asString(body.path("secret").asString(""));
        return client.withSecrets(List.of(passwords.hashSecret(secret))).modifiedAt(clock.millis());
    }

    private void put(Client client) {
        stores.clients().change(changes -> {
            changes.put(client);
            return client;
        });
    }

    private static List<JsonNode> items(Call call) {
        JsonNode body = call.json();
        if (!body.isArray() || body.isEmpty()) {
            throw ClientDocuments.invalid("Message body does not contain any items.");
        }
        return List.copyOf(body.values());
    }

    private static String id(JsonNode item) {
        return item.path("client_id").asString("");
    }

    private static boolean isAdmin(TokenVerifier.Verified caller) {
        return caller.scopes().contains("clients.admin") || caller.scopes().contains(Guard.ADMIN);
    }

    private Client existing(String id) {
        return stores.clients()
                .find(id)
                .orElseThrow(() -> UaaError.oauth(404, "invalid_client", "No client with requested id: " + id));
    }
}
