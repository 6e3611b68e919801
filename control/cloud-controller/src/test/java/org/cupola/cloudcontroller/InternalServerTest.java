package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The port for cells: who shows a certificate gets the droplet that a desired LRP names. */
class InternalServerTest {
    @TempDir
    Path directory;

    private final CertificateAuthority authority =
            CertificateAuthority.create("platform", Duration.ofDays(1), Clock.systemUTC());

    private CloudControllerConfig.Internal settings() throws IOException {
        TlsIdentity identity =
                authority.issue("cloud-controller", List.of("localhost", "127.0.0.1"), Duration.ofDays(1));
        Path ca = Files.writeString(directory.resolve("ca.pem"), Pem.write(authority.certificate()));
        Path certificate = Files.writeString(directory.resolve("cc.pem"), Pem.write(identity.certificate()));
        Path key = Files.writeString(directory.resolve("cc.key"), Pem.write(identity.key()));
        return new CloudControllerConfig.Internal(
                new InetSocketAddress("127.0.0.1", 0),
                "localhost",
                new CloudControllerConfig.KeyPairFiles(certificate, key),
                ca);
    }

    private HttpClient client(Optional<TlsIdentity> identity) {
        return HttpClient.newBuilder()
                .sslContext(TlsContexts.jdk(identity, List.of(authority.certificate())))
                .build();
    }

