package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.awaitility.Awaitility;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.json.Json;
import org.cupola.platform.sql.DatabaseConfig;
import tools.jackson.databind.JsonNode;

/** A Cloud Controller with all that it talks to, and a client for it. */
final class Cloud implements AutoCloseable {
    final TestUaa uaa = new TestUaa();
    final TestBbs bbs = new TestBbs();
    final TestRoutingApi routingApi = new TestRoutingApi();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Path directory;
    private int droplets;
    private final DatabaseConfig database;
    private final Optional<CloudControllerConfig.Internal> internal;
    private CloudControllerComponent component;
    private String token;

    /** An answer: status and document. */
    record Answer(int status, JsonNode body, java.net.http.HttpHeaders headers) {
        String guid() {
            return body.path("guid").asString();
        }

        Answer expect(int expected) {
            assertThat(status).as("%s", body).isEqualTo(expected);
            return this;
        }

        String error() {
            return body.path("errors").path(0).path("detail").asString("");
        }

        int code() {
            return body.path("errors").path(0).path("code").asInt(0);
        }

        String location() {
            return headers.firstValue("location").orElse("");
        }
    }

    Cloud(Path directory) throws Exception {
        this(directory, DatabaseConfig.sqlite(directory.resolve("cc.db")));
    }

    Cloud(Path directory, DatabaseConfig database) throws Exception {
        this(directory, database, Optional.empty());
    }

    /** With a port for cells. */
    Cloud(Path directory, CloudControllerConfig.Internal internal) throws Exception {
        this(directory, DatabaseConfig.sqlite(directory.resolve("cc.db")), Optional.of(internal));
    }

    private Cloud(Path directory, DatabaseConfig database, Optional<CloudControllerConfig.Internal> internal)
            throws Exception {
        this.directory = directory;
        this.database = database;
        this.internal = internal;
        this.token = uaa.admin();
        start();
    }

    private void start() throws Exception {
        component = new CloudControllerComponent(config(), Clock.systemUTC());
        component.start();
    }

    /** Ends the component and starts another on the same data. */
    void restart() throws Exception {
        component.close();
        start();
    }

    CloudControllerConfig config() throws ConfigException {
        String yaml = """
                external_port: 0
                external_protocol: http
                external_domain: api.test
                lifecycle: process
                system_domain: sys.test
                app_domains: [apps.test, {name: tcp.test, router_group_name: default-tcp}, {name: apps.internal, internal: true}]
                db: {database: "%s"}
                uaa: {url: "%s"}
                cloud_controller_username_lookup_client_name: lookup
                cloud_controller_username_lookup_client_secret: secret
                routing_api: {url: "%s", routing_client_secret: secret}
                diego: {bbs: {url: "%s"}}
                diego_sync: {frequency_in_seconds: 1}
                deployment_updater: {update_frequency_in_seconds: 1}
                packages: {fog_connection: {provider: Local, local_root: "%4$s"}}
                droplets: {fog_connection: {provider: Local, local_root: "%4$s"}}
                resource_pool: {minimum_size: 100, fog_connection: {provider: Local, local_root: "%4$s"}}
                directories: {tmpdir: "%4$s/tmp"}
                """;
        CloudControllerConfig read = CloudControllerConfig.parse(
                "test",
                yaml.replace("%4$s", directory.toString())
                        .formatted("jdbc:sqlite:unused", uaa.url(), routingApi.url(), bbs.url()));
        return new CloudControllerConfig(
                read.listen(),
                read.externalTls(),
                internal,
                read.apiUrl(),
                read.systemDomain(),
                database,
                read.uaa(),
                read.routingApi(),
                read.bbs(),
                read.blobs(),
                read.limits(),
                read.platform(),
                read.logging(),
                read.info());
    }

    int internalPort() {
        return component.internalPort();
    }

    int port() {
        return component.port();
    }

    Cloud as(String token) {
        this.token = token;
        return this;
    }

    Cloud asAdmin() {
        return as(uaa.admin());
    }

    Answer get(String path) {
        return send("GET", path, "application/json", BodyPublishers.noBody());
    }

    Answer delete(String path) {
        return send("DELETE", path, "application/json", BodyPublishers.noBody());
    }

    Answer post(String path, String json) {
        return send("POST", path, "application/json", BodyPublishers.ofString(json));
    }

    Answer patch(String path, String json) {
        return send("PATCH", path, "application/json", BodyPublishers.ofString(json));
    }

    Answer yaml(String path, String yaml) {
        return send("POST", path, "application/x-yaml", BodyPublishers.ofString(yaml));
    }

