package org.cupola.protocol.blobstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.cupola.platform.config.Secret;
import org.junit.jupiter.api.Test;

class LinkSignerTest {
    private static final Instant NOW = Instant.ofEpochSecond(2_000_000_000L);
    private final LinkSigner signer = new LinkSigner(new Secret("s3cret"));

    /** {@code printf '2000000000/read/cc-droplets/ab/cd/abcd s3cret' | openssl md5 -binary | basenc --base64url}. */
    @Test
    void signsAsTheOriginalsSignerDoes() {
        assertThat(signer.sign("/read/cc-droplets/ab/cd/abcd", NOW))
                .isEqualTo("/read/cc-droplets/ab/cd/abcd?md5=gDuFDIN0ygFSZlwtAbztnA&expires=2000000000");
    }

    /** {@code printf 'GETcc-droplets/ab/cd/abcd20000000003600' | openssl dgst -sha256 -hmac s3cret -binary | basenc --base64url}. */
    @Test
    void signsVerbsAsTheStorageToolDoes() {
        assertThat(signer.signVerb("GET", "cc-droplets/ab/cd/abcd", NOW, 3600))
                .isEqualTo(
                        "/signed/cc-droplets/ab/cd/abcd?st=Ls5P-baKcrJ2VViRGvT7BK8kmzliUeyJd9NeftJmIxU&ts=2000000000&e=3600");
    }

    @Test
    void linksOpenUntilTheyExpireAndNothingElse() {
        String path = "/read/cc-droplets/ab/cd/abcd";
        String md5 = signer.sign(path, NOW).replaceFirst(".*md5=([^&]*).*", "$1");

        assertThat(signer.verify(path, md5, "2000000000", NOW.minusSeconds(1))).isEqualTo(LinkSigner.Verdict.GOOD);
        assertThat(signer.verify(path, md5, "2000000000", NOW)).isEqualTo(LinkSigner.Verdict.EXPIRED);
        assertThat(signer.verify(path, md5, "2000000001", NOW)).isEqualTo(LinkSigner.Verdict.FORGED);
        assertThat(signer.verify(path + "e", md5, "2000000000", NOW)).isEqualTo(LinkSigner.Verdict.FORGED);
        assertThat(signer.verify(path, "", "", NOW)).isEqualTo(LinkSigner.Verdict.FORGED);
        assertThat(signer.verify(path, md5, "99999999999999999999", NOW)).isEqualTo(LinkSigner.Verdict.FORGED);
    }

    @Test
    void aLinkForReadingDoesNotWrite() {
        String blob = "cc-droplets/ab/cd/abcd";
        String st = signer.signVerb("GET", blob, NOW, 60).replaceFirst(".*st=([^&]*).*", "$1");

        assertThat(signer.verifyVerb("GET", blob, st, "2000000000", "60", NOW.plusSeconds(60)))
                .isEqualTo(LinkSigner.Verdict.GOOD);
        assertThat(signer.verifyVerb("GET", blob, st, "2000000000", "60", NOW.plusSeconds(61)))
                .isEqualTo(LinkSigner.Verdict.EXPIRED);
        assertThat(signer.verifyVerb("PUT", blob, st, "2000000000", "60", NOW)).isEqualTo(LinkSigner.Verdict.FORGED);
        assertThat(signer.verifyVerb("GET", blob, st, "2000000000", "61", NOW)).isEqualTo(LinkSigner.Verdict.FORGED);
        assertThat(signer.verifyVerb("GET", blob, "", "", "", NOW)).isEqualTo(LinkSigner.Verdict.FORGED);
    }
}
