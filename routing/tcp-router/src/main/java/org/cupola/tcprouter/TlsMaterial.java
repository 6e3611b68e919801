package org.cupola.tcprouter;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The certificates in force, for clients and for backends, which can be replaced while connections are open: those go on with
 * what they began with. Any thread.
 */
final class TlsMaterial implements AutoCloseable {
    private volatile FrontendTls frontend;
    private volatile @Nullable BackendTls backend;

    /** Connections may still use it, so it is released at the end only. */
    @GuardedBy("this")
    private final List<Runnable> releases = new ArrayList<>();

    /** @param backend absent when TLS to backends is off */
    TlsMaterial(FrontendTls frontend, @Nullable BackendTls backend) {
        this.frontend = frontend;
        this.backend = backend;
        remember(frontend, backend);
    }

    FrontendTls frontend() {
        return frontend;
    }

    @Nullable
    BackendTls backend() {
        return backend;
    }

    /** From now on, new connections use these; ownership passes. */
    synchronized void replace(FrontendTls newFrontend, @Nullable BackendTls newBackend) {
        frontend = newFrontend;
        backend = newBackend;
        remember(newFrontend, newBackend);
    }

    private synchronized void remember(FrontendTls used, @Nullable BackendTls usedToo) {
        releases.add(used::close);
        if (usedToo != null) {
            releases.add(usedToo::close);
        }
    }

    @Override
    public synchronized void close() {
        releases.forEach(Runnable::run);
        releases.clear();
    }
}
