package org.cupola.tcprouter;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.WatchedFiles;
import org.cupola.platform.http.ReplaceableTls;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.tcprouter.TcpRouterConfig.BackendTlsFiles;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over changed certificates, keys and authorities while serving: those that clients are shown, those of backends, of
 * the Routing API and of the health listeners. New connections use them, open ones go on. Files that cannot be used are
 * refused as a whole, with a line. Everything else in the configuration needs a restart. Guarded by its lock.
 */
final class Reloading {
    private static final Logger log = LoggerFactory.getLogger(Reloading.class);

    private final Path file;
    private final TcpRouterConfig started;
    private final DataPlane dataPlane;
    private final ReplaceableTls routingApi;
    private final HealthListeners health;

    @GuardedBy("this")
    private final WatchedFiles watched;

    @GuardedBy("this")
    private boolean closed;

    /** @param started what was read from the file at the start */
    Reloading(
            Path file,
            TcpRouterConfig started,
            DataPlane dataPlane,
            ReplaceableTls routingApi,
            HealthListeners health) {
        this.file = file;
        this.started = started;
        this.dataPlane = dataPlane;
        this.routingApi = routingApi;
        this.health = health;
        this.watched = new WatchedFiles(files(started));
    }

    private Set<Path> files(TcpRouterConfig config) {
        Set<Path> files = new HashSet<>(config.files());
        files.add(file);
        return files;
    }

    static @Nullable BackendTls backendTls(TcpRouterConfig from) {
        BackendTlsFiles files = from.backendTls();
        return files == null ? null : new BackendTls(files.authorities(), files.identity());
    }

    /** Looks for changes from now on. */
    void watch(ScheduledExecutorService timer) {
        long nanos = started.watchInterval().toNanos();
        if (nanos > 0) {
            timer.scheduleWithFixedDelay(this::look, nanos, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private synchronized void look() {
        if (watched.haveChanged() && Files.exists(file)) {
            reload();
        }
    }

    /** Reads the files, changed or not; false when they were refused. */
    synchronized boolean reload() {
        if (closed) {
            return false;
        }
        try {
            boolean _ = watched.haveChanged(); // from here on, what changes is new to us
            TcpRouterConfig fresh = TcpRouterConfig.read(file, started.flags());
            use(fresh);
            watched.watch(files(fresh));
            log.atInfo()
                    .addKeyValue(
                            "frontend_certificates", fresh.frontendIdentities().size())
                    .log("reloaded-certificates");
            return true;
        } catch (ConfigException | IllegalArgumentException e) {
            log.atError().addKeyValue("error", e.getMessage()).log("reload-refused");
            return false;
        }
    }

    private void use(TcpRouterConfig fresh) {
        if ((fresh.backendTls() == null) != (started.backendTls() == null)) {
            throw new IllegalArgumentException("backend_tls.enabled: " + (fresh.backendTls() != null) + " (expected: "
                    + (started.backendTls() != null) + ", as at the start; a change needs a restart)");
        }
        TlsIdentity identity = fresh.routingApi().identity();
        List<X509Certificate> authorities = fresh.routingApi().authorities();
        dataPlane.certificates(FrontendTls.checked(fresh.frontendIdentities()), backendTls(fresh));
        routingApi.replace(identity, authorities);
        health.replaceCertificates(fresh.healthListeners());
    }

    /** From now on nothing is taken over any more. */
    synchronized void close() {
        closed = true;
    }
}
