package org.cupola.cloudcontroller;

import java.util.List;
import java.util.Map;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.CertificateProperties;
import org.cupola.protocol.bbs.proto.DownloadAction;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.protocol.bbs.proto.LogRateLimit;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.Network;
import org.cupola.protocol.bbs.proto.ResourceLimits;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.protocol.bbs.proto.SecurityGroupRule;
import org.cupola.protocol.bbs.proto.SerialAction;
import org.cupola.protocol.bbs.proto.TaskDefinition;

/** Translates an app's task into one of the BBS. Pure. */
final class TaskBuilder {
    static final String DOMAIN = "cf-tasks";

    private static final String USER = "vcap";

    private final CloudControllerConfig.AppLimits limits;
    private final String fileServer;
    private final CellUrls urls;
    private final AppEnvironmentRules environment;

    TaskBuilder(
            CloudControllerConfig.AppLimits limits, String fileServer, CellUrls urls, AppEnvironmentRules environment) {
        this.limits = limits;
        this.fileServer = fileServer;
        this.urls = urls;
        this.environment = environment;
    }

    TaskDefinition build(
            AppTask task,
            App app,
            Space space,
            Droplet droplet,
            Map<String, String> runningGroup,
            List<SecurityGroupRule> egressRules) {
        String user = task.user();
        RunAction.Builder run = RunAction.newBuilder()
                .setPath("/tmp/lifecycle/launcher")
                .addArgs("app")
                .addArgs(task.command())
                .addArgs(droplet.executionMetadata())
                .setUser(user == null ? USER : user)
                .setResourceLimits(ResourceLimits.newBuilder().setNofile(limits.fileDescriptors()))
                .setLogSource("APP/TASK/" + task.name());
        environment
                .ofTask(task, app, space, runningGroup)
                .forEach((name, value) -> run.addEnv(
                        EnvironmentVariable.newBuilder().setName(name).setValue(value)));
        TaskDefinition.Builder definition = TaskDefinition.newBuilder()
                .setRootFs("preloaded:" + droplet.lifecycle().stack())
                .setMemoryMb(task.memoryMb())
                .setDiskMb(task.diskMb())
                .setCpuWeight(LrpBuilder.cpuWeight(task.memoryMb()))
                .setLogRateLimit(LogRateLimit.newBuilder().setBytesPerSecond(task.logRate()))
                .setMaxPids(limits.maxPids())
                .setLogGuid(app.guid())
                .setMetricsGuid(app.guid())
                .setLogSource("CELL")
                .setCompletionCallbackUrl(urls.taskCompleted(task.guid()))
                .addEnvironmentVariables(
                        EnvironmentVariable.newBuilder().setName("LANG").setValue("en_US.UTF-8"))
                .addAllEgressRules(egressRules)
                .setLegacyDownloadUser(USER)
                .setTrustedSystemCertificatesPath("/etc/cf-system-certificates")
                .setNetwork(Network.newBuilder()
                        .putProperties("policy_group_id", app.guid())
                        .putProperties("app_id", app.guid())
                        .putProperties("space_id", space.guid())
                        .putProperties("org_id", space.organizationGuid())
                        .putProperties("container_workload", "task"))
                .setCertificateProperties(CertificateProperties.newBuilder()
                        .addOrganizationalUnit("organization:" + space.organizationGuid())
                        .addOrganizationalUnit("space:" + space.guid())
                        .addOrganizationalUnit("app:" + app.guid()))
                .putMetricTags(
                        "source_id",
                        MetricTagValue.newBuilder().setStatic(app.guid()).build())
                .setAction(Action.newBuilder()
                        .setSerialAction(SerialAction.newBuilder()
                                .addActions(Action.newBuilder().setDownloadAction(download(app, droplet)))
                                .addActions(Action.newBuilder().setRunAction(run))));
        if (!fileServer.isEmpty()) {
            definition.addCachedDependencies(CachedDependency.newBuilder()
                    .setFrom(fileServer + "/v1/static/buildpack_app_lifecycle/buildpack_app_lifecycle.tgz")
                    .setTo("/tmp/lifecycle")
                    .setCacheKey("buildpack-" + droplet.lifecycle().stack() + "-lifecycle"));
        }
        return definition.build();
    }

    private DownloadAction.Builder download(App app, Droplet droplet) {
        String sha256 = droplet.sha256();
        DownloadAction.Builder download = DownloadAction.newBuilder()
                .setFrom(urls.droplet(app.guid(), droplet))
                .setTo(".")
                .setCacheKey("")
                .setUser(USER);
        return sha256 == null
                ? download
                : download.setChecksumAlgorithm("sha256").setChecksumValue(sha256);
    }
}
