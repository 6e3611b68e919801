package org.cupola.launcher.up;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;

/**
 * The platform's own certificate authority and one certificate a component, as PEM files. Made at the first start; a
 * leaf is renewed at a start within a month of its end.
 */
public final class PlatformCertificates {
    private static final Duration AUTHORITY_VALIDITY = Duration.ofDays(3650);
    private static final Duration LEAF_VALIDITY = Duration.ofDays(365);
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);

    private final Path folder;
    private final Clock clock;
    private final CertificateAuthority authority;

    public PlatformCertificates(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
        this.authority = openAuthority();
    }

    Path authorityFile() {
        return folder.resolve("ca.crt");
    }

    Path authorityKeyFile() {
        return folder.resolve("ca.key");
    }

    Path certificate(String component) {
        return folder.resolve(component + ".crt");
    }

    Path key(String component) {
        return folder.resolve(component + ".key");
    }

    /** Makes the component's certificate unless a good one is there. */
    public void ensure(String component, List<String> moreNames) {
        if (isGood(component)) {
            return;
        }
        List<String> names = new ArrayList<>(
                List.of("localhost", "127.0.0.1", "::1", component, component + ".service.cf.internal"));
        names.addAll(moreNames);
        TlsIdentity leaf = authority.issue(component, names, LEAF_VALIDITY);
        DataDirectory.writePrivate(certificate(component), Pem.write(leaf.certificate()));
        DataDirectory.writePrivate(key(component), Pem.write(leaf.key()));
    }

    private boolean isGood(String component) {
        if (!Files.exists(certificate(component)) || !Files.exists(key(component))) {
            return false;
        }
        Instant end = TlsIdentity.read(certificate(component), key(component))
                .certificate()
                .getNotAfter()
                .toInstant();
        return clock.instant().plus(RENEW_BEFORE).isBefore(end);
    }

    private CertificateAuthority openAuthority() {
        if (Files.exists(authorityKeyFile())) {
            return new CertificateAuthority(TlsIdentity.read(authorityFile(), authorityKeyFile()), clock);
        }
        CertificateAuthority created = CertificateAuthority.create("Cupola CA", AUTHORITY_VALIDITY, clock);
        DataDirectory.writePrivate(authorityFile(), Pem.write(created.certificate()));
        DataDirectory.writePrivate(
                authorityKeyFile(), Pem.write(created.identity().key()));
        return created;
    }
}
