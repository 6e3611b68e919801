package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.BitSet;
import java.util.List;

/**
 * Ends the connection of a client that goes back to a stream which it has ended, or to a number that it has passed over
 * (RFC 9113, 5.1 and 5.1.1). The codec alone cannot tell these from frames that were under way when we reset a stream, so
 * the last streams are remembered, two bits each. Confined to its event loop.
 */
final class Http2StrictDecoder extends DecoratingHttp2ConnectionDecoder {
    private static final int REMEMBERED = 1024;

    private final BitSet opened = new BitSet(REMEMBERED);
    private final BitSet ended = new BitSet(REMEMBERED);
    private int newest = -1;

    Http2StrictDecoder(Http2ConnectionDecoder codec) {
        super(codec);
        connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamAdded(Http2Stream stream) {
                opened(stream.id() >>> 1);
            }

            @Override
            public void onStreamActive(Http2Stream stream) {
                onStreamHalfClosed(stream);
            }

            @Override
            public void onStreamHalfClosed(Http2Stream stream) {
                if (stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE) {
                    ended.set((stream.id() >>> 1) % REMEMBERED);
                }
            }
        });
    }

    private void opened(int number) {
        for (int passed = Math.max(newest + 1, number - REMEMBERED + 1); passed <= number; passed++) {
            opened.clear(passed % REMEMBERED);
            ended.clear(passed % REMEMBERED);
        }
        newest = Math.max(newest, number);
        opened.set(number % REMEMBERED);
    }

    @Override
    public void decodeFrame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Http2Exception {
        try {
            super.decodeFrame(ctx, in, out);
        } catch (Http2Exception e) {
            throw judged(e);
        }
    }

    private Http2Exception judged(Http2Exception found) {
        int id = Http2Exception.streamId(found);
        Http2Stream stream = connection().stream(id);
        if (stream != null
                && stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE
                && found.error() == Http2Error.PROTOCOL_ERROR
                && String.valueOf(found.getMessage()).contains("too many headers")) {
            // The codec counts the heads first, but that one came behind the end is the error to tell.
            return Http2Exception.streamError(id, Http2Error.STREAM_CLOSED, "header lines after the end of the stream");
        }
        int number = id >>> 1;
        if (found.error() != Http2Error.STREAM_CLOSED
                || (id & 1) == 0
                || stream != null
                || number > newest
                || number <= newest - REMEMBERED) {
            return found;
        }
        if (!opened.get(number % REMEMBERED)) {
            return Http2Exception.connectionError(Http2Error.PROTOCOL_ERROR, "stream %d was passed over", id);
        }
        return ended.get(number % REMEMBERED)
                ? Http2Exception.connectionError(Http2Error.STREAM_CLOSED, "stream %d had ended", id)
                : found;
    }
}
