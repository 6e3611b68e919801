package org.cupola.gorouter.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.collection.IntObjectHashMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One end of an HTTP/2 connection (RFC 9113). It answers for the connection itself: settings, pings, windows, errors, floods,
 * the long goodbye; and tells its {@link Owner} and the {@link Http2Stream streams} the rest.
 *
 * <p>What a peer can make it hold is bounded: streams by the number announced, bodies by the windows, header blocks and the
 * compression's table by bytes, answers that nobody reads by their number. So is what it can make it do: resets and empty
 * frames are counted.
 *
 * <p>Confined to the event loop of its channel.
 */
public final class Http2Session extends ChannelInboundHandlerAdapter {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int FIRST_WINDOW_BYTES = 65_535;
    private static final int BLOCK_OVERHEAD_BYTES = 16 * 1024;
    private static final int MAX_IGNORED_BYTES = 256 * 1024;
    private static final int STREAMS_BEFORE_SETTINGS = 100;
    private static final int LAST_STREAM = 1 << 30;
    private static final long LINGER_MILLIS = 100;
    private static final long GOODBYE_MILLIS = 1000;
    private static final long GOODBYE_PING = 0x6375706f6c612121L;

    /** What it is for. Called on the event loop. */
    public interface Owner {
        /** A stream that the peer opens; never asked for by a session that is a client. */
        Http2Stream accept();

        /** The peer broke the rules, for one stream or all. */
        void violated();

        /** So many streams are open now. */
        void openStreams(int count);

        /** A header block is incomplete; or no longer. */
        void headersPending(boolean pending);

        /** The connection has ended; its streams have been told. */
        void closed();
    }

    /**
     * What is announced to the peer.
     *
     * @param streams             that a client may have open; without meaning for a server
     * @param streamWindowBytes   of a body that may be on its way, unread, per stream
     * @param windowBytes         the same for all streams together, at least 65,535
     * @param maxHeaderListBytes  of one request or response
     */
    public record Limits(int streams, int streamWindowBytes, int windowBytes, int maxHeaderListBytes) {}

    private final Channel channel;
    private final Owner owner;
    private final boolean server;
    private final Limits limits;
    private final FrameWriter writer;
    private final SendControl output;
    private final ReceiveControl input;
    private final PeerFrames frames;
    private final FrameReader reader;
    private final IntObjectHashMap<Http2Stream> streams = new IntObjectHashMap<>();
    private final ArrayDeque<Http2Stream> reading = new ArrayDeque<>();
    private int prefaceSeen;
    private int nextStream = 1;
    private int peerStreams = STREAMS_BEFORE_SETTINGS;
    private int lastStream = Integer.MAX_VALUE; // that is still served, of the peer's or ours
    private boolean saysGoodbye;
    private boolean ended;
    private int ignoredBytes;

    private Http2Session(Channel channel, Owner owner, boolean server, Limits limits) {
        this.channel = channel;
        this.owner = owner;
        this.server = server;
        this.limits = limits;
        this.writer = new FrameWriter(channel);
        this.output = new SendControl(this, writer);
        this.input = new ReceiveControl(writer, limits);
        this.frames = new PeerFrames(this, owner, server, limits, writer, output, input);
        this.reader = new FrameReader(frames, limits.maxHeaderListBytes() + BLOCK_OVERHEAD_BYTES);
        this.prefaceSeen = server ? 0 : PREFACE.length;
    }

    /** The side that accepts a connection. To be added to the end of the channel's pipeline. */
    public static Http2Session ofServer(Channel channel, Owner owner, Limits limits) {
        return new Http2Session(channel, owner, true, limits);
    }

    /** The side that makes a connection. To be added to the end of the channel's pipeline. */
    public static Http2Session ofClient(Channel channel, Owner owner, Limits limits) {
        return new Http2Session(channel, owner, false, limits);
    }

    // ---- for the owner ----

    /** Whether {@link #open} works now. */
    public boolean canOpen() {
        return !ended
                && !server
                && lastStream == Integer.MAX_VALUE
                && streams.size() < peerStreams
                && nextStream < LAST_STREAM;
    }

    /** Opens a stream of ours. */
    public void open(Http2Stream stream) {
        add(stream, nextStream);
        nextStream += 2;
    }

