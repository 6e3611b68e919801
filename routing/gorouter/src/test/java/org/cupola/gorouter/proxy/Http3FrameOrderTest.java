package org.cupola.gorouter.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Http3FrameOrderTest {
    @ParameterizedTest
    @CsvSource({
        "'', true, 0",
        "00 03 616263, true, 0",
        "00 03 6162, false, 0",
        "01 03 6162, false, 2",
        "01 00 00 00 21 02 6161, true, 0",
        "01, false, 0",
        "40 01 40 03 616161, true, 0",
        "40, false, 0",
        "c000000000000021 80000002 61, false, 1",
        "00 ffffffffffffffff 61, false, 0"
    })
    void followsFramesHoweverTheirBytesCome(String hex, boolean between, long held) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        var whole = new Http3FrameOrder();
        whole.look(Unpooled.wrappedBuffer(bytes));
        var single = new Http3FrameOrder();
        for (byte b : bytes) {
            single.look(Unpooled.wrappedBuffer(new byte[] {b}));
        }

        assertThat(whole.isBetweenFrames()).isEqualTo(single.isBetweenFrames()).isEqualTo(between);
        assertThat(whole.held()).isEqualTo(single.held()).isEqualTo(held);
    }

    @Test
    void letsGoOfWhatIsComplete() {
        var order = new Http3FrameOrder();
        order.look(Unpooled.wrappedBuffer(HexFormat.of().parseHex("01046161")));
        assertThat(order.held()).isEqualTo(2);

        order.look(Unpooled.wrappedBuffer(HexFormat.of().parseHex("616100")));

        assertThat(order.held()).isZero();
        assertThat(order.isBetweenFrames()).isFalse();
    }
}
