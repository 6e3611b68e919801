package org.cupola.auctioneer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;

/** An authority for one test, with PEM files of what it issues. */
final class TestCertificates {
    private final CertificateAuthority authority =
            CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
    private final Path folder;

    TestCertificates(Path folder) throws IOException {
        this.folder = folder;
        Files.writeString(authorityFile(), Pem.write(authority.certificate()));
    }

    Path authorityFile() {
        return folder.resolve("ca.crt");
    }

    List<X509Certificate> authorities() {
        return List.of(authority.certificate());
    }

    TlsIdentity issue(String name, String... names) throws IOException {
        TlsIdentity identity = authority.issue(name, List.of(names), Duration.ofDays(1));
        Files.writeString(certificateFile(name), Pem.write(identity.certificate()));
        Files.writeString(keyFile(name), Pem.write(identity.key()));
        return identity;
    }

    Path certificateFile(String name) {
        return folder.resolve(name + ".crt");
    }

    Path keyFile(String name) {
        return folder.resolve(name + ".key");
    }
}