    /** Lets no new stream in, and closes when those there are have ended. */
    public void sayGoodbye() {
        if (ended || saysGoodbye) {
            return;
        }
        saysGoodbye = true;
        // Streams that are on their way are still served (6.8): the last one is known once the ping comes back.
        writer.goAway(Integer.MAX_VALUE, ErrorCode.NO_ERROR, "");
        writer.ping(GOODBYE_PING, false);
        channel.eventLoop().schedule(this::closeToNewStreams, GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
    }

    void pingAnswered(long payload) {
        if (saysGoodbye && payload == GOODBYE_PING) {
            closeToNewStreams();
        }
    }

    private void closeToNewStreams() {
        if (!ended && lastStream == Integer.MAX_VALUE) {
            lastStream = frames.newestStream();
            writer.goAway(lastStream, ErrorCode.NO_ERROR, "");
            closeIfDone();
        }
    }

    private void closeIfDone() {
        if (!ended && lastStream != Integer.MAX_VALUE && streams.isEmpty()) {
            ended = true;
            reader.stop();
            writer.flushAndClose();
        }
    }

    /** Ends the connection in peace; nothing may be under way. */
    public void close() {
        if (!ended) {
            lastStream = frames.newestStream();
            writer.goAway(lastStream, ErrorCode.NO_ERROR, "");
            closeIfDone();
        }
    }

    // ---- for streams, and for what the peer says of them ----

    SendControl output() {
        return output;
    }

    boolean isEnded() {
        return ended;
    }

    /** The last stream that is still served, as far as we have said. */
    int lastStream() {
        return lastStream;
    }

    /** The peer serves no later stream of ours. */
    void serves(int last) {
        lastStream = Math.min(lastStream, last);
        closeIfDone();
    }

    /** The peer lets us have so many streams at a time. */
    void allowsStreams(int count) {
        peerStreams = count;
    }

    /** Whether we, as a client, have not opened a stream with the number. */
    boolean isUnused(int stream) {
        return stream >= nextStream || (stream & 1) == 0;
    }

    Collection<Http2Stream> streams() {
        return streams.values();
    }

    @Nullable
    Http2Stream stream(int id) {
        return streams.get(id);
    }

    void add(Http2Stream stream, int id) {
        stream.id = id;
        stream.session = this;
        stream.sendWindow = output.streamWindow();
        input.begin(stream);
        streams.put(id, stream);
        owner.openStreams(streams.size());
    }

    void consumed(Http2Stream stream, int bytes) {
        input.consumed(stream, bytes);
    }

    /** The stream has something to do once all is read that there is. */
    void reads(Http2Stream stream) {
        if (!stream.reading) {
            stream.reading = true;
            reading.add(stream);
        }
    }

    /** We have sent the last of a stream. */
    void sentEnd(Http2Stream stream) {
        stream.localEnded = true;
        if (stream.remoteEnded) {
            remove(stream);
        } else if (server) {
            // The rest of the request is of no interest (8.1).
            writer.reset(stream.id, ErrorCode.NO_ERROR);
            remove(stream);
        }
    }

    /** The peer has sent the last of a stream. */
    void remoteEnded(Http2Stream stream) {
        if (server || !stream.isOpen()) {
            return; // it ends with the response, or has ended
        }
        if (!stream.localEnded) {
            writer.reset(stream.id, ErrorCode.NO_ERROR); // answered before the request was out
        }
        remove(stream);
    }

    void resetByUser(Http2Stream stream, ErrorCode code) {
        writer.reset(stream.id, code);
        remove(stream);
    }

    private void remove(Http2Stream stream) {
        streams.remove(stream.id);
        stream.session = null;
        stream.dropWaiting();
        input.end(stream);
        owner.openStreams(streams.size());
        closeIfDone();
    }

    /** The stream ends before its time, and its user is told. */
    void breakOff(Http2Stream stream, ErrorCode code) {
        remove(stream);
        stream.reset(code);
    }

    /** The peer is at fault, for this stream alone. */
    void violation(Http2Stream stream, ErrorCode code) {
        owner.violated();
        writer.reset(stream.id, code);
        breakOff(stream, code);
        frames.countReset();
    }

    private void lose() {
        for (Http2Stream stream : List.copyOf(streams.values())) {
            streams.remove(stream.id);
            stream.session = null;
            stream.dropWaiting();
            stream.lost();
        }
    }

    // ---- the channel ----

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (!server) {
            writer.bytes(PREFACE);
        }
        writer.settings(
                server ? Settings.MAX_CONCURRENT_STREAMS : Settings.ENABLE_PUSH,
                server ? limits.streams() : 0,
                Settings.INITIAL_WINDOW_SIZE,
                limits.streamWindowBytes(),
                Settings.MAX_HEADER_LIST_SIZE,
                limits.maxHeaderListBytes());
        if (limits.windowBytes() > FIRST_WINDOW_BYTES) {
            writer.windowUpdate(0, limits.windowBytes() - FIRST_WINDOW_BYTES);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (ended) {
                ignore(in.readableBytes());
            } else {
                if (prefaceSeen < PREFACE.length) {
                    readPreface(in);
                }
                reader.read(in);
            }
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        for (Http2Stream stream = reading.poll(); stream != null; stream = reading.poll()) {
            stream.reading = false;
            if (stream.isOpen()) {
                stream.readEnd();
            }
        }
    }

    private void readPreface(ByteBuf in) {
        while (in.isReadable() && prefaceSeen < PREFACE.length) {
            if (in.readByte() != PREFACE[prefaceSeen++]) {
                fail(ErrorCode.PROTOCOL_ERROR, "no preface");
                return;
            }
        }
    }

    /** What comes after we have given up is read for a moment, so that our last words are not lost with the socket. */
    private void ignore(int bytes) {
        ignoredBytes += bytes;
        if (ignoredBytes > MAX_IGNORED_BYTES) {
            channel.close();
        }
    }

    /** The peer is at fault, and the connection ends. */
    void fail(ErrorCode code, String why) {
        if (ended) {
            return;
        }
        ended = true;
        reader.stop();
        owner.violated();
        writer.goAway(frames.newestStream(), code, why);
        writer.flush();
        lose();
        if (writer.isWritable()) {
            channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            hangUp();
        }
    }

    /** Closes without TLS's goodbye, for which a peer that does not read would be waited for. */
    private void hangUp() {
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first != null) {
            first.close();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (!ended && writer.isWritable()) {
            output.pump();
            for (Http2Stream stream : List.copyOf(streams.values())) {
                stream.tellIfWritable();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ended = true;
        reader.stop();
        writer.drop();
        lose();
        owner.closed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
