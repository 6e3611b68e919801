package org.cupola.tcprouter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.net.ProxyHeader;
import org.cupola.platform.net.ProxyHeader.Endpoints;
import org.cupola.platform.net.Relay;
import org.cupola.platform.net.RelayEnd;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one client connection: (PROXY header) → (ClientHello) → route → (TLS) → backend → relay. What is in
 * parentheses happens only where settings or routes ask for it.
 *
 * <p>Confined to the event loop of the client's channel.
 */
final class Session implements FirstBytes.Listener, BackendDial.Listener {
    private static final Logger log = LoggerFactory.getLogger(Session.class);

    private final Context context;
    private final PortListener port;
    private final Channel client;
    private final Relay relay;
    private final PortRoutes routes;
    private final FirstBytes firstBytes;
    private @Nullable Endpoints proxied;
    private @Nullable Backend backend;

    private Session(Context context, PortListener port, Channel client) {
        this.context = context;
        this.port = port;
        this.client = client;
        this.routes = port.routes();
        this.firstBytes = new FirstBytes(
                context.settings().acceptProxyProtocol(),
                routes.looksAtClientHello(),
                context.settings().clientHelloTimeout(),
                this);
        this.relay = Relay.hold(client, context.relay());
    }

    /** From the event loop of an accepted channel, before anything is read from it. */
    static void begin(Context context, PortListener port, Channel client) {
        port.counters().accepted.increment();
        context.limits().opened(port);
        var session = new Session(context, port, client);
        session.relay.closed().addListener(session::over);
        session.route();
    }

    private void route() {
        if (context.settings().acceptProxyProtocol() || routes.looksAtClientHello()) {
            client.pipeline().addFirst(firstBytes);
            client.read();
        } else {
            dial(routes.plain());
        }
    }

    @Override
    public boolean proxied(@Nullable Endpoints endpoints) {
        proxied = endpoints;
        return routes.looksAtClientHello();
    }

    @Override
    public void decided(String host, boolean tls) {
        Pool pool = routes.find(host);
        if (pool != null && pool.terminatesTls()) {
            terminateTls(host, pool);
        } else {
            dial(pool);
        }
    }

    @Override
    public void refused(String reason) {
        port.counters().unrouted.increment();
        log.atDebug()
                .addKeyValue("port", port.port())
                .addKeyValue("reason", reason)
                .log("proxy-header-refused");
        client.close();
    }

    private void terminateTls(String host, Pool pool) {
        FrontendTls certificates = context.tls().frontend();
        if (certificates.isEmpty()) {
            log.atError().addKeyValue("port", port.port()).log("no-frontend-certificate");
            client.close();
            return;
        }
        SslHandler tls = certificates.context(host, protocols(pool)).newHandler(client.alloc());
        tls.setHandshakeTimeout(
                context.settings().clientHelloTimeout().multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
        client.pipeline().addAfter(client.pipeline().context(firstBytes).name(), null, tls);
        tls.handshakeFuture().addListener(done -> {
            if (done.isSuccess()) {
                dial(pool);
            } else {
                client.close();
            }
        });
        client.read();
    }

    /** The union of what the route's backends understand, since the client is answered before one is chosen. */
    private static List<String> protocols(Pool pool) {
        return pool.backends().stream()
                .flatMap(candidate -> Arrays.stream(candidate.key().alpns().split(",")))
                .map(String::strip)
                .filter(protocol -> !protocol.isEmpty())
                .distinct()
                .sorted()
                .toList();
    }

    private void dial(@Nullable Pool pool) {
        if (pool == null) {
            port.counters().unrouted.increment();
            client.close();
            return;
        }
        EventLoop loop = client.eventLoop();
        List<Backend> order = pool.inOrder(source().getAddress().hashCode(), Context.nanos(loop));
        new BackendDial(context, port, loop, order, this::preface, this).start();
    }

    private InetSocketAddress source() {
        Endpoints told = proxied;
        return told == null ? (InetSocketAddress) client.remoteAddress() : told.source();
    }

    private ByteBuf preface() {
        ProxyHeader.Version version = context.settings().sendProxyProtocol();
        if (version == null) {
            return Unpooled.EMPTY_BUFFER;
        }
        Endpoints told = proxied;
        Endpoints endpoints = told != null
                ? told
                : new Endpoints((InetSocketAddress) client.remoteAddress(), (InetSocketAddress) client.localAddress());
        return ProxyHeader.write(version, endpoints, client.alloc());
    }

    @Override
    public boolean clientIsGone() {
        return relay.closed().isDone();
    }

    @Override
    public void connected(Backend chosen, Channel channel) {
        backend = chosen;
        context.removedBackends().opened(chosen, relay);
        relay.join(channel, Unpooled.EMPTY_BUFFER);
    }

    @Override
    public void failed(Throwable lastReason) {
        port.counters().unreachable.increment();
        log.atInfo()
                .addKeyValue("port", port.port())
                .addKeyValue("error", lastReason.toString())
                .log("no-backend-reachable");
        client.close();
    }

    private void over(Future<? super RelayEnd> closed) {
        PortCounters counters = port.counters();
        counters.bytesFromClients.add(relay.bytesFromClient());
        counters.bytesFromBackends.add(relay.bytesFromBackend());
        switch ((RelayEnd) closed.getNow()) {
            case IDLE -> counters.idleTimeouts.increment();
            case CLIENT_RESET, BACKEND_RESET -> counters.resets.increment();
            case COMPLETED, CLOSED -> {}
        }
        Backend used = backend;
        if (used != null) {
            used.closed();
            context.removedBackends().closed(used, relay);
        }
        context.limits().closed(port);
    }
}
