package org.cupola.gorouter;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509TrustManager;
import org.cupola.gorouter.GorouterConfig.CertificateRule;

/** Trusts clients as another does, and then only those whose subject the rules allow. Immutable, any thread. */
final class RuledTrust implements X509TrustManager {
    private final X509TrustManager chains;
    private final List<CertificateRule> rules;

    RuledTrust(X509TrustManager chains, List<CertificateRule> rules) {
        this.chains = chains;
        this.rules = List.copyOf(rules);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        chains.checkClientTrusted(chain, authType);
        for (CertificateRule rule : rules) {
            if (appliesTo(rule, chain)
                    && rule.validSubjects().stream().noneMatch(subject -> SubjectNames.matches(subject, chain[0]))) {
                throw new CertificateException("subject not in the list of allowed subjects for CA Subject "
                        + SubjectNames.text(rule.issuerInChain()) + ": " + chain[0].getSubjectX500Principal());
            }
        }
    }

    /** The root is usually not sent: the issuer of the last one sent counts too. */
    private boolean appliesTo(CertificateRule rule, X509Certificate[] chain) {
        for (X509Certificate link : chain) {
            for (X509Certificate authority : chains.getAcceptedIssuers()) {
                if (authority.getSubjectX500Principal().equals(link.getIssuerX500Principal())
                        && SubjectNames.matches(rule.issuerInChain(), authority)) {
                    return true;
                }
            }
        }
        for (int i = 1; i < chain.length; i++) {
            if (SubjectNames.matches(rule.issuerInChain(), chain[i])) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("this one checks clients");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return chains.getAcceptedIssuers();
    }
}
