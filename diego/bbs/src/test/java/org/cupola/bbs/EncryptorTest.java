package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.cupola.platform.config.Secret;
import org.cupola.protocol.bbs.proto.Error;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptorTest {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private final Encryptor encryptor = new Encryptor("key-1", Map.of("key-1", new Secret("a passphrase")));

    @Test
    void readsAnEnvelopeMadeElsewhere() {
        // AES-256-GCM by another library: key = SHA-256 of "a passphrase", nonce = bytes 0 to 11.
        assertThat(encryptor.decrypt("02BWtleS0xAAECAwQFBgcICQoLxTLzXWElHRA0f/gyT2vRunBgtVrg"))
                .isEqualTo(HELLO);
    }

    @Test
    void readsWhatItWroteAndNeverWritesTheSameTwice() {
        String first = encryptor.encrypt(HELLO);

        assertThat(encryptor.decrypt(first)).isEqualTo(HELLO);
        assertThat(encryptor.encrypt(HELLO)).isNotEqualTo(first);
    }

    @Test
    void readsWithEveryKeyAndWritesWithTheActiveOne() {
        var both = new Encryptor("key-2", Map.of("key-1", new Secret("a passphrase"), "key-2", new Secret("another")));

        assertThat(both.decrypt(encryptor.encrypt(HELLO))).isEqualTo(HELLO);
        assertThatThrownBy(() -> encryptor.decrypt(both.encrypt(HELLO))).hasMessage("could not deserialize record");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "02",
                "hello",
                "02!!!",
                "02BWtleS0x",
                "02BWtleS0xAAECAwQFBgcICQoLxTLzXWElHRA0f/gyT2vRunBgtVrh"
            })
    void refusesWhatIsNotAnEnvelopeOfItsKeys(String text) {
        assertThatThrownBy(() -> encryptor.decrypt(text))
                .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.type()).isEqualTo(Error.Type.Deserialize));
    }

    @Test
    void refusesKeysThatCannotBe() {
        assertThatThrownBy(() -> new Encryptor("b", Map.of("a", new Secret("x"))))
                .hasMessage("active_key_label: b (expected: a label of encryption_keys)");
        assertThatThrownBy(() -> new Encryptor("a", Map.of("x".repeat(128), new Secret("x"))))
                .hasMessage("encryption_keys: label of 128 bytes (expected: 1 to 127)");
    }
}
