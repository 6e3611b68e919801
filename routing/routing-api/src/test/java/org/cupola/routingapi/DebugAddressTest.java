package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.FreePorts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The debug server is there while the API is, and no condition of its start. */
class DebugAddressTest {
    @TempDir
    Path folder;

    private RunningApi start(int debugPort) {
        return RunningApi.start(
                folder,
                RunningApi.sql(DatabaseConfig.sqlite(folder.resolve("db"))) + "debug_address: 127.0.0.1:" + debugPort
                        + "\n");
    }

    @Test
    void showsThreadsAndTakesLogLevels() throws Exception {
        int port = FreePorts.next();
        try (var api = start(port)) {
            var debug = api.clients()
                    .client(URI.create("http://127.0.0.1:" + port), Duration.ofSeconds(30))
                    .build()
                    .blocking();

            assertThat(debug.get("/debug/pprof/goroutine?debug=2").contentUtf8())
                    .contains("org.cupola.routingapi");
            AggregatedHttpResponse refused = debug.post("/log-level", "loudest");
            assertThat(refused.status().code()).isEqualTo(400);
            assertThat(refused.contentUtf8()).isEqualTo("invalid log level: loudest\n");
        }
    }

    @Test
    void aTakenPortKeepsTheApiFromNothing() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var api = start(taken.getLocalPort())) {
            assertThat(api.tcpGroup("group")).isNotEmpty();
        }
    }
}
