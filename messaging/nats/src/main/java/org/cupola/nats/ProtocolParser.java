package org.cupola.nats;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a client's byte stream into operations.
 *
 * <p>Bytes may arrive in any pieces. A control line is copied into a small array (it is short, and array access is what
 * makes the rest fast); a payload that lies whole in the input is handed over where it is, only one that arrives in
 * pieces is gathered, in a buffer that grows with what really arrived and not with what was announced.
 *
 * <p>Bounded by the control line and payload limits. Confined to the event loop of its connection.
 */
final class ProtocolParser {
    private static final int INITIAL_LINE_BYTES = 256;
    private static final int INITIAL_PAYLOAD_BYTES = 64 * 1024;

    /** Room for a verb and the blanks after it, which the control line limit does not count. */
    private static final int VERB_ALLOWANCE = 64;

    private static final int MAX_ARGUMENTS = 5;
    private static final int MAX_SIZE_DIGITS = 9;

    /** What a connection does with each operation. Ranges are of the given array and only valid during the call. */
    interface Operations {
        /** Called with the first byte of each operation. */
        void begin(byte first) throws ProtocolViolation;

        void connect(byte[] line, int from, int to) throws ProtocolViolation;

        /** The arguments of a publication, before its payload. */
        void announce(PublishLine arguments) throws ProtocolViolation;

        /** A whole publication; headers and payload start at {@code index} of the source, which stays the caller's. */
        void publish(PublishLine arguments, ByteBuf source, int index) throws ProtocolViolation;

        void subscribe(ByteString subject, ByteString queue, ByteString sid) throws ProtocolViolation;

        /** @param max 0 when not given or not a number */
        void unsubscribe(ByteString sid, int max) throws ProtocolViolation;

        void ping() throws ProtocolViolation;

        void pong() throws ProtocolViolation;

        void error(String text) throws ProtocolViolation;

        /** When true, parsing stops before the next operation. */
        boolean paused();
    }

    private enum Verb {
        CONNECT,
        PUB,
        HPUB,
        SUB,
        UNSUB,
        PING,
        PONG,
        INFO,
        OK("+OK"),
        ERR("-ERR");

        private static final Verb[] ALL = values();

        private final byte[] name;

        Verb() {
            this.name = name().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        }

        Verb(String name) {
            this.name = name.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        }

        boolean takesArguments() {
            return this != PING && this != PONG && this != OK;
        }

