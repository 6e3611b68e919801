package org.cupola.platform.http;

import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerPort;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ClientAuth;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.tls.TlsIdentity;

/**
 * An HTTP/1.1 and HTTP/2 server on one listener, with the house's defaults: 1 MiB request bodies, 60 s per request. Services
 * may loosen them for themselves. A stop waits for requests that are being answered, at most 5 s, but not for idle
 * connections.
 *
 * <p>Listeners with other trust (a plain health port beside a mutual-TLS API) are other servers.
 */
public final class HttpServer implements Component {
    private static final long MAX_REQUEST_BYTES = 1024 * 1024;
    private static final Duration QUIET = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final String name;
    private final Server server;
    private final InetSocketAddress address;
    private final AcceptLoops acceptLoops = new AcceptLoops();
    private final InFlight inFlight = new InFlight();

    public HttpServer(String name, HttpListener listener, Consumer<ServerBuilder> services) {
        this(name, listener.address(), listener.identity() != null, builder -> {
            addTls(builder, listener);
            services.accept(builder);
        });
    }

    /** Over TLS with an identity that can be replaced. */
    public HttpServer(String name, InetSocketAddress address, ReplaceableTls tls, Consumer<ServerBuilder> services) {
        this(name, address, true, builder -> {
            builder.tlsProvider(tls.provider());
            services.accept(builder);
        });
    }

    private HttpServer(String name, InetSocketAddress address, boolean tls, Consumer<ServerBuilder> services) {
        this.name = name;
        this.address = address;
        ServerBuilder builder = Server.builder()
                .port(new ServerPort(address, tls ? SessionProtocol.HTTPS : SessionProtocol.HTTP))
                .maxRequestLength(MAX_REQUEST_BYTES)
                .requestTimeout(Duration.ofSeconds(60))
                .http1MaxHeaderSize(64 * 1024)
                .connectionDrainDurationMicros(0)
                .bossGroupFactory(acceptLoops::create)
                .disableServerHeader()
                .disableDateHeader()
                .decorator(inFlight)
                .gracefulShutdownTimeout(Duration.ZERO, Duration.ZERO); // see InFlight
        services.accept(builder);
        this.server = builder.build();
    }

    private static void addTls(ServerBuilder builder, HttpListener listener) {
        TlsIdentity identity = listener.identity();
        if (identity != null) {
            builder.tls(TlsKeyPair.of(identity.key(), identity.chain()));
            if (!listener.clientAuthorities().isEmpty()) {
                builder.tlsCustomizer(
                        tls -> tls.trustManager(listener.clientAuthorities()).clientAuth(ClientAuth.REQUIRE));
            }
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void start() throws Exception {
        try {
            server.start().get();
        } catch (ExecutionException e) {
            String reason = e.getCause() == null
                    ? e.toString()
                    : String.valueOf(e.getCause().getMessage());
            throw new IllegalStateException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + reason, e);
        }
    }

    /** The port in use; asks for a started server. */
    public int port() {
        return server.activeLocalPort();
    }

    /** Its listening sockets, for who shares the port with another process; none where that cannot be. */
    public List<Channel> listening() {
        return acceptLoops.listening();
    }

    @Override
    public void close() {
        acceptLoops.close();
        try {
            inFlight.awaitNone(QUIET, PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.stop().join();
    }
}
