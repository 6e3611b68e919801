package org.cupola.locket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.json.Json;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.LocketException;
import org.cupola.protocol.bbs.LocketLease;
import org.cupola.protocol.bbs.proto.FetchAllRequest;
import org.cupola.protocol.bbs.proto.LockRequest;
import org.cupola.protocol.bbs.proto.LocketGrpc.LocketBlockingStub;
import org.cupola.protocol.bbs.proto.Resource;
import org.cupola.protocol.bbs.proto.TypeCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over gRPC with mutual TLS, from the file to the wire. */
class LocketComponentTest {
    private static final Duration TTL = Duration.ofSeconds(1);
    private static final Duration INTERVAL = Duration.ofMillis(200);

    @TempDir
    private Path directory;

    private final CertificateAuthority authority =
            CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
    private final HttpClients clients = HttpClients.create(
            authority.issue("client", List.of(), Duration.ofDays(1)), List.of(authority.certificate()));
    private Path config;
    private LocketComponent locket;

    @BeforeEach
    void startLocket() throws Exception {
        var identity = authority.issue("locket", List.of("127.0.0.1"), Duration.ofDays(1));
        Files.writeString(directory.resolve("ca.crt"), Pem.write(authority.certificate()));
        Files.writeString(directory.resolve("locket.crt"), Pem.write(identity.certificate()));
        Files.writeString(directory.resolve("locket.key"), Pem.write(identity.key()));
        config = directory.resolve("locket.json");
        writeConfig(0);
        locket = start();
    }

    private void writeConfig(int port) throws Exception {
        Files.writeString(config, """
                {"listen_address": "127.0.0.1:%d", "database_driver": "sqlite",
                 "database_connection_string": "%s/locket.db",
                 "ca_file": "%s/ca.crt", "cert_file": "%s/locket.crt", "key_file": "%s/locket.key",
                 "log_level": "info", "loggregator": {"loggregator_use_v2_api": false}}""".formatted(port, directory, directory, directory, directory));
    }

    private LocketComponent start() throws Exception {
        var component = new LocketComponent(LocketConfig.read(config), Clock.systemUTC());
        component.start();
        return component;
    }

    @AfterEach
    void stop() {
        locket.close();
        clients.close();
    }

    private LocketClient client() {
        return new LocketClient(clients, "127.0.0.1:" + locket.port(), Duration.ofSeconds(5));
    }

    private LocketBlockingStub stub() {
        return GrpcClients.builder("gproto+https://127.0.0.1:" + locket.port())
                .factory(clients.factory())
                .build(LocketBlockingStub.class);
    }

    @Test
    void answersBothTypesOfEachResource() throws Exception {
        client().lock(LocketClient.lockResource("bbs", "a"), TTL);
        client().lock(LocketClient.presenceResource("cell-1", "b", "{}"), Duration.ofSeconds(15));

        assertThat(client().fetchAll(TypeCode.PRESENCE))
                .containsExactly(Resource.newBuilder()
                        .setKey("cell-1")
                        .setOwner("b")
                        .setValue("{}")
                        .setType("presence")
                        .setTypeCode(TypeCode.PRESENCE)
                        .build());
        assertThat(client().fetch("bbs").orElseThrow().getType()).isEqualTo("lock");
        assertThat(client().fetch("nothing")).isEmpty();
    }

    @Test
    void refusesWithTheOriginalsCodesAndWords() {
        var lock = LocketClient.lockResource("k", "a");
        assertRefused(
                () -> stub().lock(LockRequest.newBuilder().setResource(lock).build()),
                Status.Code.INVALID_ARGUMENT,
                "invalid-ttl");
        assertRefused(
                () -> stub().lock(LockRequest.newBuilder()
                        .setResource(lock.toBuilder().setOwner(""))
                        .setTtlInSeconds(5)
                        .build()),
                Status.Code.INVALID_ARGUMENT,
                "invalid-owner");
        assertRefused(
                () -> stub().lock(LockRequest.newBuilder()
                        .setResource(lock.toBuilder().setTypeCodeValue(0))
                        .build()),
                Status.Code.NOT_FOUND,
                "invalid-type");
        assertRefused(
                () -> stub().fetchAll(FetchAllRequest.newBuilder()
                        .setType("lock")
                        .setTypeCodeValue(9)
                        .build()),
                Status.Code.NOT_FOUND,
                "invalid-type");
        assertRefused(
                () -> stub().lock(LockRequest.newBuilder().setTtlInSeconds(5).build()),
                Status.Code.INVALID_ARGUMENT,
                "invalid-resource");
    }

