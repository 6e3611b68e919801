package org.cupola.gorouter.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** What is taken as header blocks reads the same to Netty's decoder, block after block with one table. */
class HpackDecoderFuzz {
    private static final int LIMIT = 1 << 16;

    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void readsWhatNettyReads(byte[] input) throws Exception {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                "\12\202\206\204A\17www.example.com\6\202\204\276X\3abc",
                "\21@\12custom-key\4abcd\2\276\276\4\77\341\1\202",
                "\22\202A\214\361\343\302\345\362:k\240\253\220\364\377\204\276\3\40\202\276",
                "\7\0\1a\3bcd\6\20\1b\2\1\2\5\17\27\2ab");
    }

    @Test
    void readsDamagedExamples() {
        Damage.each(
                5_000,
                input -> {
                    try {
                        check(input);
                    } catch (Http2Exception e) {
                        throw new AssertionError(e);
                    }
                },
                examples());
    }

    /** The input is blocks, each behind its length. */
    static void check(byte[] input) throws Http2Exception {
        var ours = new HpackDecoder(4096);
        var netty = new DefaultHttp2HeadersDecoder(false, LIMIT);
        for (int at = 0; at < input.length; ) {
            int from = at + 1;
            int to = Math.min(input.length, from + (input[at] & 0xff));
            at = to;
            List<String> fields = new ArrayList<>();
            int[] size = {0};
            try {
                boolean whole = ours.decode(input, from, to, LIMIT, (name, start, end, value, valueStart, valueEnd) -> {
                    fields.add(new String(name, start, end - start, ISO_8859_1) + ": "
                            + new String(value, valueStart, valueEnd - valueStart, ISO_8859_1));
                    size[0] += end - start + valueEnd - valueStart + 32;
                });
                assertThat(size[0]).isLessThanOrEqualTo(LIMIT);
                if (!whole) {
                    return;
                }
            } catch (HpackException e) {
                refused(netty, input, from, to, String.valueOf(e.getMessage()));
                return;
            }
            List<String> theirs = new ArrayList<>();
            Http2Headers read = netty.decodeHeaders(3, Unpooled.wrappedBuffer(input, from, to - from));
            read.forEach(line -> theirs.add(line.getKey() + ": " + line.getValue()));
            assertThat(fields).containsExactlyInAnyOrderElementsOf(theirs); // Netty puts pseudo-headers first
        }
    }

    /** Netty takes a table size behind a field, and larger numbers. */
    private static void refused(DefaultHttp2HeadersDecoder netty, byte[] input, int from, int to, String why) {
        try {
            netty.decodeHeaders(3, Unpooled.wrappedBuffer(input, from, to - from));
        } catch (Http2Exception e) {
            return;
        }
        assertThat(why).containsAnyOf("behind a field", "number of more");
    }
}
