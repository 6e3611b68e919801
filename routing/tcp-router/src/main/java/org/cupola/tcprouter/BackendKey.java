package org.cupola.tcprouter;

import org.cupola.protocol.routing.TcpRouteMapping;
import org.jspecify.annotations.Nullable;

/**
 * What tells two backends of one route apart. Immutable.
 *
 * @param tlsPort            above 0 the connection to the backend is TLS on this port; 0 or below it is plain
 * @param instanceId         name that a TLS backend's certificate must bear; empty for any name
 * @param sniRewriteHostname sent to a TLS backend; empty for none
 */
record BackendKey(
        String address,
        int port,
        int tlsPort,
        String instanceId,
        boolean terminateFrontendTls,
        String alpns,
        String sniRewriteHostname,
        boolean enableBackendMtls) {
    static BackendKey of(TcpRouteMapping mapping) {
        return new BackendKey(
                mapping.backendIp(),
                mapping.backendPort(),
                mapping.backendTlsPort(),
                mapping.instanceId(),
                mapping.terminateFrontendTls(),
                mapping.alpns(),
                orEmpty(mapping.sniRewriteHostname()),
                mapping.enableBackendMtls());
    }

    boolean tls() {
        return tlsPort > 0;
    }

    /** The port that is connected to. */
    int usedPort() {
        return tls() ? tlsPort : port;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
