package org.cupola.uaa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.json.Json;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.TestPostgres;
import org.cupola.platform.tls.Pem;
import tools.jackson.databind.JsonNode;

/** A UAA on a free port, and what its callers say to it. */
final class RunningUaa implements AutoCloseable {
    private static final Map<Db, RunningUaa> SHARED = new EnumMap<>(Db.class);
    private static final String KEY = smallKey();
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    final HandClock clock = new HandClock();
    final UaaComponent component;

    /** Every database it must run on. */
    enum Db {
        SQLITE,
        POSTGRES
    }

    /** What came back. */
    record Reply(int status, String body, HttpResponse<String> raw) {
        JsonNode json() {
            return Json.tree(body);
        }

        String text(String pointer) {
            return json().at("/" + pointer).asString("");
        }

        String header(String name) {
            return raw.headers().firstValue(name).orElse("");
        }

        List<String> headers(String name) {
            return raw.headers().allValues(name);
        }
    }

    RunningUaa(UaaConfig config) {
        this.component = new UaaComponent(config, clock);
        try {
            component.start();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** One for all tests of a JVM: they use names of their own. */
    static synchronized RunningUaa on(Db db) {
        return SHARED.computeIfAbsent(db, each -> {
            var uaa = new RunningUaa(config(database(each)));
            Runtime.getRuntime().addShutdownHook(new Thread(uaa::close));
            return uaa;
        });
    }

    /** Half as long as a real one, and a tenth of the time. */
    static String smallKey() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(1024);
            return Pem.write(generator.generateKeyPair().getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static DatabaseConfig database(Db db) {
        return switch (db) {
            case SQLITE -> DatabaseConfig.sqlite(temporary().resolve("uaa.db"));
            case POSTGRES -> TestPostgres.freshDatabase();
        };
    }

    static Path temporary() {
        try {
            Path directory = Files.createTempDirectory("uaa-test");
            directory.toFile().deleteOnExit();
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The deployment's file with another database and a key that is made once for all tests. */
    static UaaConfig config(DatabaseConfig database) {
        return config(database, "key-1", Map.of("key-1", KEY));
    }

    /** With other keys; none at all lets the server make its own. */
    static UaaConfig config(DatabaseConfig database, String active, Map<String, String> keys) {
        var section = new StringBuilder();
        if (!keys.isEmpty()) {
            section.append("      activeKeyId: ").append(active).append("\n      keys:\n");
            keys.forEach((id, pem) -> section.append("        ")
                    .append(id)
                    .append(":\n          signingKey: |\n")
                    .append(pem.strip().indent(12)));
        }
        try (var file = RunningUaa.class.getResourceAsStream("/uaa.yml")) {
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            String yaml = text.replace("      # keys\n", section) + "\ndatabase:\n  url: \"" + database.url()
                    + "\"\n  username: \"" + database.user() + "\"\n  password: \""
                    + database.password().value() + "\"\n";
            Path path = temporary().resolve("uaa.yml");
            Files.writeString(path, yaml);
            return UaaConfig.read(path);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + component.plainPort() + path);
    }

    Reply send(String method, String path, String body, String... headers) {
        var request = HttpRequest.newBuilder(uri(path))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Reply(response.statusCode(), response.body(), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    Reply get(String path, String... headers) {
        return send("GET", path, "", headers);
    }

    Reply getAs(String token, String path) {
        return get(path, "Authorization", "bearer " + token);
    }

    Reply sendAs(String token, String method, String path, String json, String... more) {
        List<String> headers = new ArrayList<>(List.of("Authorization", "Bearer " + token));
        if (!json.isEmpty()) {
            headers.addAll(List.of("Content-Type", "application/json"));
        }
        headers.addAll(List.of(more));
        return send(method, path, json, headers.toArray(String[]::new));
    }

    Reply form(String path, String form, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Content-Type", "application/x-www-form-urlencoded"));
        return send("POST", path, form, all.toArray(String[]::new));
    }

    Reply token(String client, String secret, String form) {
        return form("/oauth/token", form, "Authorization", basic(client, secret));
    }

    static String basic(String client, String secret) {
        return "Basic " + Base64.getEncoder().encodeToString((client + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    /** As {@code cf auth USER PASSWORD} asks. */
    Reply login(String user, String password) {
        return form(
                "/oauth/token",
                "grant_type=password&password=" + encode(password) + "&username=" + encode(user),
                "Authorization",
                "Basic Y2Y6",
                "Accept",
                "application/json");
    }

    String admin() {
        return token("admin", "admin-client-secret", "grant_type=client_credentials")
                .text("access_token");
    }

    /** A new user; the id. */
    String createUser(String name, String password) {
        Reply reply = sendAs(admin(), "POST", "/Users", """
                {"userName":"%1$s","password":"%2$s","origin":"uaa","name":{"familyName":"%1$s","givenName":"%1$s"},
                 "emails":[{"value":"%1$s@example.com","primary":true}]}""".formatted(name, password));
        if (reply.status() != 201) {
            throw new IllegalStateException(reply.body());
        }
        return reply.text("id");
    }

    String groupId(String name) {
        return sendAs(admin(), "GET", "/Groups?filter=" + encode("displayName eq \"" + name + "\""), "")
                .text("resources/0/id");
    }

    void addToGroup(String group, String userId) {
        sendAs(admin(), "POST", "/Groups/" + groupId(group) + "/members", "{\"value\":\"" + userId + "\"}");
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static JsonNode claims(String token) {
        return Json.tree(Base64.getUrlDecoder().decode(token.split("\\.")[1]));
    }

    static JsonNode header(String token) {
        return Json.tree(Base64.getUrlDecoder().decode(token.split("\\.")[0]));
    }

    static Optional<String> cookie(Reply reply, String name) {
        return reply.headers("set-cookie").stream()
                .filter(cookie -> cookie.startsWith(name + "="))
                .map(cookie -> cookie.substring(name.length() + 1).split(";")[0])
                .findFirst();
    }

    @Override
    public void close() {
        component.close();
    }
}
