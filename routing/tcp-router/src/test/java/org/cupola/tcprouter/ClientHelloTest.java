package org.cupola.tcprouter;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.cupola.tcprouter.ClientHello.Parsed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHelloTest {
    /** What the JDK's own client sends first. */
    static byte[] clientHello(String host, String... protocols) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        if (!host.isEmpty()) {
            parameters.setServerNames(List.of(new SNIHostName(host)));
        }
        parameters.setProtocols(protocols);
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        out.flip();
        byte[] bytes = new byte[out.remaining()];
        out.get(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void readsTheServerNameByteByByte(String protocol) throws Exception {
        byte[] hello = clientHello("App.Example.com", protocol);

        for (int length = 0; length < hello.length; length++) {
            assertThat(ClientHello.parse(Unpooled.wrappedBuffer(hello, 0, length)))
                    .isEqualTo(ClientHello.INCOMPLETE);
        }
        assertThat(ClientHello.parse(Unpooled.wrappedBuffer(hello))).isEqualTo(new Parsed.Hello("app.example.com"));
    }

    @Test
    void readsOneThatIsSpreadOverRecords() throws Exception {
        byte[] hello = clientHello("app.example.com", "TLSv1.3");
        ByteBuf spread = Unpooled.buffer();
        for (int start = 5; start < hello.length; start += 7) {
            int length = Math.min(7, hello.length - start);
            spread.writeBytes(hello, 0, 3).writeShort(length).writeBytes(hello, start, length);
        }

        assertThat(ClientHello.parse(spread.slice(0, spread.readableBytes() - 1)))
                .isEqualTo(ClientHello.INCOMPLETE);
        assertThat(ClientHello.parse(spread)).isEqualTo(new Parsed.Hello("app.example.com"));
    }

    @Test
    void takesOneWithoutAServerName() throws Exception {
        assertThat(ClientHello.parse(Unpooled.wrappedBuffer(clientHello("", "TLSv1.3"))))
                .isEqualTo(new Parsed.Hello(""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET / HTTP/1.1", "SSH-2.0-x", "\u0015\u0003", "\u0016\u0002\0\0\0", "\u0016\u0003\u0001\0\0"})
    void knowsWhatIsNotTls(String start) {
        assertThat(ClientHello.parse(Unpooled.copiedBuffer(start, US_ASCII))).isEqualTo(ClientHello.NOT_TLS);
    }

    @Test
    void doesNotWaitForOneWithoutEnd() {
        ByteBuf endless = Unpooled.buffer();
        endless.writeBytes(new byte[] {22, 3, 1, 0x40, 0, 1, 0, 0x7f, (byte) 0xff})
                .writeZero(0x4000 - 4);
        while (endless.readableBytes() < ClientHello.MAX_BYTES) {
            endless.writeBytes(new byte[] {22, 3, 1, 0x40, 0}).writeZero(0x4000);
        }

        assertThat(ClientHello.parse(endless)).isEqualTo(ClientHello.NOT_TLS);
    }

    @Test
    void survivesNoise() throws Exception {
        byte[] hello = clientHello("app.example.com", "TLSv1.3", "TLSv1.2");
        var random = new Random(1);
        for (int round = 0; round < 5_000; round++) {
            byte[] noisy = hello.clone();
            for (int flips = 1 + random.nextInt(5); flips > 0; flips--) {
                noisy[random.nextInt(noisy.length)] = (byte) random.nextInt(256);
            }

            assertThat(ClientHello.parse(Unpooled.wrappedBuffer(noisy, 0, 1 + random.nextInt(noisy.length))))
                    .isNotNull();
        }
    }
}
