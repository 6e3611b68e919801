package org.cupola.rep;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.InternalRoutes;
import org.cupola.protocol.bbs.MetricTags;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.ActualLRPInternalRoute;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DownloadAction;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.protocol.bbs.proto.ImageLayer;
import org.cupola.protocol.bbs.proto.Sidecar;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TaskDefinition;
import org.cupola.rep.executor.LogConfig;
import org.cupola.rep.executor.RunRequest;

/** Makes the executor's requests from what the BBS wants to run. Stateless, any thread. */
final class RunRequests {
    private static final long UNLIMITED = -1;

    RunRequest of(DesiredLRP desired, CellLrp lrp) {
        String guid = lrp.instanceGuid();
        Map<String, String> tags = MetricTags.resolve(desired.getMetricTagsMap(), lrp.index(), guid);
        List<EnvironmentVariable> environment = new ArrayList<>(List.of(
                variable("INSTANCE_GUID", guid),
                variable("INSTANCE_INDEX", Integer.toString(lrp.index())),
                variable("CF_INSTANCE_GUID", guid),
                variable("CF_INSTANCE_INDEX", Integer.toString(lrp.index()))));
        environment.addAll(desired.getEnvironmentVariablesList());
        Layers layers = Layers.of(desired.getImageLayersList(), desired.getLegacyDownloadUser());
        List<CachedDependency> dependencies = new ArrayList<>(desired.getCachedDependenciesList());
        dependencies.addAll(layers.shared());
        return new RunRequest(
                guid,
                desired.getRootFs(),
                new LogConfig(desired.getLogGuid(), lrp.index(), desired.getLogSource(), tags),
                desired.hasLogRateLimit() ? desired.getLogRateLimit().getBytesPerSecond() : UNLIMITED,
                environment,
                desired.getPortsList(),
                dependencies,
                layers.exclusive(),
                desired.getVolumeMountedFilesList(),
                desired.hasSetup() ? Optional.of(desired.getSetup()) : Optional.empty(),
                desired.getAction(),
                desired.getSidecarsList().stream().map(Sidecar::getAction).toList(),
                desired.hasMonitor() && !desired.hasCheckDefinition()
                        ? Optional.of(desired.getMonitor())
                        : Optional.empty(),
                desired.getCheckDefinition().getChecksList(),
                desired.getCheckDefinition().getReadinessChecksList(),
                desired.getCheckDefinition().getLogSource(),
                Duration.ofMillis(desired.getStartTimeoutMs()),
                desired.getTrustedSystemCertificatesPath(),
                desired.getCertificateProperties().getOrganizationalUnitList(),
                InternalRoutes.of(desired.getRoutes()).stream()
                        .map(ActualLRPInternalRoute::getHostname)
                        .toList(),
                tags);
    }

    RunRequest of(Task task) {
        TaskDefinition definition = task.getTaskDefinition();
        Layers layers = Layers.of(definition.getImageLayersList(), definition.getLegacyDownloadUser());
        List<CachedDependency> dependencies = new ArrayList<>(definition.getCachedDependenciesList());
        dependencies.addAll(layers.shared());
        Map<String, String> tags = MetricTags.resolve(definition.getMetricTagsMap(), 0, task.getTaskGuid());
        return new RunRequest(
                task.getTaskGuid(),
                definition.getRootFs(),
                new LogConfig(definition.getLogGuid(), 0, definition.getLogSource(), tags),
                definition.hasLogRateLimit() ? definition.getLogRateLimit().getBytesPerSecond() : UNLIMITED,
                definition.getEnvironmentVariablesList(),
                List.of(),
                dependencies,
                layers.exclusive(),
                definition.getVolumeMountedFilesList(),
                Optional.empty(),
                definition.getAction(),
                List.of(),
                Optional.empty(),
                List.of(),
                List.of(),
                "",
                Duration.ZERO,
                definition.getTrustedSystemCertificatesPath(),
                definition.getCertificateProperties().getOrganizationalUnitList(),
                List.of(),
                tags);
    }

    private static EnvironmentVariable variable(String name, String value) {
        return EnvironmentVariable.newBuilder().setName(name).setValue(value).build();
    }

    /**
     * Image layers as what they are made of on a cell that does not put them into an image: shared ones are cached dependencies,
     * the others are unpacked into the container.
     */
    private record Layers(List<CachedDependency> shared, List<Action> exclusive) {
        static Layers of(List<ImageLayer> layers, String user) {
            List<CachedDependency> shared = new ArrayList<>();
            List<Action> exclusive = new ArrayList<>();
            for (ImageLayer layer : layers) {
                String algorithm = switch (layer.getDigestAlgorithm()) {
                    case SHA256, SHA512 -> layer.getDigestAlgorithm().name().toLowerCase(Locale.ROOT);
                    case DigestAlgorithmInvalid, UNRECOGNIZED -> "";
                };
                String cacheKey =
                        layer.getDigestValue().isEmpty() ? layer.getUrl() : algorithm + ":" + layer.getDigestValue();
                if (layer.getLayerType() == ImageLayer.Type.SHARED) {
                    shared.add(CachedDependency.newBuilder()
                            .setName(layer.getName())
                            .setFrom(layer.getUrl())
                            .setTo(layer.getDestinationPath())
                            .setCacheKey(cacheKey)
                            .setChecksumAlgorithm(algorithm)
                            .setChecksumValue(layer.getDigestValue())
                            .build());
                } else {
                    exclusive.add(Action.newBuilder()
                            .setDownloadAction(DownloadAction.newBuilder()
                                    .setArtifact(layer.getName())
                                    .setFrom(layer.getUrl())
                                    .setTo(layer.getDestinationPath())
                                    .setCacheKey(cacheKey)
                                    .setUser(user)
                                    .setChecksumAlgorithm(algorithm)
                                    .setChecksumValue(layer.getDigestValue()))
                            .build());
                }
            }
            return new Layers(shared, exclusive);
        }
    }
}
