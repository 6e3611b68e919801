package org.cupola.rep.executor;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * How the executor works.
 *
 * @param cellId             as it stands in applications' logs
 * @param memoryMb           to hand out; 0 means what the backend has
 * @param diskMb             to hand out; 0 means what the backend has, less the cache
 * @param gracePeriod        between asking a process to end and killing it
 * @param healthyInterval    between looks at an instance that is well
 * @param unhealthyInterval  longest pause between looks at one that is not yet
 * @param maxLogLinesPerSecond of one instance; 0 means unlimited
 * @param cacheFolder        of downloads
 * @param trustedCertificates folder with the operator's authorities for containers; none means that there are none
 * @param tlsIdentity        shown to servers of artifacts
 * @param tlsAuthorities     trusted beside those of the JDK
 */
public record ExecutorSettings(
        String cellId,
        int memoryMb,
        int diskMb,
        int createWorkers,
        int deleteWorkers,
        int maxDownloads,
        int maxUploads,
        Duration gracePeriod,
        Duration healthyInterval,
        Duration unhealthyInterval,
        Duration reservedExpiration,
        Duration metricsInterval,
        Duration selfCheckInterval,
        int maxLogLinesPerSecond,
        Path cacheFolder,
        long maxCacheBytes,
        @Nullable Path trustedCertificates,
        @Nullable TlsIdentity tlsIdentity,
        List<X509Certificate> tlsAuthorities,
        boolean skipCertificateVerification) {

    public ExecutorSettings {
        tlsAuthorities = List.copyOf(tlsAuthorities);
    }
}
