package org.cupola.platform.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Random;
import org.cupola.platform.net.ProxyHeader.Endpoints;
import org.cupola.platform.net.ProxyHeader.Parsed;
import org.cupola.platform.net.ProxyHeader.Version;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
    private static final Endpoints IPV4 =
            new Endpoints(new InetSocketAddress("192.0.2.1", 40_000), new InetSocketAddress("198.51.100.2", 443));
    private static final Endpoints IPV6 =
            new Endpoints(new InetSocketAddress("2001:db8::1", 40_000), new InetSocketAddress("2001:db8::2", 443));

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, ISO_8859_1);
    }

    private static ByteBuf write(Version version, Endpoints endpoints) {
        return ProxyHeader.write(version, endpoints, UnpooledByteBufAllocator.DEFAULT);
    }

    @Test
    void writesVersion1() {
        assertThat(write(Version.V1, IPV4).toString(ISO_8859_1))
                .isEqualTo("PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r\n");
        assertThat(write(Version.V1, IPV6).toString(ISO_8859_1))
                .isEqualTo("PROXY TCP6 2001:db8::1 2001:db8::2 40000 443\r\n");
        assertThat(write(Version.V1, new Endpoints(IPV4.source(), IPV6.destination()))
                        .toString(ISO_8859_1))
                .isEqualTo("PROXY UNKNOWN\r\n");
    }

    @Test
    void writesVersion2() {
        assertThat(write(Version.V2, IPV4).toString(ISO_8859_1))
                .isEqualTo("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\u00c0\0\u0002\u0001\u00c6\u0033d\u0002"
                        + "\u009c\u0040\u0001\u00bb");
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void readsWhatItWritesByteByByte(Version version) {
        for (Endpoints endpoints : new Endpoints[] {IPV4, IPV6}) {
            ByteBuf whole = write(version, endpoints);
            for (int length = 0; length < whole.readableBytes(); length++) {
                assertThat(ProxyHeader.parse(whole.slice(0, length))).isEqualTo(new Parsed.Incomplete());
            }
            ByteBuf followed = Unpooled.wrappedBuffer(whole, bytes("more"));

            assertThat(ProxyHeader.parse(followed))
                    .isEqualTo(new Parsed.Complete(Optional.of(endpoints), whole.readableBytes()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 40000\r\n",
                "PROXY TCP4 2001:db8::1 198.51.100.2 40000 443\r\n",
                "PROXY TCP4 192.0.2.256 198.51.100.2 40000 443\r\n",
                "PROXY TCP6 192.0.2.1 198.51.100.2 40000 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 040 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 -1 443\r\n",
                "PROXY UDP4 192.0.2.1 198.51.100.2 40000 443\r\n",
                "\r\n\r\n\0\r\nQUIT\n\u0031\u0011\0\u000c",
                "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u0004abcd",
                "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u00ff\u00ff"
            })
    void refusesWhatIsNoHeader(String text) {
        assertThat(ProxyHeader.parse(bytes(text))).isInstanceOf(Parsed.Malformed.class);
    }

    @Test
    void refusesAnEndlessLine() {
        assertThat(ProxyHeader.parse(bytes("PROXY " + "x".repeat(101)))).isInstanceOf(Parsed.Malformed.class);
    }

    @Test
    void takesConnectionsWithoutEndpoints() {
        assertThat(ProxyHeader.parse(bytes("PROXY UNKNOWN whatever\r\n")))
                .isEqualTo(new Parsed.Complete(Optional.empty(), 24));
        assertThat(ProxyHeader.parse(bytes("\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0")))
                .isEqualTo(new Parsed.Complete(Optional.empty(), 16));
    }

    @Test
    void survivesNoise() {
        var random = new Random(1);
        byte[][] headers = {
            ByteBufUtil.getBytes(write(Version.V1, IPV4)),
            ByteBufUtil.getBytes(write(Version.V1, IPV6)),
            ByteBufUtil.getBytes(write(Version.V2, IPV4)),
            ByteBufUtil.getBytes(write(Version.V2, IPV6))
        };
        for (int round = 0; round < 20_000; round++) {
            byte[] noisy = headers[random.nextInt(headers.length)].clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                noisy[random.nextInt(noisy.length)] = (byte) random.nextInt(256);
            }
            ByteBuf seen = Unpooled.wrappedBuffer(noisy, 0, 1 + random.nextInt(noisy.length));

            if (ProxyHeader.parse(seen) instanceof Parsed.Complete complete) {
                assertThat(complete.lengthBytes()).isLessThanOrEqualTo(seen.readableBytes());
            }
        }
    }
}
