package org.cupola.cloudcontroller;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.CertificateProperties;
import org.cupola.protocol.bbs.proto.CodependentAction;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPUpdate;
import org.cupola.protocol.bbs.proto.DownloadAction;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.protocol.bbs.proto.LogRateLimit;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.Network;
import org.cupola.protocol.bbs.proto.ResourceLimits;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.protocol.bbs.proto.SecurityGroupRule;
import org.cupola.protocol.bbs.proto.SerialAction;

/** Translates a process that shall run into a desired LRP. Pure. */
final class LrpBuilder {
    static final String DOMAIN = "cf-apps";

    private static final String LAUNCHER = "/tmp/lifecycle/launcher";
    private static final String USER = "vcap";
    private static final int MIN_CPU_MEMORY = 128;
    private static final int MAX_CPU_MEMORY = 8192;

    private final CloudControllerConfig.AppLimits limits;
    private final boolean lifecycleFromFileServer;
    private final String fileServer;
    private final CellUrls urls;
    private final AppEnvironmentRules environment;

    /**
     * @param fileServer where cells get the lifecycle bundle from; empty when they need none
     */
    LrpBuilder(
            CloudControllerConfig.AppLimits limits, String fileServer, CellUrls urls, AppEnvironmentRules environment) {
        this.limits = limits;
        this.lifecycleFromFileServer = !fileServer.isEmpty();
        this.fileServer = fileServer;
        this.urls = urls;
        this.environment = environment;
    }

    /**
     * @param runningGroup environment that all running apps get
     * @param egressRules  of the space
     */
    DesiredLRP build(RunnableProcess wanted, Map<String, String> runningGroup, List<SecurityGroupRule> egressRules) {
        ProcessRow process = wanted.process();
        App app = wanted.app();
        Space space = wanted.space();
        List<Integer> ports = wanted.ports();
        DesiredLRP.Builder lrp = DesiredLRP.newBuilder()
                .setProcessGuid(process.lrpGuid())
                .setDomain(DOMAIN)
                .setRootFs("preloaded:" + wanted.droplet().lifecycle().stack())
                .setInstances(process.instances())
                .setAnnotation(wanted.annotation())
                .setMemoryMb(process.memoryMb())
                .setDiskMb(process.diskMb())
                .setLogRateLimit(LogRateLimit.newBuilder().setBytesPerSecond(process.logRate()))
                .setCpuWeight(cpuWeight(process.memoryMb()))
                .setMaxPids(limits.maxPids())
                .addAllPorts(ports)
                .setStartTimeoutMs(startTimeoutSeconds(process.healthCheck()) * 1000L)
                .setLogGuid(app.guid())
                .setMetricsGuid(app.guid())
                .setLogSource("CELL")
                .putAllMetricTags(metricTags(wanted))
                .addEnvironmentVariables(variable("LANG", "en_US.UTF-8"))
                .setSetup(setup(wanted))
                .setAction(action(wanted, runningGroup))
                .setLegacyDownloadUser(USER)
                .addAllEgressRules(egressRules)
                .setTrustedSystemCertificatesPath("/etc/cf-system-certificates")
                .setNetwork(Network.newBuilder()
                        .putProperties("policy_group_id", app.guid())
                        .putProperties("app_id", app.guid())
                        .putProperties("space_id", space.guid())
                        .putProperties("org_id", space.organizationGuid())
                        .putProperties(
                                "ports", ports.stream().map(String::valueOf).collect(Collectors.joining(",")))
                        .putProperties("container_workload", "app"))
                .setCertificateProperties(CertificateProperties.newBuilder()
                        .addOrganizationalUnit("organization:" + space.organizationGuid())
                        .addOrganizationalUnit("space:" + space.guid())
                        .addOrganizationalUnit("app:" + app.guid()))
                .setRoutes(LrpRoutes.of(wanted));
        HealthChecks.definition(process, ports).ifPresent(lrp::setCheckDefinition);
        if (lifecycleFromFileServer) {
            HealthChecks.monitor(process, ports).ifPresent(lrp::setMonitor);
            String stack = wanted.droplet().lifecycle().stack();
            lrp.addCachedDependencies(CachedDependency.newBuilder()
                    .setFrom(fileServer + "/v1/static/buildpack_app_lifecycle/buildpack_app_lifecycle.tgz")
                    .setTo("/tmp/lifecycle")
                    .setCacheKey("buildpack-" + stack + "-lifecycle"));
        }
        return lrp.build();
    }