    @Test
    void servesDropletsToCellsOnly() throws Exception {
        try (Cloud cloud = new Cloud(directory, settings());
                HttpClient cell = client(Optional.of(authority.issue("cell", List.of(), Duration.ofDays(1))));
                HttpClient stranger = client(Optional.empty())) {
            String app = cloud.app(cloud.space(cloud.org("acme"), "dev"), "hello");
            cloud.assign(app, cloud.droplet(app));
            cloud.post("/v3/apps/" + app + "/actions/start", "").expect(200);
            URI url = URI.create(cloud.bbs
                    .only()
                    .getSetup()
                    .getSerialAction()
                    .getActions(0)
                    .getDownloadAction()
                    .getFrom());

            HttpResponse<Path> droplet = cell.send(
                    HttpRequest.newBuilder(url).build(),
                    HttpResponse.BodyHandlers.ofFile(directory.resolve("droplet.tgz")));

            assertThat(droplet.statusCode()).isEqualTo(200);
            assertThat(url.getPath())
                    .startsWith("/internal/v4/droplets/" + app + "/")
                    .endsWith("/download");
            assertThat(url.getPath()).contains(Digests.of(droplet.body()).sha256());
            assertThat(status(cell, url.resolve("/internal/v4/droplets/" + app + "/0000/download")))
                    .isEqualTo(404);
            assertThat(status(cell, url.resolve("/anything"))).isEqualTo(404);
            assertThatThrownBy(() -> status(stranger, url)).isInstanceOf(IOException.class);

            assertThat(cell.send(
                                    HttpRequest.newBuilder(url.resolve("/internal/v4/apps/"
                                                    + cloud.bbs.only().getProcessGuid() + "/crashed"))
                                            .POST(HttpRequest.BodyPublishers.ofString(
                                                    "{\"instance\":\"i\",\"index\":0,\"reason\":\"CRASHED\"}"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body())
                    .isEqualTo("{}");
            assertThat(cloud.get("/v3/audit_events?types=audit.app.process.crash&target_guids=" + app)
                            .body()
                            .path("resources")
                            .path(0)
                            .path("data")
                            .path("reason")
                            .asString())
                    .isEqualTo("CRASHED");
        }
    }

    @Test
    void tellsWhoSeesAnAppsLogs() throws Exception {
        try (Cloud cloud = new Cloud(directory, settings());
                HttpClient logs = client(Optional.of(authority.issue("loggregator", List.of(), Duration.ofDays(1))))) {
            String app = cloud.app(cloud.space(cloud.org("acme"), "dev"), "hello");
            URI url = URI.create("https://localhost:" + cloud.internalPort() + "/internal/v4/log_access/" + app);

            assertThat(access(logs, url, cloud.uaa.admin())).isEqualTo(200);
            assertThat(access(logs, url, cloud.uaa.user("stranger"))).isEqualTo(404);
            assertThat(access(logs, url, cloud.uaa.expired())).isEqualTo(401);
            assertThat(access(logs, url.resolve("none"), cloud.uaa.admin())).isEqualTo(404);
        }
    }

    private static int access(HttpClient client, URI url, String token) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(url)
                                .header("Authorization", "bearer " + token)
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void runsTasksToTheirEnd() throws Exception {
        try (Cloud cloud = new Cloud(directory, settings());
                HttpClient bbs = client(Optional.of(authority.issue("bbs", List.of(), Duration.ofDays(1))))) {
            String app = cloud.app(cloud.space(cloud.org("acme"), "dev"), "hello");
            assertThat(cloud.post("/v3/apps/" + app + "/tasks", "{\"command\":\"./migrate\"}")
                            .expect(422)
                            .error())
                    .isEqualTo("Task must have a droplet. Specify droplet or assign current droplet to app.");
            cloud.assign(app, cloud.droplet(app));

            Cloud.Answer created = cloud.post(
                            "/v3/apps/" + app + "/tasks",
                            "{\"command\":\"./migrate\",\"name\":\"migrate\",\"memory_in_mb\":64}")
                    .expect(202);

            assertThat(created.body().path("state").asString()).isEqualTo("RUNNING");
            assertThat(created.body().path("sequence_id").asInt()).isEqualTo(1);
            var definition = cloud.bbs.tasks.get(created.guid());
            var run = definition.getAction().getSerialAction().getActions(1).getRunAction();
            assertThat(run.getArgsList()).containsExactly("app", "./migrate", "");
            assertThat(run.getLogSource()).isEqualTo("APP/TASK/migrate");
            assertThat(definition.getMemoryMb()).isEqualTo(64);
            URI callback = URI.create(definition.getCompletionCallbackUrl());
            String result = "{\"task_guid\":\"" + created.guid()
                    + "\",\"failed\":true,\"failure_reason\":\"Exited with status 3\"}";
            assertThat(post(bbs, callback, result)).isEqualTo(200);
            assertThat(post(bbs, callback, result)).isEqualTo(400);
            assertThat(cloud.get("/v3/tasks/" + created.guid())
                            .body()
                            .path("result")
                            .path("failure_reason")
                            .asString())
                    .isEqualTo("Exited with status 3");
            assertThat(cloud.get("/v3/apps/" + app + "/tasks?sequence_ids=1")
                            .body()
                            .path("resources")
                            .path(0)
                            .has("command"))
                    .isFalse();

            String second = cloud.post("/v3/apps/" + app + "/tasks", "{\"command\":\"sleep 9\"}")
                    .expect(202)
                    .guid();
            assertThat(cloud.post("/v3/tasks/" + second + "/actions/cancel", "")
                            .expect(202)
                            .body()
                            .path("state")
                            .asString())
                    .isEqualTo("CANCELING");
            assertThat(cloud.bbs.cancelledTasks).contains(second);
            cloud.bbs.tasks.remove(second);
            Awaitility.await()
                    .until(() -> cloud.get("/v3/tasks/" + second)
                            .body()
                            .path("state")
                            .asString()
                            .equals("FAILED"));
            assertThat(cloud.get("/v3/tasks/" + second)
                            .body()
                            .path("result")
                            .path("failure_reason")
                            .asString())
                    .isEqualTo("Unable to determine completion status");
        }
    }

    private static int post(HttpClient client, URI url, String json) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(url)
                                .POST(HttpRequest.BodyPublishers.ofString(json))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static int status(HttpClient client, URI url) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
