package org.cupola.tcprouter;

import io.netty.channel.EventLoop;
import org.cupola.platform.net.RelaySettings;
import org.jspecify.annotations.Nullable;

/**
 * What all connections share. Immutable, any thread.
 *
 * @param backendTls absent when TLS to backends is off
 */
record Context(
        DataPlaneSettings settings,
        RelaySettings relay,
        ConnectionLimits limits,
        Connector connector,
        FrontendTls frontendTls,
        @Nullable BackendTls backendTls,
        RemovedBackends removedBackends) {

    static long nanos(EventLoop loop) {
        return loop.ticker().nanoTime();
    }
}
