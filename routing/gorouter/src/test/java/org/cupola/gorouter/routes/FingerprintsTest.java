package org.cupola.gorouter.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.cupola.gorouter.routes.RouteTable.Outcome;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.Test;

class FingerprintsTest {
    private final RouteTable table = new RouteTable(
            new RouteTable.Rules(Sharding.EVERYTHING, Duration.ofMinutes(2).toNanos(), false, 0, true),
            new SplittableRandom(1),
            RouteChanges.IGNORED);

    private static byte[] message(int port, String app) {
        return RegistryMessage.builder("10.0.0.1", List.of("a.com"))
                .port(port)
                .app(app)
                .build()
                .toEmitterJson();
    }

    private Outcome register(byte[] message) throws Exception {
        long fingerprint = table.fingerprint(message);
        if (table.refresh(fingerprint, 0) != null) {
            return Outcome.REFRESHED;
        }
        RegistryMessage parsed = RegistryMessage.parse(message);
        return table.register(parsed.uris().getFirst(), EndpointInfo.of(parsed, true), fingerprint, 0);
    }

    @Test
    void differForAnyDifference() {
        var fingerprints = new Fingerprints(7);
        Set<Long> seen = new HashSet<>();
        int count = 0;
        for (int length = 0; length < 40; length++) {
            for (int bit = -1; bit < length * 8; bit++) {
                var bytes = new byte[length];
                if (bit >= 0) {
                    bytes[bit / 8] |= (byte) (1 << bit % 8);
                }
                seen.add(fingerprints.of(bytes));
                count++;
            }
        }

        assertThat(seen).hasSize(count);
        assertThat(new Fingerprints(8).of("x".getBytes(UTF_8))).isNotEqualTo(fingerprints.of("x".getBytes(UTF_8)));
    }

    @Test
    void refreshTheEndpointThatTheMessageRegistered() throws Exception {
        assertThat(register(message(1, "app"))).isEqualTo(Outcome.ADDED);

        assertThat(table.refresh(table.fingerprint(message(1, "app")), 5))
                .satisfies(info -> assertThat(info.port()).isEqualTo(1));
        assertThat(table.prune(Duration.ofMinutes(2).toNanos() + 5))
                .as("it was refreshed at 5")
                .isZero();
        assertThat(table.refresh(table.fingerprint(message(2, "app")), 5)).isNull();
    }

    @Test
    void areForgottenWithTheEndpoint() throws Exception {
        register(message(1, "app"));
        table.unregister("a.com", EndpointInfo.of(RegistryMessage.parse(message(1, "app")), true), 0);

        assertThat(table.refresh(table.fingerprint(message(1, "app")), 0)).isNull();
        assertThat(register(message(1, "app"))).isEqualTo(Outcome.ADDED);
    }

    @Test
    void followWhatTheEndpointIsReplacedWith() throws Exception {
        register(message(1, "old"));

        assertThat(register(message(1, "new"))).isEqualTo(Outcome.UPDATED);
        assertThat(register(message(1, "new"))).isEqualTo(Outcome.REFRESHED);
        assertThat(register(message(1, "old"))).isEqualTo(Outcome.UPDATED);
        assertThat(table.lookup("a.com").endpoints().getFirst().info().app()).isEqualTo("old");
    }

    @Test
    void stillLetTheLatestMessageSetWhatHoldsForTheRoute() throws Exception {
        byte[] without = message(1, "app");
        byte[] with = RegistryMessage.builder("10.0.0.1", List.of("a.com"))
                .port(2)
                .routeServiceUrl("https://service.test")
                .build()
                .toEmitterJson();
        register(without);
        register(with);

        assertThat(register(without)).isEqualTo(Outcome.REFRESHED);
        assertThat(table.lookup("a.com").routeServiceUrl()).isEmpty();
        assertThat(register(with)).isEqualTo(Outcome.REFRESHED);
        assertThat(table.lookup("a.com").routeServiceUrl()).isEqualTo("https://service.test");
    }

    private static byte[] route(int i, int version) {
        return RegistryMessage.builder("10.0.0.1", List.of("r" + i + ".com"))
                .port(i)
                .app("v" + version)
                .build()
                .toEmitterJson();
    }

    @Test
    void findExactlyWhatIsThereHoweverItComesAndGoes() throws Exception {
        var random = new SplittableRandom(3);
        var versions = new int[2000];
        for (int step = 0; step < 20_000; step++) {
            int i = 1 + random.nextInt(versions.length - 1);
            if (versions[i] > 0 && random.nextInt(3) == 0) {
                RegistryMessage gone = RegistryMessage.parse(route(i, versions[i]));
                table.unregister("r" + i + ".com", EndpointInfo.of(gone, true), 0);
                versions[i] = 0;
            } else {
                versions[i] = 1 + random.nextInt(3);
                register(route(i, versions[i]));
            }
        }

        for (int i = 1; i < versions.length; i++) {
            for (int version = 1; version <= 3; version++) {
                EndpointInfo known = table.refresh(table.fingerprint(route(i, version)), 0);
                if (version == versions[i]) {
                    assertThat(known).isNotNull();
                    assertThat(known.port()).isEqualTo(i);
                } else {
                    assertThat(known).isNull();
                }
            }
        }
    }
}