        /** Whether the first bytes of the line are this verb's, as far as both go. */
        boolean agrees(byte[] line, int length) {
            int common = Math.min(length, name.length);
            for (int i = 0; i < common; i++) {
                byte found = line[i];
                if ((found >= 'a' && found <= 'z' ? found - 32 : found) != name[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    private final ByteBufAllocator allocator;
    private final PublishLine publication = new PublishLine();
    private final int[] argumentFrom = new int[MAX_ARGUMENTS];
    private final int[] argumentTo = new int[MAX_ARGUMENTS];
    private int maxControlLine;
    private byte[] line = new byte[INITIAL_LINE_BYTES];
    private int lineLength;
    private boolean inPayload;
    private @Nullable ByteBuf gathered;

    ProtocolParser(ByteBufAllocator allocator, int maxControlLine) {
        this.allocator = allocator;
        this.maxControlLine = maxControlLine;
    }

    void maxControlLine(int bytes) {
        maxControlLine = bytes;
    }

    /** Reads all it can; bytes are left over only when the operations pause. The buffer stays the caller's. */
    void parse(ByteBuf in, Operations to) throws ProtocolViolation {
        while (in.isReadable() && !to.paused()) {
            if (inPayload) {
                readPayload(in, to);
            } else {
                readLine(in, to);
            }
        }
    }

    /** Drops what was gathered; to be called when the connection ends. */
    void release() {
        ByteBuf buffer = gathered;
        gathered = null;
        if (buffer != null) {
            buffer.release();
        }
    }

    private void readLine(ByteBuf in, Operations to) throws ProtocolViolation {
        int start = in.readerIndex();
        if (lineLength == 0) {
            to.begin(in.getByte(start));
        }
        int room = maxControlLine + VERB_ALLOWANCE - lineLength;
        int window = Math.min(in.readableBytes(), room + 1);
        int lineFeed = in.indexOf(start, start + window, (byte) '\n');
        int end = lineFeed < 0 ? start + window : lineFeed;
        append(in, start, end - start);
        if (lineFeed < 0) {
            in.readerIndex(end);
            checkUnfinishedLine(window > room);
            return;
        }
        in.readerIndex(lineFeed + 1);
        parseLine(to);
        lineLength = 0;
    }

    private void append(ByteBuf in, int from, int count) {
        int length = lineLength + count;
        if (length > line.length) {
            line = Arrays.copyOf(line, Math.max(length, line.length * 2));
        }
        in.getBytes(from, line, lineLength, count);
        lineLength = length;
    }

    /** Refuses at once what cannot become a valid line any more. */
    private void checkUnfinishedLine(boolean tooLong) throws ProtocolViolation {
        boolean known = false;
        for (Verb verb : Verb.ALL) {
            known |= verb.agrees(line, lineLength);
        }
        if (!known) {
            throw new ProtocolViolation(Violation.UNKNOWN_OPERATION);
        }
        if (tooLong || lineLength - argumentsFrom(verbEnd()) > maxControlLine + 1) {
            throw new ProtocolViolation(Violation.CONTROL_LINE);
        }
    }

    private void parseLine(Operations to) throws ProtocolViolation {
        int length = lineLength > 0 && line[lineLength - 1] == '\r' ? lineLength - 1 : lineLength;
        int verbEnd = verbEnd();
        Verb verb = verb(Math.min(verbEnd, length));
        int from = Math.min(argumentsFrom(verbEnd), length); // the blanks may reach over the line's end
        if (!verb.takesArguments()) {
            if (from < length) {
                throw new ProtocolViolation(Violation.UNKNOWN_OPERATION);
            }
        } else if (verbEnd >= length) {
            throw new ProtocolViolation(Violation.UNKNOWN_OPERATION);
        } else if (length - from > maxControlLine) {
            throw new ProtocolViolation(Violation.CONTROL_LINE);
        }
        switch (verb) {
            case CONNECT -> to.connect(line, from, length);
            case PUB -> parsePublish(from, length, false, to);
            case HPUB -> parsePublish(from, length, true, to);
            case SUB -> parseSubscribe(from, length, to);
            case UNSUB -> parseUnsubscribe(from, length, to);
            case PING -> to.ping();
            case PONG -> to.pong();
            case ERR -> to.error(new String(line, from, length - from, java.nio.charset.StandardCharsets.UTF_8));
            case INFO, OK -> {
                // Servers say these to clients; a client may say them too, to no effect.
            }
        }
    }

    private Verb verb(int end) throws ProtocolViolation {
        for (Verb verb : Verb.ALL) {
            if (verb.name.length == end && verb.agrees(line, end)) {
                return verb;
            }
        }
        throw new ProtocolViolation(Violation.UNKNOWN_OPERATION);
    }

    private int verbEnd() {
        int i = 0;
        while (i < lineLength && !isBlank(line[i])) {
            i++;
        }
        return i;
    }

    private int argumentsFrom(int verbEnd) {
        int i = verbEnd;
        while (i < lineLength && isBlank(line[i])) {
            i++;
        }
        return i;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\r';
    }

    /** Fills the argument ranges; more than fit count as one too many. */
    private int split(int from, int to) {
        int count = 0;
        int i = from;
        while (i < to) {
            if (isBlank(line[i])) {
                i++;
                continue;
            }
            if (count == MAX_ARGUMENTS) {
                return MAX_ARGUMENTS + 1;
            }
            argumentFrom[count] = i;
            while (i < to && !isBlank(line[i])) {
                i++;
            }
            argumentTo[count++] = i;
        }
        return count;
    }

    private ByteString argument(int number) {
        return ByteString.copyOf(line, argumentFrom[number], argumentTo[number]);
    }

    private void parsePublish(int from, int to, boolean headers, Operations operations) throws ProtocolViolation {
        int count = split(from, to);
        int sizes = headers ? 2 : 1;
        if (count != sizes + 1 && count != sizes + 2) {
            throw new ProtocolViolation(Violation.BAD_ARGUMENTS);
        }
        PublishLine p = publication;
        p.line = line;
        p.subjectFrom = argumentFrom[0];
        p.subjectTo = argumentTo[0];
        boolean reply = count == sizes + 2;
        p.replyFrom = reply ? argumentFrom[1] : 0;
        p.replyTo = reply ? argumentTo[1] : 0;
        p.headerSizeFrom = headers ? argumentFrom[count - 2] : 0;
        p.headerSizeTo = headers ? argumentTo[count - 2] : 0;
        p.sizeFrom = argumentFrom[count - 1];
        p.sizeTo = argumentTo[count - 1];
        p.headerBytes = headers ? size(p.headerSizeFrom, p.headerSizeTo) : 0;
        p.totalBytes = size(p.sizeFrom, p.sizeTo);
        if (p.totalBytes < 0 || p.headerBytes < 0 || p.headerBytes > p.totalBytes) {
            throw new ProtocolViolation(Violation.BAD_ARGUMENTS);
        }
        operations.announce(p);
        inPayload = true;
    }

    private void parseSubscribe(int from, int to, Operations operations) throws ProtocolViolation {
        int count = split(from, to);
        if (count != 2 && count != 3) {
            throw new ProtocolViolation(Violation.BAD_ARGUMENTS);
        }
        operations.subscribe(argument(0), count == 3 ? argument(1) : ByteString.EMPTY, argument(count - 1));
    }

    private void parseUnsubscribe(int from, int to, Operations operations) throws ProtocolViolation {
        int count = split(from, to);
        if (count != 1 && count != 2) {
            throw new ProtocolViolation(Violation.BAD_ARGUMENTS);
        }
        operations.unsubscribe(argument(0), count == 2 ? Math.max(0, size(argumentFrom[1], argumentTo[1])) : 0);
    }

    /** Decimal digits only; -1 for anything else. */
    private int size(int from, int to) {
        if (to - from > MAX_SIZE_DIGITS) {
            return -1;
        }
        int size = 0;
        for (int i = from; i < to; i++) {
            int digit = line[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            size = size * 10 + digit;
        }
        return size;
    }

    private void readPayload(ByteBuf in, Operations to) throws ProtocolViolation {
        int needed = publication.totalBytes + 2;
        if (gathered == null && in.readableBytes() >= needed) {
            int index = in.readerIndex();
            in.skipBytes(needed);
            finishPayload(in, index, to);
            return;
        }
        ByteBuf buffer = gathered;
        if (buffer == null) {
            buffer = allocator.buffer(Math.min(needed, INITIAL_PAYLOAD_BYTES), needed);
            gathered = buffer;
        }
        buffer.writeBytes(in, Math.min(in.readableBytes(), needed - buffer.readableBytes()));
        if (buffer.readableBytes() == needed) {
            finishPayload(buffer, 0, to);
            release();
        }
    }

    private void finishPayload(ByteBuf source, int index, Operations to) throws ProtocolViolation {
        int end = index + publication.totalBytes;
        if (source.getByte(end) != '\r' || source.getByte(end + 1) != '\n') {
            throw new ProtocolViolation(Violation.UNKNOWN_OPERATION);
        }
        inPayload = false;
        to.publish(publication, source, index);
    }
}
