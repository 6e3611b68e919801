package org.cupola.bbs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.CodependentAction;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DownloadAction;
import org.cupola.protocol.bbs.proto.ImageLayer;
import org.cupola.protocol.bbs.proto.ImageLayer.DigestAlgorithm;
import org.cupola.protocol.bbs.proto.ParallelAction;
import org.cupola.protocol.bbs.proto.SerialAction;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TaskDefinition;
import org.cupola.protocol.bbs.proto.TimeoutAction;

/** Records as older revisions of the API know them: without image layers, in revision 0 also without cached dependencies. */
final class Downgrades {
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private Downgrades() {}

    /** Shared layers become cached dependencies, exclusive ones downloads before everything else. */
    static DesiredLRP withoutLayers(DesiredLRP lrp) {
        var old = lrp.toBuilder().clearImageLayers().clearCachedDependencies();
        old.addAllCachedDependencies(dependencies(lrp.getImageLayersList()))
                .addAllCachedDependencies(lrp.getCachedDependenciesList());
        List<Action> downloads = downloads(lrp.getImageLayersList(), lrp.getLegacyDownloadUser());
        if (!downloads.isEmpty()) {
            old.setSetup(inFront(downloads, lrp.hasSetup(), lrp.getSetup()));
        }
        return old.build();
    }

    static Task withoutLayers(Task task) {
        TaskDefinition definition = task.getTaskDefinition();
        var old = definition.toBuilder().clearImageLayers().clearCachedDependencies();
        old.addAllCachedDependencies(dependencies(definition.getImageLayersList()))
                .addAllCachedDependencies(definition.getCachedDependenciesList());
        List<Action> downloads = downloads(definition.getImageLayersList(), definition.getLegacyDownloadUser());
        if (!downloads.isEmpty()) {
            old.setAction(inFront(downloads, definition.hasAction(), definition.getAction()));
        }
        return task.toBuilder().setTaskDefinition(old).build();
    }

    /** The form of the event streams' revision 0. */
    static DesiredLRP versionZero(DesiredLRP lrp) {
        DesiredLRP withoutLayers = withoutLayers(lrp);
        var old = withoutLayers.toBuilder().clearCachedDependencies().setDeprecatedStartTimeoutS((int)
                (lrp.getStartTimeoutMs() / 1000));
        if (withoutLayers.hasAction()) {
            old.setAction(oldTimeouts(withoutLayers.getAction()));
        }
        if (withoutLayers.hasMonitor()) {
            old.setMonitor(oldTimeouts(withoutLayers.getMonitor()));
        }
        if (withoutLayers.hasSetup()) {
            old.setSetup(oldTimeouts(withoutLayers.getSetup()));
        }
        List<Action> downloads = withoutLayers.getCachedDependenciesList().stream()
                .map(dependency -> download(dependency, lrp.getLegacyDownloadUser()))
                .toList();
        if (!downloads.isEmpty()) {
            old.setSetup(inFront(downloads, old.hasSetup(), old.getSetup()));
        }
        return old.build();
    }

    static BbsEvent versionZero(BbsEvent event) {
        return switch (event) {
            case BbsEvent.DesiredLrpCreated(var created) ->
                new BbsEvent.DesiredLrpCreated(created.toBuilder()
                        .setDesiredLrp(versionZero(created.getDesiredLrp()))
                        .build());
            case BbsEvent.DesiredLrpChanged(var changed) ->
                new BbsEvent.DesiredLrpChanged(changed.toBuilder()
                        .setBefore(versionZero(changed.getBefore()))
                        .setAfter(versionZero(changed.getAfter()))
                        .build());
            case BbsEvent.DesiredLrpRemoved(var removed) ->
                new BbsEvent.DesiredLrpRemoved(removed.toBuilder()
                        .setDesiredLrp(versionZero(removed.getDesiredLrp()))
                        .build());
            case BbsEvent.TaskCreated(var created) ->
                new BbsEvent.TaskCreated(created.toBuilder()
                        .setTask(withoutLayers(created.getTask()))
                        .build());
            case BbsEvent.TaskChanged(var changed) ->
                new BbsEvent.TaskChanged(changed.toBuilder()
                        .setBefore(withoutLayers(changed.getBefore()))
                        .setAfter(withoutLayers(changed.getAfter()))
                        .build());
            case BbsEvent.TaskRemoved(var removed) ->
                new BbsEvent.TaskRemoved(removed.toBuilder()
                        .setTask(withoutLayers(removed.getTask()))
                        .build());
            case BbsEvent.InstanceCreated _,
                    BbsEvent.InstanceChanged _,
                    BbsEvent.InstanceRemoved _,
                    BbsEvent.ActualLrpCrashed _,
                    BbsEvent.GroupCreated _,
                    BbsEvent.GroupChanged _,
                    BbsEvent.GroupRemoved _ -> event;
        };
    }

