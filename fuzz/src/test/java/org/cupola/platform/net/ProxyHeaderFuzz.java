package org.cupola.platform.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.cupola.platform.net.ProxyHeader.Endpoints;
import org.cupola.platform.net.ProxyHeader.Parsed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** A header is the same however much of the rest is there, is never waited for beyond its bound, and can be written again. */
class ProxyHeaderFuzz {
    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void readsPrefixesAlike(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                "PROXY TCP4 192.0.2.7 127.0.0.1 4711 80\r\nGET /",
                "PROXY TCP6 2001:db8::1 ::1 1 65535\r\n",
                "PROXY UNKNOWN whatever\r\n",
                "\r\n\r\n\0\r\nQUIT\n!\u0011\0\f\u00c0\0\2\1\u007f\0\0\1\1\2\3\4",
                "\r\n\r\n\0\r\nQUIT\n \0\0\0rest");
    }

    @Test
    void readsDamagedExamples() {
        Damage.each(20_000, ProxyHeaderFuzz::check, examples());
    }

    static void check(byte[] input) {
        Parsed whole = parse(input, input.length);
        switch (whole) {
            case Parsed.Incomplete _ -> assertThat(input.length).isLessThan(ProxyHeader.MAX_BYTES);
            case Parsed.Malformed malformed -> assertThat(malformed.reason()).isNotEmpty();
            case Parsed.Complete complete -> {
                assertThat(complete.lengthBytes()).isBetween(1, Math.min(input.length, ProxyHeader.MAX_BYTES));
                assertThat(parse(input, complete.lengthBytes())).isEqualTo(whole);
                for (int length = 0; length < complete.lengthBytes(); length++) {
                    assertThat(parse(input, length)).isEqualTo(new Parsed.Incomplete());
                }
                complete.endpoints().ifPresent(ProxyHeaderFuzz::writeAndRead);
            }
        }
    }

    private static void writeAndRead(Endpoints endpoints) {
        boolean sameFamily = endpoints.source().getAddress().getClass()
                == endpoints.destination().getAddress().getClass();
        for (ProxyHeader.Version version : ProxyHeader.Version.values()) {
            ByteBuf written = ProxyHeader.write(version, endpoints, UnpooledByteBufAllocator.DEFAULT);
            assertThat(ProxyHeader.parse(written))
                    .isInstanceOfSatisfying(
                            Parsed.Complete.class,
                            again -> assertThat(again.endpoints()
                                            .filter(endpoints::equals)
                                            .isPresent())
                                    .isEqualTo(sameFamily));
            written.release();
        }
    }

    private static Parsed parse(byte[] input, int length) {
        return ProxyHeader.parse(Unpooled.wrappedBuffer(Arrays.copyOf(input, length)));
    }
}
