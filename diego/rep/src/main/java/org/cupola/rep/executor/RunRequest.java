package org.cupola.rep.executor;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.Check;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.protocol.bbs.proto.File;

/**
 * What to run in a reserved container. Immutable.
 *
 * @param environment       of every process in the container
 * @param downloads         unpacked side by side before setup
 * @param checks            of the instance's health; when there are none the monitor counts, and without one an instance is
 *                          healthy once its processes are started
 * @param readinessChecks   none means that a running instance is always routable
 * @param startTimeout      how long it may take to get healthy; zero means for ever
 * @param trustedCertificatesPath where the container wants the operator's authorities; empty means nowhere
 * @param organizationalUnits of the instance's certificate
 * @param logBytesPerSecond -1 means unlimited
 */
public record RunRequest(
        String guid,
        String rootFs,
        LogConfig log,
        long logBytesPerSecond,
        List<EnvironmentVariable> environment,
        List<Integer> ports,
        List<CachedDependency> cachedDependencies,
        List<Action> downloads,
        List<File> files,
        Optional<Action> setup,
        Action action,
        List<Action> sidecars,
        Optional<Action> monitor,
        List<Check> checks,
        List<Check> readinessChecks,
        String checkLogSource,
        Duration startTimeout,
        String trustedCertificatesPath,
        List<String> organizationalUnits,
        List<String> internalRoutes,
        Map<String, String> metricTags) {

    public RunRequest {
        environment = List.copyOf(environment);
        ports = ports.stream().distinct().toList();
        cachedDependencies = List.copyOf(cachedDependencies);
        downloads = List.copyOf(downloads);
        files = List.copyOf(files);
        sidecars = List.copyOf(sidecars);
        checks = List.copyOf(checks);
        readinessChecks = List.copyOf(readinessChecks);
        organizationalUnits = List.copyOf(organizationalUnits);
        internalRoutes = List.copyOf(internalRoutes);
        metricTags = Map.copyOf(metricTags);
    }
}
