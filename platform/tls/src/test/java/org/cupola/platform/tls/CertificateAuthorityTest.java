package org.cupola.platform.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {
    private final Clock clock = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
    private final CertificateAuthority authority = CertificateAuthority.create("Test CA", Duration.ofDays(365), clock);

    @Test
    void issuesLeavesThatVerifyAgainstIt() throws Exception {
        TlsIdentity leaf = authority.issue("bbs", List.of("bbs.service.internal", "127.0.0.1"), Duration.ofDays(30));

        leaf.certificate().verify(authority.certificate().getPublicKey());
        assertThat(leaf.certificate().getSubjectAlternativeNames())
                .containsExactly(List.of(2, "bbs.service.internal"), List.of(7, "127.0.0.1"));
        assertThat(leaf.certificate().getNotAfter())
                .isEqualTo(Date.from(clock.instant().plus(Duration.ofDays(30))));
        assertThat(authority.certificate().getBasicConstraints()).isGreaterThanOrEqualTo(0);
    }

    @Test
    void organizationalUnitsStandInTheSubject() {
        TlsIdentity leaf = authority.issue("guid", List.of("app:1", "space:2"), List.of(), Duration.ofDays(1));

        assertThat(leaf.certificate().getSubjectX500Principal().getName()).isEqualTo("CN=guid,OU=space:2,OU=app:1");
    }

    @Test
    void aWrittenIdentityReadsBack(@TempDir Path directory) throws Exception {
        TlsIdentity leaf = authority.issue("a", List.of("a"), Duration.ofDays(1));
        Path certificate = Files.writeString(directory.resolve("a.crt"), Pem.write(leaf.certificate()));
        Path key = Files.writeString(directory.resolve("a.key"), Pem.write(leaf.key()));

        assertThat(TlsIdentity.read(certificate, key)).isEqualTo(leaf);
    }

    @Test
    void refusesAKeyOfAnotherCertificateAndSaysWhichFiles(@TempDir Path directory) throws Exception {
        TlsIdentity one = authority.issue("a", List.of("a"), Duration.ofDays(1));
        TlsIdentity other = authority.issue("b", List.of("b"), Duration.ofDays(1));
        Path certificate = Files.writeString(directory.resolve("a.crt"), Pem.write(one.certificate()));
        Path key = Files.writeString(directory.resolve("b.key"), Pem.write(other.key()));

        assertThatThrownBy(() -> TlsIdentity.read(certificate, key))
                .hasMessageContaining("b.key: does not belong to the certificate in")
                .hasMessageContaining("a.crt");
    }

    @Test
    void buildsContextsForBothSides() {
        TlsIdentity leaf = authority.issue("a", List.of("a"), Duration.ofDays(1));

        assertThat(TlsContexts.build(TlsContexts.mutualServer(leaf, List.of(authority.certificate())))
                        .isServer())
                .isTrue();
        assertThat(TlsContexts.build(TlsContexts.client(leaf, List.of(authority.certificate())))
                        .isClient())
                .isTrue();
        assertThat(TlsContexts.jdk(java.util.Optional.of(leaf), List.of(authority.certificate()))
                        .getProtocol())
                .isEqualTo("TLS");
    }
}
