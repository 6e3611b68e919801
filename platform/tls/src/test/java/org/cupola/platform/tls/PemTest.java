package org.cupola.platform.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;

class PemTest {
    @Test
    void readsKeysAlikeWhateverProvidersALibraryRegistersMeanwhile() throws Exception {
        TlsIdentity issued = CertificateAuthority.create("ca", Duration.ofDays(1), Clock.systemUTC())
                .issue("leaf", List.of("localhost"), Duration.ofDays(1));
        String certificate = Pem.write(issued.certificate());
        String key = Pem.write(issued.key());
        KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();

        var provider = new BouncyCastleProvider();
        Security.addProvider(provider);
        try {
            assertThat(TlsIdentity.parse(certificate, key).key().getAlgorithm()).isEqualTo("EC");
            assertThat(Pem.privateKey(Pem.write(rsa.getPrivate()))).isEqualTo(rsa.getPrivate());
            assertThat(Pem.publicKey(Pem.write(rsa.getPublic()))).isEqualTo(rsa.getPublic());
            assertThat(Pem.publicKey(certificate))
                    .isEqualTo(issued.certificate().getPublicKey());
        } finally {
            Security.removeProvider(provider.getName());
        }
    }
}
