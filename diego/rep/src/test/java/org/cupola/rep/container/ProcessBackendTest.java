package org.cupola.rep.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.testing.RealParts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessBackendTest {
    private static final long MEBIBYTE = 1024 * 1024;

    @TempDir
    Path folder;

    private ProcessBackend backend;

    @BeforeEach
    void start() throws IOException {
        backend = new ProcessBackend(settings(folder));
        backend.start();
    }

    @AfterEach
    void stop() {
        backend.close();
    }

    static ProcessBackendSettings settings(Path folder) {
        return new ProcessBackendSettings(
                folder,
                "127.0.0.1",
                ProcessBackendSettings.FIRST_PORT,
                ProcessBackendSettings.PORT_COUNT,
                Map.of("PATH", "/usr/bin:/bin", "BASE", "from the cell"),
                1 << 30,
                1 << 30,
                10,
                Duration.ofMillis(20),
                Duration.ofMillis(20));
    }

    private Container container(String handle) throws ContainerException {
        return container(handle, 0, 0);
    }

    private Container container(String handle, long memoryBytes, long diskBytes) throws ContainerException {
        return backend.create(new ContainerSpec(
                handle,
                "preloaded:any",
                Map.of("FROM", "the container"),
                memoryBytes,
                diskBytes,
                0,
                List.of(8080, 9090),
                List.of()));
    }

    private static ProcessSpec shell(String script) {
        return shell(script, Map.of());
    }

    private static ProcessSpec shell(String script, Map<String, String> environment) {
        return new ProcessSpec("/bin/sh", List.of("-c", script), "", environment, "vcap", OptionalLong.empty());
    }

    private record Result(int status, String out, String err) {}

    private static Result run(Container container, ProcessSpec process) throws Exception {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = container.run(process, new ProcessOutput(out, err)).exit().get(20, TimeUnit.SECONDS);
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void runsAProcessAndReportsItsOutputAndStatus() throws Exception {
        Result result = run(container("c1"), shell("echo out; echo err >&2; exit 7"));

        assertThat(result).isEqualTo(new Result(7, "out\n", "err\n"));
    }

    @Test
    void theEnvironmentIsCleanAndLayered() throws Exception {
        Container container = container("c1");
        Path home = folder.resolve("containers/c1/root/home/vcap");

        String environment = run(container, shell("env", Map.of("MINE", "1", "BASE", "over", "APP", "/home/vcap/app")))
                .out();

        assertThat(environment.lines())
                .contains(
                        "MINE=1",
                        "BASE=over",
                        "FROM=the container",
                        "PATH=/usr/bin:/bin",
                        "HOME=" + home,
                        "USER=vcap",
                        "APP=" + home.resolve("app"),
                        "TMPDIR=" + folder.resolve("containers/c1/root/tmp"));
        assertThat(environment).doesNotContain("JAVA_HOME", "MAVEN", "LOGNAME");
    }

    @Test
    void aProcessLearnsTheHostPortItHasToListenOn() throws Exception {
        Container container = container("c1");
        int host = container.network().listenPort(8080);

        String out = run(
                        container,
                        shell(
                                "echo $PORT $VCAP_APP_PORT $OTHER",
                                Map.of("PORT", "8080", "VCAP_APP_PORT", "9090", "OTHER", "8080")))
                .out();

        assertThat(host).isBetween(61001, 65534);
        assertThat(container.network().ports())
                .extracting(PortMapping::containerPort)
                .containsExactly(8080, 9090);
        assertThat(out).isEqualTo(host + " " + container.network().listenPort(9090) + " 8080\n");
    }

    @Test
    void runsInTheFolderAskedForAndMakesIt() throws Exception {
        Container container = container("c1");
        var process = new ProcessSpec(
                "/bin/sh", List.of("-c", "pwd"), "/home/vcap/new/dir", Map.of(), "vcap", OptionalLong.empty());

        assertThat(run(container, process).out().strip())
                .isEqualTo(
                        folder.resolve("containers/c1/root/home/vcap/new/dir").toString());
    }

    @Test
    void programsComeFromTheContainerThePathOrTheHost() throws Exception {
        Container container = container("c1");
        Path archive = folder.resolve("archive");
        Files.write(
                archive,
                new TarBuilder().file("bin/sh", "#!/bin/sh\necho mine\n", 0755).build());
        container.unpack(archive, "/", "vcap");

        assertThat(run(container, shell("x")).out()).isEqualTo("mine\n");
        assertThat(run(container, new ProcessSpec("echo", List.of("found"), "", Map.of(), "", OptionalLong.empty()))
                        .out())
                .isEqualTo("found\n");
        assertThatThrownBy(() -> run(
                        container,
                        new ProcessSpec("no-such-program", List.of(), "", Map.of(), "", OptionalLong.empty())))
                .hasMessage("no-such-program: executable file not found in $PATH");
        assertThatThrownBy(() ->
                        run(container, new ProcessSpec("/no/such", List.of(), "", Map.of(), "", OptionalLong.empty())))
                .hasMessage("/no/such: no such executable file");
    }

    @Test
    void limitsOpenFiles() throws Exception {
        var process =
                new ProcessSpec("/bin/sh", List.of("-c", "ulimit -n"), "", Map.of(), "vcap", OptionalLong.of(123));

        assertThat(run(container("c1"), process).out()).isEqualTo("123\n");
    }

    @Test
    void aKilledProcessReportsItsSignal() throws Exception {
        RunningProcess process = container("c1").run(shell("exec sleep 60"), ProcessOutput.discard());

        process.kill();

        assertThat(process.exit().get(30, TimeUnit.SECONDS)).isEqualTo(137);
    }

    @Test
    void asksTheWholeGroupToEnd() throws Exception {
        Container container = container("c1");
        String script = "trap 'echo parent; exit 3' TERM; sh -c \"trap 'echo child; exit 0' TERM; echo up; "
                + "while :; do sleep 0.01; done\" & wait $!; wait";
        var out = new ByteArrayOutputStream();
        RunningProcess process = container.run(shell(script), new ProcessOutput(out, new ByteArrayOutputStream()));
        await().until(() -> out.toString(StandardCharsets.UTF_8).contains("up"));

        process.terminate();

        assertThat(process.exit().get(30, TimeUnit.SECONDS)).isEqualTo(3);
        await().until(() -> out.toString(StandardCharsets.UTF_8).contains("child"));
    }

    @Test
    void knowsWhetherTheGroupOutlivesItsLeader() throws Exception {
        Container container = container("c1");
        RunningProcess process = container.run(shell("sleep 60 >/dev/null 2>&1 &"), ProcessOutput.discard());
        process.exit().get(30, TimeUnit.SECONDS);

        assertThat(process.lingers()).isTrue();

        container.destroy();
        assertThat(process.lingers()).isFalse();
    }

    @Test
    void aStreamThatADescendantHoldsOpenDoesNotDelayTheReport() throws Exception {
        long start = System.nanoTime();

        container("c1").run(shell("sleep 60 &"), ProcessOutput.discard()).exit().get(10, TimeUnit.SECONDS);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void destroyKillsEvenWhatLeftItsProcessGroup() throws Exception {
        Container container = container("c1");
        Path pid = folder.resolve("containers/c1/root/home/vcap/pid");
        container.run(shell("setsid sh -c 'echo $$ > pid; exec sleep 60' & wait"), ProcessOutput.discard());
        await().until(() -> Files.exists(pid) && !Files.readString(pid).isBlank());
        long escaped = Long.parseLong(Files.readString(pid).strip());
        assertThat(isAlive(escaped)).isTrue();

        container.destroy();

        assertThat(isAlive(escaped)).isFalse();
        assertThat(folder.resolve("containers/c1")).doesNotExist();
        container.destroy();
    }

    /** A process that ended and waits for its parent does not count. */
    static boolean isAlive(long pid) {
        return ProcessTable.read().stream().anyMatch(entry -> entry.pid() == pid && entry.alive());
    }

    @Test
    void nothingStartsInADestroyedContainer() throws Exception {
        Container container = container("c1");
        container.destroy();

        assertThatThrownBy(() -> container.run(shell("true"), ProcessOutput.discard()))
                .hasMessage("container c1 is destroyed");
    }

    @Test
    void endsAContainerThatUsesTooMuchMemory() throws Exception {
        Container container = container("c1", 30 * MEBIBYTE, 0);
        // tail keeps what may become its last line
        Result result = run(container, shell("head -c 200000000 /dev/zero | tail; sleep 60"));

        assertThat(result.status()).isEqualTo(137);
        assertThat(container.breach()).contains(Container.Breach.OUT_OF_MEMORY);
    }

    @Test
    void endsAContainerThatUsesTooMuchDisk() throws Exception {
        Container container = container("c1", 0, MEBIBYTE);
        Result result = run(container, shell("head -c 3000000 /dev/zero > file; sleep 60"));

        assertThat(result.status()).isEqualTo(137);
        assertThat(container.breach()).contains(Container.Breach.OUT_OF_DISK);
    }

    @Test
    void measuresWhatContainersUse() throws Exception {
        Container container = container("c1");
        container.run(shell("head -c 100000 /dev/zero > file; while :; do :; done"), ProcessOutput.discard());

        await().untilAsserted(() -> assertThat(backend.usage().get("c1"))
                .matches(usage -> usage.cpuNanos() > 20_000_000
                        && usage.memoryBytes() > 100_000
                        && usage.diskBytes() >= 100_000
                        && usage.processes() >= 1));
    }

    @Test
    void writesAndReadsFiles() throws Exception {
        Container container = container("c1");

        container.write("/etc/bindings/db/uri", "secret".getBytes(StandardCharsets.UTF_8));
        run(container, shell("echo result > /home/vcap/result.json"));

        try (var in = container.read("/etc/bindings/db/uri")) {
            assertThat(in.readAllBytes()).asString().isEqualTo("secret");
        }
        try (var in = container.read("/home/vcap/result.json")) {
            assertThat(in.readAllBytes()).asString().isEqualTo("result\n");
        }
        assertThatThrownBy(() -> container.read("/tmp/none")).isInstanceOf(IOException.class);
    }

    @Test
    void refusesTwoContainersOfOneName() throws Exception {
        container("c1");

        assertThatThrownBy(() -> container("c1")).hasMessage("Handle 'c1' already in use");
        assertThatThrownBy(() -> container("../c1")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesMoreContainersThanItMayHold() throws Exception {
        for (int i = 0; i < 10; i++) {
            container("c" + i);
        }

        assertThatThrownBy(() -> container("one-more")).hasMessage("max containers reached");
    }

    @Test
    void checksThatContainersCanBeMade() throws Exception {
        backend.check();

        assertThat(folder.resolve("containers")).isEmptyDirectory();
    }

    @Test
    void twoCellsCannotShareAFolder() {
        var other = new ProcessBackend(settings(folder));

        assertThatThrownBy(other::start).hasMessage(folder + ": in use by another cell");
        other.close();
    }

    @Test
    void closeEndsEverything() throws Exception {
        RunningProcess process = container("c1").run(shell("trap '' TERM; sleep 60"), ProcessOutput.discard());

        backend.close();

        assertThat(process.exit().get(30, TimeUnit.SECONDS)).isEqualTo(137);
        assertThat(folder.resolve("containers/c1")).doesNotExist();
    }

    @Test
    void standsInForTheBuildpackLauncher() throws Exception {
        Container container = container("c1");
        container.write("/home/vcap/profile.d/a.sh", "export FROM_PROFILE=1".getBytes(StandardCharsets.UTF_8));
        container.write("/home/vcap/app/.profile", "export FROM_APP=2".getBytes(StandardCharsets.UTF_8));
        var process = new ProcessSpec(
                "/tmp/lifecycle/launcher",
                List.of("app", "echo $FROM_PROFILE $FROM_APP $PWD; echo $VCAP_APPLICATION", ""),
                "",
                Map.of("PORT", "8080", "INSTANCE_INDEX", "3", "VCAP_APPLICATION", "{\"name\":\"x\"}"),
                "vcap",
                OptionalLong.empty());

        Result result = run(container, process);

        String app = folder.resolve("containers/c1/root/home/vcap/app").toString();
        assertThat(result.out())
                .contains("Invoking pre-start scripts.\nInvoking start command.\n1 2 " + app + "\n")
                .contains("\"instance_index\":3")
                .contains("\"port\":" + container.network().listenPort(8080));
    }

    @Test
    void theLauncherTakesTheDetectedCommandWhenThereIsNoOther() throws Exception {
        Container container = container("c1");
        container.write("/home/vcap/app/x", new byte[0]);
        container.write(
                "/home/vcap/staging_info.yml",
                "{\"start_command\":\"echo detected\"}".getBytes(StandardCharsets.UTF_8));
        var process = new ProcessSpec(
                "/tmp/lifecycle/launcher", List.of("app", "", ""), "", Map.of(), "vcap", OptionalLong.empty());

        assertThat(run(container, process).out()).endsWith("detected\n");
    }

    @Test
    void theNextRunGoesOnWithOtherPorts() throws Exception {
        List<PortMapping> before = container("c1").network().ports();
        backend.close();
        backend = new ProcessBackend(settings(folder));
        backend.start();

        assertThat(container("c1").network().ports())
                .extracting(PortMapping::hostPort)
                .doesNotContainAnyElementsOf(
                        before.stream().map(PortMapping::hostPort).toList());
    }

    @Test
    void memoryThatWorkersShareCountsOnce() throws Exception {
        RealParts.require("python3");
        Container container = container("c1", 120 * MEBIBYTE, 0);
        // eight workers that share 60 MiB
        String script = "exec python3 -c \"import os,time\nx=b'x'*60000000\n"
                + "for i in range(8):\n  if os.fork()==0: time.sleep(1); os._exit(0)\n"
                + "for i in range(8): os.wait()\"";

        assertThat(run(container, shell(script)).status()).isZero();
        assertThat(container.breach()).isEmpty();
    }

    @Test
    void variablesNameWhatIsInTheContainerWhereItIs() throws Exception {
        Path host = Files.createDirectory(folder.resolve("certificates"));
        Files.writeString(host.resolve("ca.crt"), "authority");
        Container container = backend.create(new ContainerSpec(
                "c1",
                "preloaded:any",
                Map.of("CF_SYSTEM_CERT_PATH", "/etc/cf-system-certificates"),
                0,
                0,
                0,
                List.of(),
                List.of(new BindMount(host, "/etc/cf-system-certificates"))));

        assertThat(run(container, shell("cat $CF_SYSTEM_CERT_PATH/ca.crt")).out())
                .isEqualTo("authority");
    }
}
