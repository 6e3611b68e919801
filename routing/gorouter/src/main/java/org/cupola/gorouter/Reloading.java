package org.cupola.gorouter;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.gorouter.proxy.TlsClients;
import org.cupola.platform.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over changed certificates, keys and authorities while serving: of the HTTPS listener, of the status ports, those
 * shown to backends and route services and those they are checked by. A file that cannot be used is refused as a whole,
 * with a line. Any thread.
 */
final class Reloading {
    private static final Logger log = LoggerFactory.getLogger(Reloading.class);

    private final ConfigFile file;
    private final @Nullable HttpsListeners frontend;
    private final TlsClients backends;
    private final StatusListeners status;

    @GuardedBy("this")
    private boolean closed;

    /** @param frontend {@code null} without an HTTPS listener */
    Reloading(
            Path file,
            GorouterConfig read,
            @Nullable HttpsListeners frontend,
            TlsClients backends,
            StatusListeners status) {
        this.file = new ConfigFile(file, read);
        this.frontend = frontend;
        this.backends = backends;
        this.status = status;
    }

    /** Looks for changes from now on. */
    void watch(ScheduledExecutorService timers, Duration interval) {
        long millis = interval.toMillis();
        if (millis > 0) {
            timers.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void look() {
        if (file.hasChanged()) {
            reload();
        }
    }

    /** Reads the file, changed or not; false when it was refused. */
    synchronized boolean reload() {
        if (closed) {
            return false;
        }
        try {
            takeOver(file.read());
            log.atInfo().log("gorouter.reloaded");
            return true;
        } catch (ConfigException | RuntimeException e) {
            log.atError().addKeyValue("error", e.getMessage()).log("gorouter.reload-refused");
            return false;
        }
    }

    /** Reads everything before anything is used. */
    private void takeOver(GorouterConfig changed) {
        List<Replacement> read = new ArrayList<>();
        try {
            read.add(ProxySettingsFactory.replacement(backends, changed));
            read.add(status.replacement(changed));
            if (frontend != null) {
                read.add(frontend.replacement(changed));
            }
        } catch (RuntimeException e) {
            read.forEach(Replacement::discard);
            throw e;
        }
        read.forEach(Replacement::use);
    }

    /** From now on nothing is taken over any more. */
    synchronized void close() {
        closed = true;
    }
}
