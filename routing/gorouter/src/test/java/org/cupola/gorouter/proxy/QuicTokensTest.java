package org.cupola.gorouter.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class QuicTokensTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.1", 4000);

    private final AtomicLong now = new AtomicLong(-TimeUnit.SECONDS.toNanos(3));
    private final QuicTokens tokens = tokens(1);

    private QuicTokens tokens(int key) {
        return new QuicTokens(new SecretKeySpec(new byte[] {(byte) key}, QuicTokens.ALGORITHM), now::get);
    }

    private ByteBuf token() {
        ByteBuf token = Unpooled.buffer(tokens.maxTokenLength());
        assertThat(tokens.writeToken(token, Unpooled.wrappedBuffer("chosen-id".getBytes()), CLIENT))
                .isTrue();
        return token;
    }

    private void passSeconds(long seconds) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void takesItsOwnTokensBack() {
        ByteBuf token = token();
        passSeconds(9);

        int id = tokens(1).validateToken(token, CLIENT);

        assertThat(token.slice(id, token.readableBytes() - id))
                .isEqualTo(Unpooled.wrappedBuffer("chosen-id".getBytes()));
    }

    @Test
    void refusesTokensOfOtherAddressesAndKeys() {
        assertThat(tokens.validateToken(token(), new InetSocketAddress("192.0.2.2", 4000)))
                .isNegative();
        assertThat(tokens.validateToken(token(), new InetSocketAddress("192.0.2.1", 4001)))
                .isNegative();
        assertThat(tokens(2).validateToken(token(), CLIENT)).isNegative();
    }

    @Test
    void refusesOldTokens() {
        ByteBuf token = token();
        passSeconds(11);

        assertThat(tokens.validateToken(token, CLIENT)).isNegative();
    }

    @Test
    void refusesChangedTokens() {
        for (int i = 0; i < token().readableBytes(); i++) {
            ByteBuf token = token();
            token.setByte(i, token.getByte(i) ^ 1);

            assertThat(tokens.validateToken(token, CLIENT)).isNegative();
            assertThat(tokens.validateToken(token().slice(0, i), CLIENT)).isNegative();
        }
    }
}
