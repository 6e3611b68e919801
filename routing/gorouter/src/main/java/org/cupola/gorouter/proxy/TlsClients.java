package org.cupola.gorouter.proxy;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.cupola.gorouter.routes.Backend;

/**
 * How TLS is spoken to each kind of backend. Certificates can be replaced while serving; connections that exist keep
 * theirs. Any thread.
 */
public final class TlsClients implements AutoCloseable {
    private record Clients(BackendTls registered, BackendTls services, BackendTls self) {}

    private volatile Clients now;

    // Also those that were replaced: a connection may be being made with one.
    private final Set<BackendTls> made =
            Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

    /**
     * @param registered for backends that were registered
     * @param services   for route services
     * @param self       for this router's own loopback port
     */
    public TlsClients(BackendTls registered, BackendTls services, BackendTls self) {
        now = new Clients(registered, services, self);
        made.add(registered);
        made.add(services);
        made.add(self);
    }

    /** The way to our own port stays as it is. */
    public void replace(BackendTls registered, BackendTls services) {
        made.add(registered);
        made.add(services);
        now = new Clients(registered, services, now.self());
    }

    BackendTls of(Backend backend) {
        Clients clients = now;
        return switch (backend.trust()) {
            case REGISTERED -> clients.registered();
            case SERVICE -> clients.services();
            case SELF -> clients.self();
        };
    }

    /** To be called when no connection is made any more. */
    @Override
    public void close() {
        synchronized (made) {
            made.forEach(BackendTls::close);
            made.clear();
        }
    }
}
