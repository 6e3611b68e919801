package org.cupola.tcprouter;

import io.netty.channel.Channel;
import java.util.List;
import java.util.stream.Stream;
import org.cupola.platform.net.SharedPort;
import org.cupola.platform.net.TakeOver;
import org.jspecify.annotations.Nullable;

/**
 * One external port: its sockets, its routes and its counters. The routes are replaced by the control thread and read by
 * any event loop; the sockets belong to the control thread.
 */
final class PortListener {
    private final int port;
    private final PortCounters counters = new PortCounters();
    private volatile PortRoutes routes;
    private volatile List<Channel> sockets = List.of();
    private volatile @Nullable SharedPort tcp;
    private volatile @Nullable UdpPort udp;
    private volatile @Nullable String problem;

    PortListener(int port, PortRoutes routes) {
        this.port = port;
        this.routes = routes;
    }

    int port() {
        return port;
    }

    PortCounters counters() {
        return counters;
    }

    PortRoutes routes() {
        return routes;
    }

    void routes(PortRoutes replacement) {
        routes = replacement;
    }

    boolean isListening() {
        return !sockets.isEmpty();
    }

    /** Why it does not listen; absent when it does. */
    @Nullable
    String problem() {
        return problem;
    }

    /** @param asOne the same sockets */
    void listening(List<Channel> opened, SharedPort asOne) {
        sockets = List.copyOf(opened);
        tcp = asOne;
        problem = null;
    }

    void failed(String reason) {
        problem = reason;
    }

    boolean routesUdp() {
        return udp != null;
    }

    void routingUdp(UdpPort opened) {
        udp = opened;
        problem = null;
    }

    void accepting(boolean accepting) {
        sockets.forEach(socket -> socket.config().setAutoRead(accepting));
    }

    /** What is open, for TCP and for UDP. */
    List<SharedPort> shared() {
        return Stream.concat(Stream.ofNullable(tcp), Stream.ofNullable(udp).map(UdpPort::shared))
                .toList();
    }

    /** No new connections; open ones go on. */
    void close(TakeOver takeOver) {
        takeOver.close(shared());
        sockets = List.of();
        tcp = null;
        UdpPort datagrams = udp;
        udp = null;
        if (datagrams != null) {
            datagrams.close();
        }
    }
}
