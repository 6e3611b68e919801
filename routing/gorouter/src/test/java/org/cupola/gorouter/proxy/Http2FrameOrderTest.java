package org.cupola.gorouter.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class Http2FrameOrderTest {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int END = 1;

    private final ByteBuf bytes = Unpooled.buffer().writeBytes(new byte[24]);

    private void frame(int type, int flags, int stream) {
        bytes.writeMedium(5).writeByte(type).writeByte(flags).writeInt(stream).writeBytes(new byte[5]);
    }

    /** Also in pieces of one byte the verdict is the same. */
    private @Nullable Http2Error verdict() {
        Http2Exception whole = new Http2FrameOrder().look(bytes);
        var inPieces = new Http2FrameOrder();
        Http2Exception found = null;
        for (int i = 0; i < bytes.writerIndex() && found == null; i++) {
            found = inPieces.look(bytes.slice(i, 1));
        }
        assertThat(found == null ? null : found.error()).isEqualTo(whole == null ? null : whole.error());
        return whole == null ? null : whole.error();
    }

    @Test
    void requestsWithBodiesAndTrailersAreInOrder() {
        frame(HEADERS, 0, 1);
        frame(HEADERS, END, 3);
        frame(DATA, 0, 1);
        frame(HEADERS, END, 1);
        frame(HEADERS, END, 9);
        frame(RST_STREAM, 0, 9);

        assertThat(verdict()).isNull();
    }

    @Test
    void headersAfterTheEndOfAStreamAreNot() {
        frame(HEADERS, END, 1);
        frame(HEADERS, END, 1);

        assertThat(verdict()).isEqualTo(Http2Error.STREAM_CLOSED);
    }

    @Test
    void headersAfterABodyHasEndedAreNot() {
        frame(HEADERS, 0, 1);
        frame(DATA, END, 1);
        frame(HEADERS, END, 1);

        assertThat(verdict()).isEqualTo(Http2Error.STREAM_CLOSED);
    }

    @Test
    void headersAfterAResetAreNot() {
        frame(HEADERS, 0, 1);
        frame(RST_STREAM, 0, 1);
        frame(HEADERS, 0, 1);

        assertThat(verdict()).isEqualTo(Http2Error.STREAM_CLOSED);
    }

    @Test
    void aNumberThatWasLeftOutDoesNotComeLater() {
        frame(HEADERS, END, 5);
        frame(HEADERS, END, 3);

        assertThat(verdict()).isEqualTo(Http2Error.PROTOCOL_ERROR);
    }

    @Test
    void trailersOfAVeryOldStreamAreLeftToTheCodec() {
        frame(HEADERS, 0, 1);
        for (int stream = 3; stream < 4_000; stream += 2) {
            frame(HEADERS, END, stream);
        }
        frame(HEADERS, END, 1);

        assertThat(verdict()).isNull();
    }

    @Test
    void aLeapInNumbersForgetsAllBefore() {
        frame(HEADERS, END, 1);
        frame(HEADERS, END, 1_000_001);
        frame(HEADERS, END, 1);

        assertThat(verdict()).isNull();
    }

    @Test
    void framesOfTheConnectionItselfDoNotMatter() {
        frame(4, 0, 0);
        frame(6, 0, 0);
        frame(HEADERS, END, 2);

        assertThat(verdict()).isNull();
    }
}
