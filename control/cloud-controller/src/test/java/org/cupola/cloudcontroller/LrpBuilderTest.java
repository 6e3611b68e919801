package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.RunAction;
import org.junit.jupiter.api.Test;

/** What the BBS is told about a process, field by field. */
class LrpBuilderTest {
    private static final String APP = "aaaaaaaa-0000-0000-0000-000000000000";
    private static final String PROCESS = "bbbbbbbb-0000-0000-0000-000000000000";
    private static final String VERSION = "cccccccc-0000-0000-0000-000000000000";
    private static final Stamp PROCESS_STAMP = new Stamp(PROCESS, 1_700_000_000_000_000L, 1_700_000_000_123_456L);
    private static final Domain HTTP = new Domain(stamp("d1"), "apps.test", false, null, null);
    private static final Domain TCP = new Domain(stamp("d2"), "tcp.test", false, "group", null);
    private static final Domain INTERNAL = new Domain(stamp("d3"), "apps.internal", true, null, null);

    private final CloudControllerConfig.AppLimits limits = new CloudControllerConfig.AppLimits(
            1024, 1024, 2048, -1, 60, 180, 1024, 4096, Duration.ofMinutes(15), 16_384, 1024, 50, 200);

    private static Stamp stamp(String guid) {
        return new Stamp(guid, 1, 1);
    }

    private LrpBuilder builder(String fileServer) {
        return new LrpBuilder(
                limits,
                fileServer,
                new CellUrls(() -> "https://cc"),
                new AppEnvironmentRules("https://api.test", 16_384));
    }

    private static RunnableProcess process(
            ProcessRow.HealthCheck check, Optional<String> command, RunnableProcess.Mapping... mappings) {
        App.Lifecycle lifecycle = new App.Lifecycle("buildpack", List.of(), "cflinuxfs4");
        return new RunnableProcess(
                new ProcessRow(
                        PROCESS_STAMP,
                        APP,
                        "web",
                        VERSION,
                        command.orElse(null),
                        null,
                        3,
                        512,
                        256,
                        1000,
                        check,
                        ProcessRow.HealthCheck.PROCESS),
                new App(
                        stamp(APP),
                        "hello",
                        "space-guid",
                        true,
                        lifecycle,
                        "droplet-guid",
                        true,
                        true,
                        Map.of("GREETING", "hi")),
                new Space(stamp("space-guid"), "dev", "org-guid", "acme", false, true, null),
                new Droplet(
                        stamp("droplet-guid"),
                        APP,
                        "package-guid",
                        Droplet.STAGED,
                        null,
                        lifecycle,
                        "sha1",
                        "sha256",
                        Map.of("web", "./detected"),
                        "meta",
                        null),
                List.of(mappings));
    }

    private static RunnableProcess.Mapping mapping(Domain domain, String host, String path, int port, Integer appPort) {
        Route route = new Route(stamp("r"), "space-guid", domain, host, path, port, Docs.object());
        return new RunnableProcess.Mapping(route, new Destination(stamp("dest"), "r", APP, "web", appPort, null, null));
    }