    Answer upload(String path, String field, String filename, byte[] content, Map<String, String> fields) {
        String boundary = "----boundary";
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        fields.forEach((name, value) -> body.writeBytes(
                ("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n")
                        .getBytes(StandardCharsets.UTF_8)));
        if (content.length > 0) {
            body.writeBytes(("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + field
                            + "\"; filename=\"" + filename
                            + "\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            body.writeBytes(content);
            body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        body.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return send(
                "POST",
                path,
                "multipart/form-data; boundary=" + boundary,
                BodyPublishers.ofByteArray(body.toByteArray()));
    }

    private Answer send(String method, String path, String contentType, HttpRequest.BodyPublisher body) {
        HttpResponse<byte[]> response = exchange(method, path, contentType, body);
        byte[] content = response.body();
        boolean json = response.headers().firstValue("content-type").orElse("").contains("json");
        return new Answer(
                response.statusCode(),
                content.length == 0 || !json ? Docs.object() : Json.tree(content),
                response.headers());
    }

    HttpResponse<byte[]> exchange(String method, String path, String contentType, HttpRequest.BodyPublisher body) {
        String target = path.startsWith("http://api.test") ? path.substring("http://api.test".length()) : path;
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + target))
                .header("Content-Type", contentType)
                .method(method, body);
        if (!token.isEmpty()) {
            request.header("Authorization", "bearer " + token);
        }
        try {
            return http.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(method + " " + path, e);
        }
    }

    /** Waits for the job of a 202 answer. */
    Answer await(Answer accepted) {
        accepted.expect(202);
        String location = accepted.location();
        Answer[] job = new Answer[1];
        Awaitility.await().until(() -> {
            job[0] = get(location).expect(200);
            return !job[0].body().path("state").asString().equals("PROCESSING");
        });
        return job[0];
    }

    void complete(Answer accepted) {
        Answer job = await(accepted);
        assertThat(job.body().path("state").asString()).as("%s", job.body()).isEqualTo("COMPLETE");
    }

    String org(String name) {
        return post("/v3/organizations", "{\"name\":\"" + name + "\"}")
                .expect(201)
                .guid();
    }

    String space(String orgGuid, String name) {
        return post(
                        "/v3/spaces",
                        "{\"name\":\"" + name + "\",\"relationships\":{\"organization\":{\"data\":{\"guid\":\""
                                + orgGuid + "\"}}}}")
                .expect(201)
                .guid();
    }

    String app(String spaceGuid, String name) {
        return post(
                        "/v3/apps",
                        "{\"name\":\"" + name + "\",\"relationships\":{\"space\":{\"data\":{\"guid\":\"" + spaceGuid
                                + "\"}}}}")
                .expect(201)
                .guid();
    }

    Answer role(String type, String user, String kind, String guid) {
        return post(
                "/v3/roles",
                "{\"type\":\"" + type + "\",\"relationships\":{\"user\":{\"data\":{\"username\":\"" + user + "\"}},\""
                        + kind + "\":{\"data\":{\"guid\":\"" + guid + "\"}}}}");
    }

    String domain(String name) {
        return get("/v3/domains?names=" + name)
                .expect(200)
                .body()
                .path("resources")
                .path(0)
                .path("guid")
                .asString();
    }

    Answer route(String spaceGuid, String domainGuid, String more) {
        return post(
                "/v3/routes",
                "{" + more + (more.isEmpty() ? "" : ",") + "\"relationships\":{\"space\":{\"data\":{\"guid\":\""
                        + spaceGuid + "\"}},\"domain\":{\"data\":{\"guid\":\"" + domainGuid + "\"}}}}");
    }

    Answer map(String routeGuid, String appGuid) {
        return post(
                "/v3/routes/" + routeGuid + "/destinations",
                "{\"destinations\":[{\"app\":{\"guid\":\"" + appGuid + "\"}}]}");
    }

    /** Uploads and stages an app with a Procfile; the droplet's guid. */
    String droplet(String appGuid) {
        String packageGuid = post(
                        "/v3/packages",
                        "{\"type\":\"bits\",\"relationships\":{\"app\":{\"data\":{\"guid\":\"" + appGuid + "\"}}}}")
                .expect(201)
                .guid();
        upload(
                        "/v3/packages/" + packageGuid + "/upload",
                        "bits",
                        "package.zip",
                        zip(Map.of("Procfile", "web: ./run $PORT\n", "run", "#!/bin/sh\n# " + ++droplets)),
                        Map.of())
                .expect(200);
        Awaitility.await()
                .until(() -> get("/v3/packages/" + packageGuid)
                        .body()
                        .path("state")
                        .asString()
                        .equals("READY"));
        String build = post("/v3/builds", "{\"package\":{\"guid\":\"" + packageGuid + "\"}}")
                .expect(201)
                .guid();
        Awaitility.await()
                .until(() -> !get("/v3/builds/" + build)
                        .body()
                        .path("state")
                        .asString()
                        .equals("STAGING"));
        JsonNode built = get("/v3/builds/" + build).body();
        assertThat(built.path("state").asString()).as("%s", built).isEqualTo("STAGED");
        return built.path("droplet").path("guid").asString();
    }

    void assign(String appGuid, String dropletGuid) {
        patch("/v3/apps/" + appGuid + "/relationships/current_droplet", "{\"data\":{\"guid\":\"" + dropletGuid + "\"}}")
                .expect(200);
    }

    static byte[] zip(Map<String, String> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        component.close();
        routingApi.close();
        bbs.close();
        uaa.close();
        http.shutdownNow();
    }
}
