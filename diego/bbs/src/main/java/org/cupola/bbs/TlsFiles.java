package org.cupola.bbs;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;

/** One identity and whom it trusts, as PEM files. */
record TlsFiles(Path authority, Path certificate, Path key) {
    static TlsFiles read(ConfigReader reader, String authorityKey, String certificateKey, String keyKey) {
        return new TlsFiles(
                Path.of(reader.required(authorityKey)),
                Path.of(reader.required(certificateKey)),
                Path.of(reader.required(keyKey)));
    }

    /** @throws IllegalArgumentException when a file cannot be read, or key and certificate do not belong together */
    TlsIdentity identity() {
        return TlsIdentity.read(certificate, key);
    }

    List<X509Certificate> authorities() {
        return Pem.certificates(authority);
    }

    HttpClients clients() {
        return HttpClients.create(identity(), authorities());
    }

    /** A time that the file may leave at zero. */
    static Duration orDefault(Duration found, Duration otherwise) {
        return found.isZero() ? otherwise : found;
    }
}
