package org.cupola.uaa;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.cupola.platform.tls.TlsIdentity;

/** Reads a TLS identity from the PKCS#12 store the original's job makes of its PEM files. */
final class KeyStores {
    private KeyStores() {}

    /**
     * @param alias empty means the only entry
     * @throws IllegalArgumentException when the store has no such key
     */
    static TlsIdentity read(Path file, String password, String alias) {
        try (InputStream input = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(input, password.toCharArray());
            String entry = alias.isEmpty() ? Collections.list(store.aliases()).getFirst() : alias;
            if (!(store.getKey(entry, password.toCharArray()) instanceof PrivateKey key)) {
                throw new IllegalArgumentException(file + ": no private key named " + entry);
            }
            List<X509Certificate> chain = Arrays.stream(store.getCertificateChain(entry))
                    .map(X509Certificate.class::cast)
                    .toList();
            return new TlsIdentity(key, chain);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
