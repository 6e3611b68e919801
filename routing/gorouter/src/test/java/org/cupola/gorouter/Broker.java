package org.cupola.gorouter;

import java.time.Clock;
import java.util.Map;
import org.cupola.nats.NatsComponent;
import org.cupola.nats.NatsConfig;
import org.cupola.platform.testing.NatsServerProcess;

/** Who carries a contract test's messages: the nats-server that deployments have, or the broker of {@code cupola up}. */
enum Broker {
    NATS_SERVER {
        @Override
        Running start() {
            NatsServerProcess process = NatsServerProcess.start();
            return new Running(process.port(), process::close);
        }
    },
    EMBEDDED {
        @Override
        Running start() throws Exception {
            var component =
                    new NatsComponent(NatsConfig.of(Map.of("net", "127.0.0.1", "port", -1L)), Clock.systemUTC());
            component.start();
            return new Running(component.port(), component::close);
        }
    };

    abstract Running start() throws Exception;

    /** A broker that listens on loopback. */
    record Running(int port, Runnable stop) implements AutoCloseable {
        String url() {
            return "nats://127.0.0.1:" + port;
        }

        @Override
        public void close() {
            stop.run();
        }
    }
}
