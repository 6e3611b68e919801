package org.cupola.gorouter.proxy;

import org.cupola.gorouter.routes.Backend;

/**
 * How TLS is spoken to each kind of backend. Immutable.
 *
 * @param registered backends that were registered
 * @param services   route services
 * @param self       this router's own loopback port
 */
public record TlsClients(BackendTls registered, BackendTls services, BackendTls self) implements AutoCloseable {
    BackendTls of(Backend backend) {
        return switch (backend.trust()) {
            case REGISTERED -> registered;
            case SERVICE -> services;
            case SELF -> self;
        };
    }

    @Override
    public void close() {
        registered.close();
        if (services != registered) {
            services.close();
        }
        if (self != services) {
            self.close();
        }
    }
}
