package org.cupola.gorouter.proxy;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Checks backends' certificates: the chain first, then the name that was registered, which the engine bears as its peer.
 * Immutable, any thread.
 */
final class BackendTrust extends X509ExtendedTrustManager {
    private final X509TrustManager chains;
    private final boolean skip;

    /** @param skip whether anything is taken, names included */
    BackendTrust(X509TrustManager chains, boolean skip) {
        this.chains = chains;
        this.skip = skip;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (skip) {
            return;
        }
        try {
            chains.checkServerTrusted(chain, authType);
        } catch (CertificateException e) {
            throw new VerificationException(
                    FailureKind.UNTRUSTED_CERTIFICATE,
                    "tls: failed to verify certificate: x509: "
                            + (isExpired(chain[0])
                                    ? "certificate has expired or is not yet valid"
                                    : "certificate signed by unknown authority"));
        }
        List<String> names = CertificateNames.of(chain[0]);
        String wanted = engine.getPeerHost();
        if (wanted != null && !CertificateNames.match(names, wanted)) {
            throw new VerificationException(
                    FailureKind.HOSTNAME_MISMATCH,
                    "tls: failed to verify certificate: x509: certificate is "
                            + (names.isEmpty()
                                    ? "not valid for any names, but wanted to match " + wanted
                                    : "valid for " + String.join(", ", names) + ", not " + wanted));
        }
    }

    private static boolean isExpired(X509Certificate certificate) {
        try {
            certificate.checkValidity();
            return false;
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            return true;
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("only engines are used here");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("only engines are used here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("backends are servers");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("backends are servers");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("backends are servers");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return chains.getAcceptedIssuers();
    }
}
