package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.cupola.gorouter.routes.Backend;

/**
 * How TLS is spoken to each kind of backend. Certificates can be replaced while serving; connections that exist keep theirs,
 * and what was replaced is let go of with the last of them. Any thread.
 */
public final class TlsClients implements AutoCloseable {
    private record Clients(BackendTls registered, BackendTls services, BackendTls self) {}

    private volatile Clients now;

    /**
     * @param registered for backends that were registered
     * @param services   for route services
     * @param self       for this router's own loopback port
     */
    public TlsClients(BackendTls registered, BackendTls services, BackendTls self) {
        now = new Clients(registered, services, self);
    }

    /** Takes both over; the way to our own port stays as it is. One thread at a time. */
    public void replace(BackendTls registered, BackendTls services) {
        Clients before = now;
        now = new Clients(registered, services, before.self());
        for (BackendTls old : distinct(before)) {
            if (old != before.self()) {
                old.close();
            }
        }
    }

    /** What a new connection to the backend begins with. */
    SslHandler handler(ByteBufAllocator allocator, Backend backend) {
        while (true) {
            BackendTls tls = of(backend);
            if (tls.retain()) { // or else it has just been replaced
                try {
                    return tls.handler(allocator, name(backend), backend.port(), backend.http2());
                } finally {
                    tls.close();
                }
            }
        }
    }

    private BackendTls of(Backend backend) {
        Clients clients = now;
        return switch (backend.trust()) {
            case REGISTERED -> clients.registered();
            case SERVICE -> clients.services();
            case SELF -> clients.self();
        };
    }

    private static String name(Backend backend) {
        return backend.serverCertDomainSan().isEmpty() ? backend.host() : backend.serverCertDomainSan();
    }

    /** To be called when no connection is made any more. */
    @Override
    public void close() {
        distinct(now).forEach(BackendTls::close);
    }

    /** One may serve several kinds. */
    private static Set<BackendTls> distinct(Clients clients) {
        Set<BackendTls> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(List.of(clients.registered(), clients.services(), clients.self()));
        return all;
    }
}