    /** What may change without new instances. */
    static DesiredLRPUpdate update(RunnableProcess wanted) {
        return DesiredLRPUpdate.newBuilder()
                .setInstances(wanted.process().instances())
                .setAnnotation(wanted.annotation())
                .putAllMetricTags(metricTags(wanted))
                .setRoutes(LrpRoutes.of(wanted))
                .build();
    }

    static int cpuWeight(int memoryMb) {
        return 100 * Math.clamp(memoryMb, MIN_CPU_MEMORY, MAX_CPU_MEMORY) / MAX_CPU_MEMORY;
    }

    private int startTimeoutSeconds(ProcessRow.HealthCheck check) {
        Integer timeout = check.timeout();
        return timeout == null ? limits.defaultHealthCheckTimeout() : timeout;
    }

    private Action setup(RunnableProcess wanted) {
        Droplet droplet = wanted.droplet();
        String sha256 = droplet.sha256();
        DownloadAction.Builder download = DownloadAction.newBuilder()
                .setFrom(urls.droplet(wanted.process().guid(), droplet))
                .setTo(".")
                .setCacheKey("droplets-" + wanted.process().lrpGuid())
                .setUser(USER);
        if (sha256 != null) {
            download.setChecksumAlgorithm("sha256").setChecksumValue(sha256);
        }
        return Action.newBuilder()
                .setSerialAction(
                        SerialAction.newBuilder().addActions(Action.newBuilder().setDownloadAction(download)))
                .build();
    }

    private Action action(RunnableProcess wanted, Map<String, String> runningGroup) {
        ProcessRow process = wanted.process();
        String user = process.user();
        RunAction.Builder run = RunAction.newBuilder()
                .setPath(LAUNCHER)
                .addArgs("app")
                .addArgs(wanted.command())
                .addArgs(wanted.droplet().executionMetadata())
                .setUser(user == null ? USER : user)
                .setResourceLimits(ResourceLimits.newBuilder().setNofile(limits.fileDescriptors()))
                .setLogSource("APP/PROC/" + process.type().toUpperCase(Locale.ROOT));
        environment.of(wanted, runningGroup).forEach((name, value) -> run.addEnv(variable(name, value)));
        return Action.newBuilder()
                .setCodependentAction(CodependentAction.newBuilder()
                        .addActions(Action.newBuilder().setRunAction(run)))
                .build();
    }

    private static EnvironmentVariable variable(String name, String value) {
        return EnvironmentVariable.newBuilder().setName(name).setValue(value).build();
    }

    private static Map<String, MetricTagValue> metricTags(RunnableProcess wanted) {
        ProcessRow process = wanted.process();
        Space space = wanted.space();
        return Map.ofEntries(
                tag("source_id", wanted.app().guid()),
                tag("process_id", process.guid()),
                tag("process_type", process.type()),
                Map.entry("process_instance_id", dynamic(MetricTagValue.DynamicValue.INSTANCE_GUID)),
                Map.entry("instance_id", dynamic(MetricTagValue.DynamicValue.INDEX)),
                tag("organization_id", space.organizationGuid()),
                tag("organization_name", space.organizationName()),
                tag("space_id", space.guid()),
                tag("space_name", space.name()),
                tag("app_id", wanted.app().guid()),
                tag("app_name", wanted.app().name()));
    }

    private static Map.Entry<String, MetricTagValue> tag(String name, String value) {
        return Map.entry(name, MetricTagValue.newBuilder().setStatic(value).build());
    }

    private static MetricTagValue dynamic(MetricTagValue.DynamicValue value) {
        return MetricTagValue.newBuilder().setDynamic(value).build();
    }
}
