package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimingFieldsTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final CertificateAuthority OURS = CertificateAuthority.create("ours", DAY, Clock.systemUTC());

    @TempDir
    private Path folder;

    private Path file;
    private RouterUnderTest router;

    @BeforeEach
    void start() throws Exception {
        file = folder.resolve("access.log");
        router = RouterUnderTest.start(
                "logging: {level: fatal, extra_access_log_fields: [failed_attempts, failed_attempts_time, dns_time,"
                        + " dial_time, tls_time, backend_time, local_address]}",
                "ca_certs: [\"" + Pem.write(OURS.certificate()).replace("\n", "\\n") + "\"]",
                RouterUnderTest.accessLog(file));
    }

    @AfterEach
    void stop() {
        router.close();
    }

    private String line(int number) {
        return await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.readAllLines(file), lines -> lines.size() > number)
                .get(number);
    }

    private static double seconds(String line, String field) {
        Matcher found = Pattern.compile(" " + field + ":(\\d+\\.\\d{6}) ").matcher(line);
        assertThat(found.find()).as(field + " in " + line).isTrue();
        return Double.parseDouble(found.group(1));
    }

    @Test
    void measuresANewConnectionAndNoneForAKeptOne() throws Exception {
        try (var backend = new RawBackend(connection -> {
                    while (true) {
                        connection.readHead();
                        long read = System.nanoTime();
                        await().until(() -> System.nanoTime() - read >= 20_000_000); // the time to be measured
                        connection.send(RawBackend.ok("x"));
                    }
                });
                RawClient client = router.client()) {
            router.register(RegistryMessage.builder("localhost", List.of("time.test"))
                    .port(backend.port())
                    .build());
            for (int i = 0; i < 2; i++) {
                client.send("GET / HTTP/1.1\r\nHost: time.test\r\n\r\n");
                assertThat(client.readResponse()).endsWith("x");
            }

            String first = line(0);
            assertThat(first).contains(" failed_attempts:0 failed_attempts_time:\"-\" ", " tls_time:\"-\" ");
            assertThat(seconds(first, "dns_time")).isLessThan(10);
            assertThat(seconds(first, "dial_time")).isPositive();
            assertThat(seconds(first, "backend_time")).isGreaterThanOrEqualTo(0.02);
            assertThat(seconds(first, "response_time")).isGreaterThanOrEqualTo(seconds(first, "backend_time"));
            assertThat(first).containsPattern(" local_address:\"127\\.0\\.0\\.1:\\d+\" ");
            String second = line(1);
            assertThat(second).contains(" dns_time:\"-\" dial_time:\"-\" tls_time:\"-\" ");
            assertThat(seconds(second, "backend_time")).isGreaterThanOrEqualTo(0.02);
        }
    }

    @Test
    void measuresTheHandshakeOfTls() throws Exception {
        var context = TlsContexts.jdk(
                Optional.of(OURS.issue("backend", List.of("backend.test"), DAY)), List.of(OURS.certificate()));
        var listener = context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        try (var backend = new RawBackend(listener, connection -> {
            connection.readHead();
            connection.send(RawBackend.ok("x"));
        })) {
            router.register(RegistryMessage.builder("127.0.0.1", List.of("tls.test"))
                    .tlsPort(backend.port())
                    .serverCertDomainSan("backend.test")
                    .build());
            assertThat(router.get("tls.test", "/")).endsWith("x");

            assertThat(seconds(line(0), "tls_time")).isPositive();
            assertThat(line(0)).as("an address needs no lookup").contains(" dns_time:\"-\" ");
        }
    }

    @Test
    void tellsFailedAttemptsFromTheOneThatBroughtAnAnswer() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(FreePorts.next(), "retry.test");
            router.register(backend.port(), "retry.test");
            int failed = -1;
            for (int i = 0; i < 4 && failed < 0; i++) {
                assertThat(router.get("retry.test", "/")).endsWith("x");
                failed = line(i).contains(" failed_attempts:1 ") ? i : -1;
            }

            assertThat(failed).as("a request that met the dead endpoint").isNotNegative();
            String line = line(failed);
            assertThat(seconds(line, "failed_attempts_time")).isPositive();
            assertThat(seconds(line, "backend_time")).isPositive();
            assertThat(seconds(line, "gorouter_time"))
                    .as("failed attempts are no time of the router's own")
                    .isLessThanOrEqualTo(seconds(line, "response_time") - seconds(line, "failed_attempts_time"));
        }
    }

    @Test
    void showsNothingOfABackendThatDidNotAnswer() throws Exception {
        router.register(FreePorts.next(), "dead.test");
        // On one connection, hence in this order.
        try (RawClient client = router.client()) {
            client.send("GET / HTTP/1.1\r\nHost: dead.test\r\n\r\n");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 502");
            client.send("GET / HTTP/1.1\r\nHost: nowhere.test\r\n\r\n");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 404");
        }

        assertThat(line(0))
                .contains(" dns_time:\"-\" dial_time:\"-\" tls_time:\"-\" backend_time:\"-\" local_address:\"-\" ");
        assertThat(seconds(line(0), "failed_attempts_time")).isPositive();
        assertThat(line(1)).contains(" gorouter_time:0.000000 ", " failed_attempts:0 failed_attempts_time:\"-\" ");
    }
}
