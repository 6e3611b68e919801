package org.cupola.uaa;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.sql.Database;
import org.cupola.platform.tls.TlsIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The UAA: opens its database, makes what the configuration wants exist, and serves. */
public final class UaaComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(UaaComponent.class);
    private final UaaConfig config;
    private final Clock clock;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private volatile int plainPort = -1;
    private volatile int tlsPort = -1;

    public UaaComponent(UaaConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "uaa";
    }

    @Override
    public synchronized void start() throws Exception {
        try {
            Database database = Database.open(config.database());
            open.push(database);
            Schema.migrations().run(database);
            Routes routes = routes(database);
            for (HttpServer server : servers(routes)) {
                server.start();
                open.push(server);
                if (server.name().equals("uaa-tls")) {
                    tlsPort = server.port();
                } else {
                    plainPort = server.port();
                }
            }
            log.atInfo()
                    .addKeyValue("issuer", config.urls().tokenIssuer())
                    .addKeyValue("port", plainPort)
                    .addKeyValue("tls_port", tlsPort)
                    .log("started");
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private Routes routes(Database database) {
        Stores stores = Stores.of(database, config, clock);
        var passwords = new Passwords(config.server().bcryptStrength());
        database.exclusively("uaa-bootstrap", new Bootstrap(config.seed(), stores, passwords, clock)::run);
        KeyRing keys = SigningKeys.load(database, config.tokens(), clock);
        var clients = new ClientAuthenticator(stores.clients(), passwords, config, clock);
        var users = new UserAuthenticator(stores.users(), passwords, stores.lockouts(), clock);
        var issuer = new TokenIssuer(config, keys, stores.tokens(), clock);
        var verifier = new TokenVerifier(config, keys, stores, clock);
        var guard = new Guard(verifier);
        var browser = new Browser(stores);
        return new Routes(
                new Hosts(config.urls()),
                new Routes.Endpoints(
                        new TokenEndpoint(config, stores, clients, users, issuer, verifier, clock),
                        new AuthorizeEndpoint(config, stores, guard, browser, issuer, clock),
                        new LoginPages(config, stores, users, browser),
                        new KeyEndpoints(config, keys, clients),
                        new TokenInfoEndpoints(clients, verifier, guard),
                        new RevocationEndpoints(stores, guard, verifier, clock),
                        new UserEndpoints(config, stores, guard, passwords, clock),
                        new UserIdsEndpoint(config, stores, guard),
                        new GroupEndpoints(stores, guard, clock),
                        new ClientEndpoints(stores, guard, passwords, clock)));
    }

    private List<HttpServer> servers(Routes routes) {
        List<HttpServer> servers = new ArrayList<>();
        InetSocketAddress plain = config.server().plain();
        if (plain != null) {
            servers.add(new HttpServer("uaa", HttpListener.plain(plain), routes::install));
        }
        InetSocketAddress tls = config.server().tls();
        TlsIdentity identity = config.server().identity();
        if (tls != null && identity != null) {
            servers.add(new HttpServer("uaa-tls", HttpListener.tls(tls, identity), routes::install));
        }
        return servers;
    }

    /** Of the plain listener; -1 without one. */
    public int plainPort() {
        return plainPort;
    }

    /** Of the TLS listener; -1 without one. */
    public int tlsPort() {
        return tlsPort;
    }

    @Override
    public synchronized void close() {
        RuntimeException failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new IllegalStateException("uaa did not close cleanly", e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
