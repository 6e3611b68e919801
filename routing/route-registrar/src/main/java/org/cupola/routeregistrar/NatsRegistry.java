package org.cupola.routeregistrar;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.cupola.platform.config.Secret;
import org.cupola.platform.json.Json;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RegistryMessageException;
import org.cupola.protocol.routing.RouteOptions;
import org.cupola.protocol.routing.RouterSubjects;
import org.cupola.routeregistrar.RegistrarRoute.Http;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gorouter's side, over NATS. Connects when there is something to say and NATS is there; a connection that the server ended for
 * good is made anew. Guarded by its lock; may block for as long as connecting takes.
 */
final class NatsRegistry implements Registry, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NatsRegistry.class);
    private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(2);

    private final NatsSettings settings;
    private final String instanceId;
    private final String availabilityZone;
    private final Runnable announceAgain;
    private final ReentrantLock connecting = new ReentrantLock();

    @GuardedBy("connecting")
    private @Nullable NatsBus bus;

    @GuardedBy("connecting")
    private boolean closed;

    /**
     * @param instanceId    shared by all routes of this process
     * @param announceAgain called when routers may have forgotten what they were told; must not block
     */
    NatsRegistry(RouteRegistrarConfig.Nats nats, String instanceId, String availabilityZone, Runnable announceAgain) {
        this.settings = settings(nats);
        this.instanceId = instanceId;
        this.availabilityZone = availabilityZone;
        this.announceAgain = announceAgain;
    }

    private static NatsSettings settings(RouteRegistrarConfig.Nats nats) {
        RouteRegistrarConfig.Tls tls = nats.tls();
        return new NatsSettings(
                "route-registrar",
                nats.servers(),
                nats.user(),
                nats.password(),
                Secret.NONE,
                tls != null,
                tls == null ? null : tls.identity(),
                tls == null ? List.of() : tls.authorities(),
                1,
                Duration.ofSeconds(20),
                Duration.ofMillis(500));
    }

    @Override
    public void register(RegistrarRoute route) throws RegistryException {
        publish(RouterSubjects.REGISTER, route);
    }

    @Override
    public void unregister(RegistrarRoute route) throws RegistryException {
        publish(RouterSubjects.UNREGISTER, route);
    }

    private void publish(String subject, RegistrarRoute route) throws RegistryException {
        NatsBus connected = connected();
        if (!connected.isConnected()) {
            // What the client would keep for later might be wrong by then.
            throw new RegistryException("NATS is not connected at present");
        }
        try {
            connected.publish(subject, message(route));
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw new RegistryException("NATS: " + e.getMessage(), e);
        }
    }

    private byte[] message(RegistrarRoute route) throws RegistryException {
        if (!(route.destination() instanceof Http http)) {
            throw new RegistryException("not an HTTP route: " + route.label());
        }
        return RegistryMessage.builder(route.host(), http.uris())
                .port(http.port())
                .tlsPort(http.tlsPort())
                .protocol(http.protocol())
                .tags(http.tags())
                .routeServiceUrl(http.routeServiceUrl())
                .privateInstanceId(instanceId)
                .serverCertDomainSan(http.serverCertDomainSan())
                .availabilityZone(availabilityZone)
                .options(options(http.loadBalancing()))
                .build()
                .toRegistrarJson();
    }

    private static RouteOptions options(String loadBalancing) throws RegistryException {
        if (loadBalancing.isEmpty()) {
            return RouteOptions.NONE;
        }
        try {
            return RouteOptions.parse("{\"loadbalancing\":" + Json.text(loadBalancing) + "}");
        } catch (RegistryMessageException e) {
            throw new RegistryException("options: " + e.getMessage(), e);
        }
    }

    private NatsBus connected() throws RegistryException {
        connecting.lock();
        try {
            if (closed) {
                throw new RegistryException("closed");
            }
            NatsBus present = bus;
            if (present == null) {
                present = NatsBus.connect(settings, new Events());
                present.subscribe(RouterSubjects.START, (subject, replyTo, data) -> announceAgain.run());
                bus = present;
                log.atInfo().addKeyValue("server", present.server()).log("nats-connection-successful");
            }
            return present;
        } catch (IOException e) {
            throw new RegistryException(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryException("interrupted while connecting to NATS", e);
        } finally {
            connecting.unlock();
        }
    }

    private final class Events implements NatsBus.Listener {
        @Override
        public void disconnected() {
            log.atInfo().log("nats-connection-disconnected");
        }

        @Override
        public void reconnected(String server) {
            log.atInfo().addKeyValue("server", server).log("nats-connection-reconnected");
            announceAgain.run();
        }

        @Override
        public void closed() {
            log.atError().log("nats-connection-closed");
            Thread.ofVirtual().start(NatsRegistry.this::forget); // not on the client's own thread
        }
    }

    private void forget() {
        connecting.lock();
        try {
            NatsBus ended = bus;
            bus = null;
            if (ended != null) {
                ended.close();
            }
        } finally {
            connecting.unlock();
        }
    }

    @Override
    public void close() {
        connecting.lock();
        try {
            closed = true;
            NatsBus present = bus;
            bus = null;
            if (present != null) {
                flush(present);
                present.close();
            }
        } finally {
            connecting.unlock();
        }
    }

    private static void flush(NatsBus present) {
        try {
            present.flush(FLUSH_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | IllegalStateException e) {
            log.atWarn().addKeyValue("error", e.getMessage()).log("last messages may be lost");
        }
    }
}
