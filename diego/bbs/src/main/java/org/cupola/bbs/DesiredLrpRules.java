package org.cupola.bbs;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.cupola.protocol.bbs.proto.Check;
import org.cupola.protocol.bbs.proto.CheckDefinition;
import org.cupola.protocol.bbs.proto.DesireLRPRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPUpdate;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.protocol.bbs.proto.ImageLayer;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.MetricTagValue.DynamicValue;
import org.cupola.protocol.bbs.proto.ProtoRoutes;
import org.cupola.protocol.bbs.proto.Sidecar;
import org.cupola.protocol.bbs.proto.UpdateDesiredLRPRequest;
import org.cupola.protocol.bbs.proto.VolumeMount;

/** What makes a desired LRP valid: checks in the order in which the original reports them, repetitions included. */
final class DesiredLrpRules {
    static final int MAX_ANNOTATION_BYTES = 10 * 1024;
    private static final int MAX_ROUTES_BYTES = 128 * 1024;
    private static final int MAX_FILES_BYTES = 1024 * 1024;
    private static final int MAX_PORT = 65_535;

    private DesiredLrpRules() {}

    static void desire(DesireLRPRequest request, Problems problems) {
        if (!request.hasDesiredLrp()) {
            problems.field("desired_lrp");
            return;
        }
        DesiredLRP lrp = request.getDesiredLrp();
        mountedFiles(lrp, problems);
        scheduling(lrp, problems);
        running(lrp, problems);
    }

    private static void scheduling(DesiredLRP lrp, Problems problems) {
        problems.required(lrp.getDomain(), "domain");
        rootFs(lrp.getRootFs(), problems);
        problems.notNegative(lrp.getInstances(), "instances");
        problems.notNegative(lrp.getMemoryMb(), "memory_mb");
        problems.notNegative(lrp.getDiskMb(), "disk_mb");
        problems.fieldIf(lrp.getLogRateLimit().getBytesPerSecond() < -1, "log_rate_limit_bytes_per_second");
        problems.fieldIf(bytes(lrp.getAnnotation()) > MAX_ANNOTATION_BYTES, "annotation");
        problems.notNegative(lrp.getMaxPids(), "max_pids");
        routes(lrp.getRoutes(), problems);
        problems.fieldIf(lrp.getMetricTagsCount() == 0, "metric_tags");
        metricTags(lrp.getMetricTagsMap(), problems);
        if (!lrp.getMetricsGuid().isEmpty()) {
            MetricTagValue sourceId = lrp.getMetricTagsOrDefault("source_id", MetricTagValue.getDefaultInstance());
            if (!sourceId.getStatic().equals(lrp.getMetricsGuid())) {
                problems.add("source_id should match metrics_guid");
            }
        }
        problems.required(lrp.getDomain(), "domain");
        problems.guid(lrp.getProcessGuid(), "process_guid");
    }

    private static void running(DesiredLRP lrp, Problems problems) {
        if (lrp.hasSetup()) {
            action(lrp.getSetup(), "setup", problems);
        }
        if (lrp.hasAction()) {
            action(lrp.getAction(), "action", problems);
        } else {
            problems.add("invalid action type");
        }
        if (lrp.hasMonitor()) {
            action(lrp.getMonitor(), "monitor", problems);
        }
        for (EnvironmentVariable variable : lrp.getEnvironmentVariablesList()) {
            if (variable.getName().isEmpty()) {
                problems.add("invalid field: name cannot be blank");
            }
        }
        lrp.getEgressRulesList().forEach(rule -> {
            var inner = new Problems();
            EgressRules.check(rule, inner);
            problems.nested("egress_rules", inner);
        });
        lrp.getCachedDependenciesList().forEach(dependency -> {
            var inner = new Problems();
            ActionRules.cachedDependency(dependency, inner);
            problems.nested("cached_dependency", inner);
        });
        layers(lrp.getImageLayersList(), lrp.getLegacyDownloadUser(), problems);
        lrp.getSidecarsList().forEach(sidecar -> {
            var inner = new Problems();
            sidecar(sidecar, inner);
            problems.nested("sidecars", inner);
        });
        lrp.getVolumeMountsList().forEach(mount -> volumeMount(mount, problems));
        mountedFiles(lrp, problems);
        imageCredentials(lrp.getImageUsername(), lrp.getImagePassword(), problems);
        if (lrp.hasCheckDefinition()) {
            var inner = new Problems();
            checks(lrp.getCheckDefinition(), inner);
            problems.nested("check_definition", inner);
        }
        problems.fieldIf(lrp.getLogRateLimit().getBytesPerSecond() < -1, "log_rate_limit");
    }