    private static List<CachedDependency> dependencies(List<ImageLayer> layers) {
        List<CachedDependency> dependencies = new ArrayList<>();
        for (ImageLayer layer : layers) {
            if (layer.getLayerType() == ImageLayer.Type.SHARED) {
                var dependency = CachedDependency.newBuilder()
                        .setName(layer.getName())
                        .setFrom(layer.getUrl())
                        .setTo(layer.getDestinationPath())
                        .setChecksumValue(layer.getDigestValue())
                        .setCacheKey(layer.getUrl());
                if (layer.getDigestAlgorithm() != DigestAlgorithm.DigestAlgorithmInvalid) {
                    dependency.setChecksumAlgorithm(algorithm(layer)).setCacheKey(cacheKey(layer));
                }
                dependencies.add(dependency.build());
            }
        }
        return dependencies;
    }

    private static List<Action> downloads(List<ImageLayer> layers, String user) {
        List<Action> downloads = new ArrayList<>();
        for (ImageLayer layer : layers) {
            if (layer.getLayerType() == ImageLayer.Type.EXCLUSIVE) {
                downloads.add(Action.newBuilder()
                        .setDownloadAction(DownloadAction.newBuilder()
                                .setArtifact(layer.getName())
                                .setFrom(layer.getUrl())
                                .setTo(layer.getDestinationPath())
                                .setCacheKey(cacheKey(layer))
                                .setUser(user)
                                .setChecksumAlgorithm(algorithm(layer))
                                .setChecksumValue(layer.getDigestValue()))
                        .build());
            }
        }
        return downloads;
    }

    private static Action download(CachedDependency dependency, String user) {
        return Action.newBuilder()
                .setDownloadAction(DownloadAction.newBuilder()
                        .setArtifact(dependency.getName())
                        .setFrom(dependency.getFrom())
                        .setTo(dependency.getTo())
                        .setCacheKey(dependency.getCacheKey())
                        .setLogSource(dependency.getLogSource())
                        .setUser(user)
                        .setChecksumAlgorithm(dependency.getChecksumAlgorithm())
                        .setChecksumValue(dependency.getChecksumValue()))
                .build();
    }

    private static String algorithm(ImageLayer layer) {
        return layer.getDigestAlgorithm().name().toLowerCase(Locale.ROOT);
    }

    private static String cacheKey(ImageLayer layer) {
        return algorithm(layer) + ":" + layer.getDigestValue();
    }

    private static Action inFront(List<Action> downloads, boolean hasAction, Action action) {
        Action parallel = Action.newBuilder()
                .setParallelAction(ParallelAction.newBuilder().addAllActions(downloads))
                .build();
        return hasAction
                ? Action.newBuilder()
                        .setSerialAction(
                                SerialAction.newBuilder().addActions(parallel).addActions(action))
                        .build()
                : parallel;
    }

    /** Fills the nanoseconds that old clients read; wrappers around a child give way to it, as in the original. */
    private static Action oldTimeouts(Action action) {
        if (action.hasTimeoutAction()) {
            TimeoutAction timeout = action.getTimeoutAction();
            return Action.newBuilder()
                    .setTimeoutAction(timeout.toBuilder()
                            .setAction(oldTimeouts(timeout.getAction()))
                            .setDeprecatedTimeoutNs(timeout.getTimeoutMs() * NANOS_PER_MILLI))
                    .build();
        }
        if (action.hasTryAction()) {
            return oldTimeouts(action.getTryAction().getAction());
        }
        if (action.hasEmitProgressAction()) {
            return oldTimeouts(action.getEmitProgressAction().getAction());
        }
        if (action.hasParallelAction()) {
            var parallel = ParallelAction.newBuilder()
                    .setLogSource(action.getParallelAction().getLogSource());
            action.getParallelAction().getActionsList().forEach(child -> parallel.addActions(oldTimeouts(child)));
            return Action.newBuilder().setParallelAction(parallel).build();
        }
        if (action.hasSerialAction()) {
            var serial = SerialAction.newBuilder()
                    .setLogSource(action.getSerialAction().getLogSource());
            action.getSerialAction().getActionsList().forEach(child -> serial.addActions(oldTimeouts(child)));
            return Action.newBuilder().setSerialAction(serial).build();
        }
        if (action.hasCodependentAction()) {
            var codependent = CodependentAction.newBuilder()
                    .setLogSource(action.getCodependentAction().getLogSource());
            action.getCodependentAction().getActionsList().forEach(child -> codependent.addActions(oldTimeouts(child)));
            return Action.newBuilder().setCodependentAction(codependent).build();
        }
        return action;
    }
}
