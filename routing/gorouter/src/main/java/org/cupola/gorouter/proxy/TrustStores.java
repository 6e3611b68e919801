package org.cupola.gorouter.proxy;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Trust managers over given authorities and those of the system. */
public final class TrustStores {
    private TrustStores() {}

    /** @param system whether the system's authorities count too */
    public static X509TrustManager trusting(List<X509Certificate> authorities, boolean system) {
        try {
            if (authorities.isEmpty() && system) {
                return manager(null);
            }
            List<X509Certificate> all = new ArrayList<>(authorities);
            if (system) {
                all.addAll(List.of(manager(null).getAcceptedIssuers()));
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < all.size(); i++) {
                store.setCertificateEntry("authority-" + i, all.get(i));
            }
            return manager(store);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("trusted certificates cannot be set up", e);
        }
    }

    /** DNS names and addresses a certificate is for, by its subject alternative names. */
    public static List<String> namesOf(X509Certificate certificate) {
        return CertificateNames.of(certificate);
    }

    private static X509TrustManager manager(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509;
            }
        }
        throw new IllegalStateException("every JDK has an X.509 trust manager");
    }
}