    static void update(UpdateDesiredLRPRequest request, Problems problems) {
        problems.required(request.getProcessGuid(), "process_guid");
        if (!request.hasUpdate()) {
            problems.field("update");
            return;
        }
        DesiredLRPUpdate update = request.getUpdate();
        problems.notNegative(update.getInstances(), "instances");
        problems.fieldIf(bytes(update.getAnnotation()) > MAX_ANNOTATION_BYTES, "annotation");
        routes(update.getRoutes(), problems);
        metricTags(update.getMetricTagsMap(), problems);
        imageCredentials(update.getImageUsername(), update.getImagePassword(), problems);
    }

    static void rootFs(String rootFs, Problems problems) {
        problems.required(rootFs, "rootfs");
        boolean hasScheme;
        try {
            String scheme = new URI(rootFs).getScheme();
            hasScheme = scheme != null && !scheme.isEmpty();
        } catch (URISyntaxException e) {
            hasScheme = false;
        }
        problems.fieldIf(!hasScheme, "rootfs");
    }

    static void layers(List<ImageLayer> layers, String downloadUser, Problems problems) {
        layers.forEach(layer -> {
            var inner = new Problems();
            ActionRules.imageLayer(layer, inner);
            problems.nested("image_layer", inner);
        });
        boolean exclusive = layers.stream().anyMatch(layer -> layer.getLayerType() == ImageLayer.Type.EXCLUSIVE);
        problems.fieldIf(exclusive && downloadUser.isEmpty(), "legacy_download_user");
    }

    static void imageCredentials(String username, String password, Problems problems) {
        problems.fieldIf(!username.isEmpty() && password.isEmpty(), "image_password");
        problems.fieldIf(username.isEmpty() && !password.isEmpty(), "image_username");
    }

    private static void action(org.cupola.protocol.bbs.proto.Action action, String name, Problems problems) {
        var inner = new Problems();
        ActionRules.check(action, inner);
        problems.nested(name, inner);
    }

    private static void mountedFiles(DesiredLRP lrp, Problems problems) {
        long size = lrp.getVolumeMountedFilesList().stream()
                .mapToLong(file -> bytes(file.getContent()))
                .sum();
        problems.fieldIf(size > MAX_FILES_BYTES, "volumeMountedFiles");
    }

    private static void routes(ProtoRoutes routes, Problems problems) {
        long size = routes.getRoutesMap().values().stream()
                .mapToLong(value -> value.size())
                .sum();
        problems.fieldIf(size > MAX_ROUTES_BYTES, "routes");
    }

    private static void metricTags(Map<String, MetricTagValue> tags, Problems problems) {
        tags.values().forEach(tag -> {
            boolean isStatic = !tag.getStatic().isEmpty();
            boolean isDynamic = tag.getDynamic() != DynamicValue.DynamicValueInvalid;
            boolean known = tag.getDynamic() != DynamicValue.UNRECOGNIZED;
            if (isStatic == isDynamic || !known) {
                problems.field("metric_tags");
                problems.field("static");
                problems.field("dynamic");
            }
        });
    }

    private static void sidecar(Sidecar sidecar, Problems problems) {
        if (sidecar.hasAction()) {
            action(sidecar.getAction(), "action", problems);
        } else {
            problems.add("invalid action type");
        }
        problems.notNegative(sidecar.getMemoryMb(), "memory_mb");
        problems.notNegative(sidecar.getDiskMb(), "disk_mb");
    }

    private static void volumeMount(VolumeMount mount, Problems problems) {
        if (mount.getDriver().isEmpty()) {
            problems.add("invalid volume_mount driver");
        }
        if (!mount.getMode().equals("r") && !mount.getMode().equals("rw")) {
            problems.add("invalid volume_mount mode");
        }
        if (mount.hasShared() && mount.getShared().getVolumeId().isEmpty()) {
            problems.add("invalid volume_mount volume id");
        }
        if (mount.hasDedicated() && mount.getDedicated().getMounterId().isEmpty()) {
            problems.add("invalid volume_mount mounter id");
        }
    }

    private static void checks(CheckDefinition definition, Problems problems) {
        check(definition.getChecksList(), problems);
        check(definition.getReadinessChecksList(), problems);
    }

    private static void check(Collection<Check> checks, Problems problems) {
        checks.forEach(check -> {
            problems.fieldIf(check.hasTcpCheck() && check.hasHttpCheck(), "check");
            int port = check.hasTcpCheck()
                    ? check.getTcpCheck().getPort()
                    : check.getHttpCheck().getPort();
            problems.fieldIf(port < 1 || port > MAX_PORT, "port");
        });
    }

    static int bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    }
}
