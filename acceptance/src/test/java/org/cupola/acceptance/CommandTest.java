package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.cupola.launcher.demo.CloudFoundryApi;
import org.cupola.launcher.up.Endpoints;
import org.cupola.launcher.up.PlatformPort;
import org.cupola.launcher.up.PlatformPorts;
import org.cupola.launcher.up.PortRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as users meet it: processes, signals, exit codes, and what survives a {@code kill -9}. */
class CommandTest {
    private static final String HOST = "survivor.cupola.localhost";

    @TempDir
    private Path data;

    @Test
    void everythingComesBackAfterThePlatformWasKilled() throws Exception {
        String[] up = up();
        ProcessHandle firstInstance;
        try (ForkedCupola first = ForkedCupola.start(up).awaitOutput("ready after")) {
            Endpoints at = Endpoints.read(data);
            ForkedCupola deploy = ForkedCupola.start("deploy-sample", "--data", data.toString(), "--name", "survivor");
            assertThat(deploy.exitCode()).as(deploy.output()).isZero();
            firstInstance =
                    ProcessHandle.of(Long.parseLong(get(at, "/pid").body())).orElseThrow();

            first.kill();
        }

        try (ForkedCupola second = ForkedCupola.start(up).awaitOutput("ready after")) {
            Endpoints at = Endpoints.read(data);
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> !firstInstance.isAlive() && get(at, "/").status() == 200);
            try (var api = CloudFoundryApi.login(at.api(), at.uaa(), at.adminUser(), at.adminPassword())) {
                assertThat(api.find("/v3/organizations?names=demo")).isPresent();
                assertThat(api.find("/v3/apps?names=survivor")).isPresent();
                assertThat(api.find("/v3/routes?hosts=survivor")).isPresent();
            }
            long pid = Long.parseLong(get(at, "/pid").body());

            assertThat(second.terminate()).as(second.output()).isIn(0, 143);
            assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive))
                    .as("an instance outlived the platform")
                    .isEmpty();
        }
    }

    @Test
    void aTakenPortIsOneLineAndNothingIsLeftRunning() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<String> up = new ArrayList<>(List.of(up()));
            up.set(up.indexOf("--http-port") + 1, Integer.toString(taken.getLocalPort()));
            ForkedCupola cupola = ForkedCupola.start(up.toArray(String[]::new));

            assertThat(cupola.exitCode()).isEqualTo(1);
            assertThat(cupola.output().lines())
                    .singleElement()
                    .asString()
                    .startsWith("cupola up: port " + taken.getLocalPort() + " (HTTP load balancer) cannot be used: ")
                    .endsWith("choose another with --http-port");
        }
    }

    @Test
    void aSecondPlatformInTheSameDirectoryIsRefused() throws Exception {
        try (ForkedCupola first = ForkedCupola.start(up()).awaitOutput("ready after")) {
            ForkedCupola second = ForkedCupola.start(up());

            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.output()).contains("another platform runs in it");
            assertThat(first.terminate()).isIn(0, 143);
        }
    }

    @Test
    void anUnusableDataDirectoryIsOneLine() throws Exception {
        Path file = Files.createFile(data.resolve("file"));

        ForkedCupola cupola = ForkedCupola.start("up", "--data", file.toString());

        assertThat(cupola.exitCode()).isEqualTo(1);
        assertThat(cupola.output().lines())
                .singleElement()
                .asString()
                .startsWith("cupola up: data directory " + file + ": cannot be used: ");
    }

    @Test
    void aWrongFlagEndsWithTwoAndNamesIt() throws Exception {
        ForkedCupola cupola = ForkedCupola.start("up", "--no-such-flag");

        assertThat(cupola.exitCode()).isEqualTo(2);
        assertThat(cupola.output()).contains("Unknown option: '--no-such-flag'");
    }

    @Test
    void helpListsEveryComponent() throws Exception {
        ForkedCupola cupola = ForkedCupola.start("--help");

        assertThat(cupola.exitCode()).isZero();
        assertThat(cupola.output())
                .contains(
                        "up",
                        "demo",
                        "nats",
                        "gorouter",
                        "tcp-router",
                        "routing-api",
                        "route-emitter",
                        "route-registrar",
                        "load-balancer",
                        "bbs",
                        "locket",
                        "auctioneer",
                        "rep",
                        "uaa",
                        "blobstore",
                        "cloud-controller",
                        "rtr");
    }

    private static HttpLoad.Answer get(Endpoints at, String path) throws Exception {
        return HttpLoad.get("127.0.0.1", at.router().getPort(), HOST, path);
    }

    private String[] up() {
        PlatformPorts ports = PlatformPorts.free(new PortRange(61400, 61409));
        return new String[] {
            "up",
            "--data",
            data.toString(),
            "--tcp-ports",
            "61400-61409",
            "--tcp-router-ip",
            "127.0.0.5",
            "--http-port",
            "" + ports.of(PlatformPort.HTTP),
            "--api-port",
            "" + ports.of(PlatformPort.API),
            "--uaa-port",
            "" + ports.of(PlatformPort.UAA),
            "--logs-port",
            "" + ports.of(PlatformPort.LOGS),
            "--dns-port",
            "" + ports.of(PlatformPort.DNS),
            "--internal-ports",
            "21000"
        };
    }
}
