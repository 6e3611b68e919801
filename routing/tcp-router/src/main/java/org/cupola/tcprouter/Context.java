package org.cupola.tcprouter;

import io.netty.channel.EventLoop;
import org.cupola.platform.net.RelaySettings;

/** What all connections share. Immutable, any thread. */
record Context(
        DataPlaneSettings settings,
        RelaySettings relay,
        ConnectionLimits limits,
        Connector connector,
        TlsMaterial tls,
        RemovedBackends removedBackends) {

    static long nanos(EventLoop loop) {
        return loop.ticker().nanoTime();
    }
}
