package org.cupola.platform.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringWriter;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
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

    @Test
    void readsTheFirstKeyOfTheTextInWhateverForm() throws Exception {
        TlsIdentity issued = CertificateAuthority.create("ca", Duration.ofDays(1), Clock.systemUTC())
                .issue("leaf", List.of("localhost"), Duration.ofDays(1));
        KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String pkcs8 = Pem.write(issued.certificate(), rsa.getPrivate(), issued.key());
        var pkcs1 = new StringWriter();
        try (var writer = new JcaPEMWriter(pkcs1)) {
            writer.writeObject(rsa.getPrivate());
        }

        assertThat(Pem.privateKey(pkcs8)).isEqualTo(rsa.getPrivate());
        assertThat(Pem.privateKey(pkcs1 + Pem.write(issued.key()))).isEqualTo(rsa.getPrivate());
        assertThat(Pem.privateKey(Pem.write(issued.key()) + pkcs1)).isEqualTo(issued.key());
        assertThat(Pem.privateKey(Pem.write(edwards.getPrivate())).getAlgorithm())
                .isIn("Ed25519", "EdDSA");
        assertThatThrownBy(() -> Pem.privateKey(
                        "-----BEGIN PRIVATE KEY-----\nMAUGCSqGSIb3DQEBAQ==\n-----END PRIVATE KEY-----\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a usable PEM private key");
    }
}
