package org.cupola.gorouter.head;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** A chunked body ends where a decoder made of patterns sees its end, with the same data, however it is cut. */
class ChunkScannerFuzz {
    private static final int MOST = 4000; // below every bound, so that the simple decoder needs none
    private static final Pattern SIZE =
            Pattern.compile("([0-9A-Fa-f]{1,15})(?:[; \\t][\\t\\x20-\\x7e\\x80-\\xff]*)?\r\n");
    private static final Pattern TRAILER =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\\t\\x20-\\x7e\\x80-\\xff]*\r\n");

    private record Decoded(String data, int end) {}

    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void endsWhereASimpleDecoderDoes(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                "4\r\nWiki\r\n00a\r\n0123456789\r\n0\r\n\r\nNEXT",
                "1;a=\"b\"\r\nx\r\n0 \r\nX-T: 1\r\nY: \r\n\r\n",
                "0\r\nContent-Length: 3\r\n\r\n",
                "fffffffffffffff\r\nabc");
    }

    @Test
    void followsDamagedExamples() {
        Damage.each(30_000, ChunkScannerFuzz::check, examples());
    }

    static void check(byte[] input) {
        if (input.length > MOST) {
            return;
        }
        var scanner = new ChunkScanner();
        int length = scanner.scan(Unpooled.wrappedBuffer(input));
        Decoded decoded = decode(new String(input, ISO_8859_1));
        assertThat(scanner.isDone()).isEqualTo(decoded != null);
        if (decoded != null) {
            assertThat(length).isEqualTo(decoded.end());
            assertThat(scanner.dataBytes()).isEqualTo(decoded.data().length());
        }

        var trickled = new ChunkScanner();
        int taken = 0;
        for (byte b : input) {
            taken += trickled.scan(Unpooled.wrappedBuffer(new byte[] {b}));
        }
        assertThat(taken).isEqualTo(length);
        assertThat(trickled.isDone()).isEqualTo(scanner.isDone());
        assertThat(trickled.isBroken()).isEqualTo(scanner.isBroken());
        assertThat(trickled.trailers()).isEqualTo(scanner.trailers());

        var pieces = new ChunkScanner();
        ByteBuf in = Unpooled.wrappedBuffer(input);
        var data = new StringBuilder();
        for (int amount = pieces.nextData(in); amount > 0; amount = pieces.nextData(in)) {
            data.append(in.readCharSequence(amount, ISO_8859_1));
            pieces.consumed(amount);
        }
        assertThat(pieces.isDone()).isEqualTo(scanner.isDone());
        if (decoded != null) {
            assertThat(data.toString()).isEqualTo(decoded.data());
            assertThat(in.readerIndex()).isEqualTo(decoded.end());
        }
    }

    private static @org.jspecify.annotations.Nullable Decoded decode(String text) {
        var data = new StringBuilder();
        int at = 0;
        while (true) {
            Matcher size = SIZE.matcher(text).region(at, text.length());
            if (!size.lookingAt()) {
                return null;
            }
            at = size.end();
            long amount = Long.parseLong(size.group(1), 16);
            if (amount == 0) {
                break;
            }
            if (amount > text.length() - at || !text.startsWith("\r\n", at + (int) amount)) {
                return null;
            }
            data.append(text, at, at + (int) amount);
            at += (int) amount + 2;
        }
        while (!text.startsWith("\r\n", at)) {
            Matcher trailer = TRAILER.matcher(text).region(at, text.length());
            if (!trailer.lookingAt() || !ChunkScanner.mayTrail(trailer.group(1))) {
                return null;
            }
            at = trailer.end();
        }
        return new Decoded(data.toString(), at + 2);
    }
}
