package org.cupola.gorouter;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.TlsIdentity;

/**
 * Certificates for requests that the router sends to itself: made at start, known to nobody else. Immutable.
 *
 * @param server for the loopback port
 * @param client shown to it
 */
record InternalIdentity(CertificateAuthority authority, TlsIdentity server, TlsIdentity client) {
    private static final Duration VALIDITY = Duration.ofDays(3650);

    static InternalIdentity create() {
        var authority = CertificateAuthority.create("Route Services", VALIDITY, Clock.systemUTC());
        return new InternalIdentity(
                authority,
                authority.issue("route-services-server", List.of("127.0.0.1"), VALIDITY),
                authority.issue("route-services-client", List.of("127.0.0.1"), VALIDITY));
    }
}
