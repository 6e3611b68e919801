package org.cupola.gorouter.routes;

/**
 * The registered backends, found by what makes their connections interchangeable. Guarded by the table's lock.
 */
final class Backends {
    private final OpenTable<Backend> table =
            new OpenTable<>(backend -> hash(backend.host(), backend.port(), backend.serverCertDomainSan()));

    int size() {
        return table.size();
    }

    /** The one that serves the endpoint, made if there is none. */
    Backend of(EndpointInfo info) {
        int at = table.place(hash(info.host(), info.port(), info.serverCertDomainSan()));
        for (Backend backend = table.at(at); backend != null; backend = table.at(at)) {
            if (backend.serves(info)) {
                return backend;
            }
            at = table.next(at);
        }
        var made = new Backend(info, Backend.Trust.REGISTERED);
        table.add(made);
        return made;
    }

    /** It must be there. */
    void remove(Backend gone) {
        table.remove(gone);
    }

    private static int hash(String host, int port, String san) {
        return RouteKey.spread((host.hashCode() * 31 + port) * 31 + san.hashCode());
    }
}