    private static String value(List<EnvironmentVariable> variables, String name) {
        return variables.stream()
                .filter(variable -> variable.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    @Test
    void describesTheProcess() {
        DesiredLRP lrp = builder("")
                .build(
                        process(ProcessRow.HealthCheck.PORT, Optional.empty()),
                        Map.of("GROUP", "x", "GREETING", "group"),
                        List.of());

        assertThat(lrp.getProcessGuid()).isEqualTo(PROCESS + "-" + VERSION);
        assertThat(lrp.getDomain()).isEqualTo("cf-apps");
        assertThat(lrp.getRootFs()).isEqualTo("preloaded:cflinuxfs4");
        assertThat(lrp.getInstances()).isEqualTo(3);
        assertThat(lrp.getAnnotation()).isEqualTo("1700000000.123456");
        assertThat(lrp.getMemoryMb()).isEqualTo(512);
        assertThat(lrp.getDiskMb()).isEqualTo(256);
        assertThat(lrp.getLogRateLimit().getBytesPerSecond()).isEqualTo(1000);
        assertThat(lrp.getCpuWeight()).isEqualTo(6);
        assertThat(lrp.getMaxPids()).isEqualTo(1024);
        assertThat(lrp.getPortsList()).containsExactly(8080);
        assertThat(lrp.getStartTimeoutMs()).isEqualTo(60_000);
        assertThat(lrp.getLogGuid()).isEqualTo(APP);
        assertThat(lrp.getPlacementTagsList()).isEmpty();
        assertThat(lrp.getPrivileged()).isFalse();
        assertThat(lrp.getMetricTagsOrThrow("process_instance_id").getDynamic())
                .isEqualTo(MetricTagValue.DynamicValue.INSTANCE_GUID);
        assertThat(lrp.getMetricTagsOrThrow("app_name").getStatic()).isEqualTo("hello");
        assertThat(lrp.getNetwork().getPropertiesMap())
                .containsEntry("org_id", "org-guid")
                .containsEntry("ports", "8080");
        assertThat(lrp.getCertificateProperties().getOrganizationalUnitList())
                .containsExactly("organization:org-guid", "space:space-guid", "app:" + APP);
        assertThat(value(lrp.getEnvironmentVariablesList(), "LANG")).isEqualTo("en_US.UTF-8");
        var download = lrp.getSetup().getSerialAction().getActions(0).getDownloadAction();
        assertThat(download.getFrom()).isEqualTo("https://cc/internal/v4/droplets/" + PROCESS + "/sha256/download");
        assertThat(download.getTo()).isEqualTo(".");
        assertThat(download.getCacheKey()).isEqualTo("droplets-" + PROCESS + "-" + VERSION);
        assertThat(download.getChecksumAlgorithm()).isEqualTo("sha256");
    }

    @Test
    void startsItThroughTheLauncherWithItsEnvironment() {
        RunAction run = builder("")
                .build(
                        process(ProcessRow.HealthCheck.PORT, Optional.empty()),
                        Map.of("GROUP", "x", "GREETING", "group"),
                        List.of())
                .getAction()
                .getCodependentAction()
                .getActions(0)
                .getRunAction();

        assertThat(run.getPath()).isEqualTo("/tmp/lifecycle/launcher");
        assertThat(run.getArgsList()).containsExactly("app", "./detected", "meta");
        assertThat(run.getUser()).isEqualTo("vcap");
        assertThat(run.getLogSource()).isEqualTo("APP/PROC/WEB");
        assertThat(run.getResourceLimits().getNofile()).isEqualTo(16_384);
        assertThat(run.getEnvList().stream().map(EnvironmentVariable::getName))
                .containsExactly(
                        "PORT",
                        "VCAP_APP_PORT",
                        "VCAP_APP_HOST",
                        "GREETING",
                        "GROUP",
                        "VCAP_APPLICATION",
                        "MEMORY_LIMIT",
                        "VCAP_SERVICES");
        assertThat(value(run.getEnvList(), "GREETING")).isEqualTo("hi");
        assertThat(value(run.getEnvList(), "MEMORY_LIMIT")).isEqualTo("512m");
        assertThat(value(run.getEnvList(), "VCAP_SERVICES")).isEqualTo("{}");
        assertThat(value(run.getEnvList(), "VCAP_APPLICATION"))
                .contains("\"cf_api\":\"https://api.test\"")
                .contains("\"limits\":{\"fds\":16384,\"mem\":512,\"disk\":256}")
                .contains("\"process_type\":\"web\"");
    }

    @Test
    void anExplicitCommandGoesBeforeTheDetectedOne() {
        assertThat(builder("")
                        .build(process(ProcessRow.HealthCheck.PORT, Optional.of("./mine")), Map.of(), List.of())
                        .getAction()
                        .getCodependentAction()
                        .getActions(0)
                        .getRunAction()
                        .getArgs(1))
                .isEqualTo("./mine");
    }

    @Test
    void sortsRoutesByTheirKind() {
        RunnableProcess process = process(
                ProcessRow.HealthCheck.PORT,
                Optional.empty(),
                mapping(HTTP, "hello", "/p", 0, null),
                mapping(TCP, "", "", 1024, 9000),
                mapping(INTERNAL, "hello", "", 0, null));
        Map<String, ByteString> routes = LrpRoutes.of(process).getRoutesMap();

        assertThat(routes.get("cf-router").toStringUtf8())
                .isEqualTo(
                        "[{\"hostnames\":[\"hello.apps.test/p\"],\"port\":8080,\"route_service_url\":null,\"isolation_segment\":null,\"protocol\":\"http1\"}]");
        assertThat(routes.get("tcp-router").toStringUtf8())
                .isEqualTo("[{\"router_group_guid\":\"group\",\"external_port\":1024,\"container_port\":9000}]");
        assertThat(routes.get("internal-router").toStringUtf8()).isEqualTo("[{\"hostname\":\"hello.apps.internal\"}]");
        assertThat(process.ports()).containsExactly(8080, 9000);
    }

    @Test
    void emptyKindsOfRoutesAreThereToo() {
        assertThat(LrpRoutes.of(process(ProcessRow.HealthCheck.PORT, Optional.empty()))
                        .getRoutesMap())
                .hasSize(3)
                .allSatisfy((_, value) -> assertThat(value.toStringUtf8()).isEqualTo("[]"));
    }

    @Test
    void checksHealthAsTheProcessSays() {
        var http = new ProcessRow.HealthCheck("http", 10, 2, 5, "/health");
        DesiredLRP checked = builder("").build(process(http, Optional.empty()), Map.of(), List.of());

        assertThat(checked.getStartTimeoutMs()).isEqualTo(10_000);
        var check = checked.getCheckDefinition().getChecks(0).getHttpCheck();
        assertThat(check.getPath()).isEqualTo("/health");
        assertThat(check.getRequestTimeoutMs()).isEqualTo(2000);
        assertThat(check.getIntervalMs()).isEqualTo(5000);
        assertThat(builder("")
                        .build(process(ProcessRow.HealthCheck.PORT, Optional.empty()), Map.of(), List.of())
                        .getCheckDefinition()
                        .getChecks(0)
                        .getTcpCheck()
                        .getPort())
                .isEqualTo(8080);
        assertThat(builder("")
                        .build(process(ProcessRow.HealthCheck.PROCESS, Optional.empty()), Map.of(), List.of())
                        .hasCheckDefinition())
                .isFalse();
    }

    @Test
    void cellsWithContainersGetTheLifecycleAndItsCheckProgram() {
        DesiredLRP lrp = builder("http://files")
                .build(process(ProcessRow.HealthCheck.PORT, Optional.empty()), Map.of(), List.of());

        assertThat(lrp.getCachedDependencies(0).getTo()).isEqualTo("/tmp/lifecycle");
        assertThat(lrp.getCachedDependencies(0).getCacheKey()).isEqualTo("buildpack-cflinuxfs4-lifecycle");
        assertThat(lrp.getMonitor()
                        .getTimeoutAction()
                        .getAction()
                        .getParallelAction()
                        .getActions(0)
                        .getRunAction()
                        .getArgsList())
                .containsExactly("-port=8080");
        assertThat(builder("")
                        .build(process(ProcessRow.HealthCheck.PORT, Optional.empty()), Map.of(), List.of())
                        .hasMonitor())
                .isFalse();
    }

    @Test
    void weighsProcessorsByMemoryWithinBounds() {
        assertThat(LrpBuilder.cpuWeight(1)).isEqualTo(1);
        assertThat(LrpBuilder.cpuWeight(8192)).isEqualTo(100);
        assertThat(LrpBuilder.cpuWeight(1 << 20)).isEqualTo(100);
    }
}