    private static void assertRefused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Status.Code code, String message) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(code);
            assertThat(e.getStatus().getDescription()).isEqualTo(message);
        });
    }

    @Test
    void anotherOwnerCollides() throws Exception {
        client().lock(LocketClient.lockResource("bbs", "a"), Duration.ofSeconds(15));

        assertThatThrownBy(() -> client().lock(LocketClient.lockResource("bbs", "b"), TTL))
                .isInstanceOfSatisfying(
                        LocketException.class, e -> assertThat(e.kind()).isEqualTo(LocketException.Kind.COLLISION))
                .hasMessage("lock-collision");
        assertThatThrownBy(() -> client().release(LocketClient.lockResource("bbs", "b")))
                .hasMessage("lock-collision");
    }

    @Test
    void whatIsNotRenewedExpires() throws Exception {
        client().lock(LocketClient.presenceResource("cell-1", "b", "{}"), TTL);

        await().atMost(Duration.ofSeconds(60))
                .until(() -> client().fetchAll(TypeCode.PRESENCE).isEmpty());
    }

    @Test
    void aLeaseIsHeldForLongerThanItsTimeToLiveAndPassedOnWhenReleased() throws Exception {
        try (var second = LocketLease.lock(client(), "bbs", "b", TTL, INTERVAL)) {
            long start = System.nanoTime();
            try (var first =
                    LocketLease.lock(client(), "bbs", "a", TTL, INTERVAL).start()) {
                first.acquired().toCompletableFuture().get();
                second.start();
                await().pollInterval(Duration.ofMillis(50))
                        .atMost(Duration.ofSeconds(60))
                        .until(() ->
                                System.nanoTime() - start > TTL.multipliedBy(2).toNanos() || !first.isHeld());
                assertThat(first.isHeld()).isTrue();
                assertThat(second.isHeld()).isFalse();
            }

            second.acquired().toCompletableFuture().get();
            assertThat(client().fetch("bbs").orElseThrow().getOwner()).isEqualTo("b");
        }
    }

    @Test
    void aLockThatCannotBeRenewedIsLost() throws Exception {
        try (var lease = LocketLease.lock(client(), "bbs", "a", TTL, INTERVAL).start()) {
            lease.acquired().toCompletableFuture().get();

            locket.close();

            assertThatThrownBy(() -> lease.lost().toCompletableFuture().get())
                    .cause()
                    .hasMessageStartingWith("lost lock (bbs: ");
            assertThat(lease.isHeld()).isFalse();
        }
    }

    @Test
    void aLockOutlivesAShortOutageOfLocket() throws Exception {
        int port = FreePorts.next();
        locket.close();
        writeConfig(port);
        locket = start();
        try (var lease = LocketLease.lock(client(), "bbs", "a", Duration.ofSeconds(15), INTERVAL)
                .start()) {
            lease.acquired().toCompletableFuture().get();
            locket.close();
            await().during(INTERVAL.multipliedBy(3)).until(lease::isHeld);
            locket = start();

            await().during(INTERVAL.multipliedBy(3)).until(lease::isHeld);
            assertThat(lease.lost().toCompletableFuture()).isNotDone();
            assertThat(client().fetch("bbs").orElseThrow().getOwner()).isEqualTo("a");
        }
    }

    @Test
    void presencesAndLocksSurviveARestart() throws Exception {
        int port = FreePorts.next();
        locket.close();
        writeConfig(port);
        locket = start();
        try (var presence = LocketLease.presence(client(), "cell-1", "b", "{}", Duration.ofSeconds(15), INTERVAL)
                .start()) {
            presence.acquired().toCompletableFuture().get();
            client().lock(LocketClient.lockResource("bbs", "a"), Duration.ofSeconds(15));

            locket.close();
            locket = start();

            assertThat(client().fetch("bbs")).isPresent();
            await().until(presence::isHeld);
            assertThat(client().fetchAll(TypeCode.PRESENCE)).hasSize(1);
        }
    }

    @Test
    void aRowTakenThroughAnotherLocketExpiresHereToo() throws Exception {
        try (var other = new LocketComponent(LocketConfig.read(config), Clock.systemUTC())) {
            other.start();
            new LocketClient(clients, "127.0.0.1:" + other.port(), Duration.ofSeconds(5))
                    .lock(LocketClient.lockResource("bbs", "a"), TTL);
        }

        await().atMost(Duration.ofSeconds(60)).until(() -> client().fetch("bbs").isEmpty());
    }

    @Test
    void clientsWithoutACertificateAreRefused() {
        try (var strangers = HttpClients.create(null, List.of(authority.certificate()))) {
            var client = new LocketClient(strangers, "127.0.0.1:" + locket.port(), Duration.ofSeconds(5));

            assertThatThrownBy(() -> client.fetch("bbs"))
                    .isInstanceOfSatisfying(
                            LocketException.class,
                            e -> assertThat(e.kind()).isEqualTo(LocketException.Kind.UNAVAILABLE));
        }
    }

    @Test
    void theDebugAddressShowsMetricsAndThreads() throws Exception {
        int port = FreePorts.next();
        var json = (tools.jackson.databind.node.ObjectNode) Json.tree(Files.readString(config));
        json.put("debug_address", "127.0.0.1:" + port);
        Files.writeString(config, Json.text(json));
        locket.close();
        locket = start();
        client().lock(LocketClient.lockResource("bbs", "a"), TTL);

        try (var plain = HttpClients.create(null, List.of())) {
            var debug = plain.client(URI.create("http://127.0.0.1:" + port), Duration.ofSeconds(30))
                    .build()
                    .blocking();
            assertThat(debug.get("/metrics").contentUtf8())
                    .contains("RequestsSucceeded_total{request_type=\"Lock\"} 1.0");
            assertThat(debug.get("/debug/pprof/goroutine?debug=2").contentUtf8())
                    .contains("org.cupola.locket");
        }
    }

    @Test
    void reportsAllProblemsOfAFileTogether() throws Exception {
        Files.writeString(config, """
                {"listen_address": "nowhere", "database_driver": "oracle", "database_connection_string": "x"}""");

        assertThatThrownBy(() -> LocketConfig.read(config))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("listen_address: nowhere (expected: host:port)")
                .hasMessageContaining("ca_file: missing (expected: a value)")
                .hasMessageContaining("database_driver mysql, postgres or sqlite, not oracle");
    }
}
