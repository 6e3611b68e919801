package org.cupola.nats;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.stream.Stream;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.testing.NatsServerProcess;

/** Who answers in a contract test: our broker, or the nats-server it stands in for. Both read the same configuration. */
enum Server {
    EMBEDDED {
        @Override
        Running start(String configuration) {
            var component = new NatsComponent(config(configuration), Clock.systemUTC(), 2);
            try {
                component.start();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return new Running(component.port(), component::close);
        }
    },
    NATS_SERVER {
        @Override
        Running start(String configuration) {
            try {
                Path folder = Files.createTempDirectory("nats");
                Path file = Files.writeString(folder.resolve("nats.conf"), configuration);
                NatsServerProcess process = NatsServerProcess.start("-c", file.toString());
                return new Running(process.port(), () -> {
                    process.close();
                    delete(folder);
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    abstract Running start(String configuration);

    /** A server that accepts clients on a loopback port. */
    record Running(int port, Runnable stop) implements AutoCloseable {
        String url() {
            return "nats://127.0.0.1:" + port;
        }

        @Override
        public void close() {
            stop.run();
        }
    }

    static NatsConfig config(String configuration) {
        try {
            return NatsConfig.parse("test", "host: 127.0.0.1\nport: -1\n" + configuration);
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
