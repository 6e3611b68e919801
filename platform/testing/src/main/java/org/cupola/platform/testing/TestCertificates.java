package org.cupola.platform.testing;

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
public final class TestCertificates {
    private final CertificateAuthority authority =
            CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
    private final Path folder;

    public TestCertificates(Path folder) throws IOException {
        this.folder = folder;
        Files.writeString(authorityFile(), Pem.write(authority.certificate()));
    }

    public Path authorityFile() {
        return folder.resolve("ca.crt");
    }

    public List<X509Certificate> authorities() {
        return List.of(authority.certificate());
    }

    public TlsIdentity issue(String name, String... names) throws IOException {
        TlsIdentity identity = authority.issue(name, List.of(names), Duration.ofDays(1));
        Files.writeString(certificateFile(name), Pem.write(identity.certificate()));
        Files.writeString(keyFile(name), Pem.write(identity.key()));
        return identity;
    }

    public Path certificateFile(String name) {
        return folder.resolve(name + ".crt");
    }

    public Path keyFile(String name) {
        return folder.resolve(name + ".key");
    }
}
