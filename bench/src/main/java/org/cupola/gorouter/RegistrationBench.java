package org.cupola.gorouter;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.TimeUnit;
import org.cupola.platform.config.ConfigException;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RegistryMessageException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Messages of route emitters: read, and taken into a table that knows their endpoints. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RegistrationBench {
    private static final int ENDPOINTS = 10_000;

    private final byte[][] messages = new byte[ENDPOINTS][];
    private final BenchRouter router;
    private int turn;

    public RegistrationBench() {
        try {
            router = new BenchRouter("");
        } catch (ConfigException e) {
            throw new IllegalStateException(e);
        }
    }

    @Setup
    public void register() {
        for (int i = 0; i < ENDPOINTS; i++) {
            String guid = "6a39b8bc-1c4e-4d6f-9d5e-%012x".formatted(i);
            messages[i] =
                    ("{\"host\":\"10.0.%d.%d\",\"port\":61001,\"tls_port\":61002,\"uris\":[\"app-%d.apps.example.com\"],"
                                    + "\"app\":\"%s\",\"private_instance_id\":\"%s\",\"private_instance_index\":\"0\","
                                    + "\"server_cert_domain_san\":\"%s\",\"availability_zone\":\"z1\","
                                    + "\"endpoint_updated_at_ns\":1700000000000000000,"
                                    + "\"tags\":{\"component\":\"route-emitter\",\"source_id\":\"%s\",\"process_type\":\"web\"}}")
                            .formatted(i >> 8, i & 255, i, guid, guid, guid, guid)
                            .getBytes(UTF_8);
            router.message("router.register", messages[i]);
        }
    }

    @Benchmark
    public Object parse() throws RegistryMessageException {
        return RegistryMessage.parse(messages[turn++ % ENDPOINTS]);
    }

    @Benchmark
    public void refresh() {
        router.message("router.register", messages[turn++ % ENDPOINTS]);
    }
}
