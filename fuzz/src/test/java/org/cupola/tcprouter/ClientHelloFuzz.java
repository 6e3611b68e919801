package org.cupola.tcprouter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** A verdict stands however many bytes follow, waiting has a bound, and a name that was put in is found, in any records. */
class ClientHelloFuzz {
    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void readsPrefixesAlike(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        String plain = new String(hello("app.example.com", 4096), ISO_8859_1);
        return Damage.latin1(plain, new String(hello("A", 7), ISO_8859_1), "GET / HTTP/1.1");
    }

    @Test
    void readsDamagedExamples() {
        Damage.each(10_000, ClientHelloFuzz::check, examples());
    }

    static void check(byte[] input) {
        ClientHello.Parsed whole = ClientHello.parse(Unpooled.wrappedBuffer(input));
        if (whole.equals(ClientHello.INCOMPLETE)) {
            assertThat(input.length).isLessThan(ClientHello.MAX_BYTES);
        }
        for (int length = 0; length < Math.min(input.length, 600); length++) {
            ClientHello.Parsed part = ClientHello.parse(Unpooled.wrappedBuffer(Arrays.copyOf(input, length)));
            assertThat(part).isIn(ClientHello.INCOMPLETE, whole);
        }
        String name = new String(input, 0, Math.min(input.length, 200), ISO_8859_1).replaceAll("[^A-Za-z0-9.-]", "");
        int recordBytes = input.length == 0 ? 100 : 1 + (input[0] & 0xff);
        assertThat(ClientHello.parse(Unpooled.wrappedBuffer(hello(name, recordBytes))))
                .isEqualTo(new ClientHello.Parsed.Hello(name.toLowerCase(Locale.ROOT)));
    }

    /** RFC 8446, 4.1.2, with one cipher suite and the server's name behind another extension. */
    private static byte[] hello(String name, int recordBytes) {
        var serverName = new ByteArrayOutputStream();
        number(serverName, 2, name.length() + 3);
        serverName.write(0);
        number(serverName, 2, name.length());
        serverName.writeBytes(name.getBytes(ISO_8859_1));
        var body = new ByteArrayOutputStream();
        number(body, 2, 0x303);
        body.writeBytes(new byte[32]);
        body.write(0);
        body.writeBytes(new byte[] {0, 2, 0x13, 1, 1, 0});
        number(body, 2, 4 + 2 + 4 + serverName.size());
        body.writeBytes(new byte[] {0, 23, 0, 2, 9, 9});
        number(body, 2, 0);
        number(body, 2, serverName.size());
        body.writeBytes(serverName.toByteArray());
        var message = new ByteArrayOutputStream();
        message.write(1);
        number(message, 3, body.size());
        message.writeBytes(body.toByteArray());
        byte[] all = message.toByteArray();
        var records = new ByteArrayOutputStream();
        for (int at = 0; at < all.length; at += recordBytes) {
            int length = Math.min(recordBytes, all.length - at);
            records.writeBytes(new byte[] {22, 3, 1});
            number(records, 2, length);
            records.write(all, at, length);
        }
        return records.toByteArray();
    }

    private static void number(ByteArrayOutputStream out, int bytes, int value) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
            out.write(value >> shift);
        }
    }
}
