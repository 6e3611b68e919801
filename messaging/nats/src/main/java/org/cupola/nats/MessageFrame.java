package org.cupola.nats;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * How one message looks to its receivers: all bytes but the subscription id, made once per message. Reused; confined to its event
 * loop.
 */
final class MessageFrame {
    /** Larger payloads are shared between receivers instead of copied: a reference then costs less than the bytes. */
    private static final int SHARED_PAYLOAD_BYTES = 16 * 1024;

    private static final byte[] MSG = "MSG ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HMSG = "HMSG ".getBytes(StandardCharsets.US_ASCII);
    private static final int CRLF = '\r' << 8 | '\n';

    private byte[] prefix = new byte[128];
    private int prefixLength;
    private byte[] suffix = new byte[128];
    private int suffixLength;
    private int payloadOffset;
    private int payloadBytes;

    /** As published: MSG for PUB, HMSG for HPUB. */
    void prepare(PublishLine message) {
        begin(message, message.hasHeaders() ? HMSG : MSG);
        if (message.hasHeaders()) {
            suffix(message.line, message.headerSizeFrom, message.headerSizeTo);
            suffixByte(' ');
        }
        suffix(message.line, message.sizeFrom, message.sizeTo);
        end(0, message.totalBytes);
    }

    /** For a receiver that does not understand headers: MSG without them. */
    void prepareWithoutHeaders(PublishLine message) {
        begin(message, MSG);
        int size = message.totalBytes - message.headerBytes;
        byte[] digits = Integer.toString(size).getBytes(StandardCharsets.US_ASCII);
        suffix(digits, 0, digits.length);
        end(message.headerBytes, size);
    }

    private void begin(PublishLine message, byte[] verb) {
        int subjectLength = message.subjectTo - message.subjectFrom;
        int needed = verb.length + subjectLength + 1;
        if (prefix.length < needed) {
            prefix = new byte[needed * 2];
        }
        System.arraycopy(verb, 0, prefix, 0, verb.length);
        System.arraycopy(message.line, message.subjectFrom, prefix, verb.length, subjectLength);
        prefix[needed - 1] = ' ';
        prefixLength = needed;
        suffixLength = 0;
        suffixByte(' ');
        if (message.hasReply()) {
            suffix(message.line, message.replyFrom, message.replyTo);
            suffixByte(' ');
        }
    }

    private void end(int offset, int size) {
        suffixByte('\r');
        suffixByte('\n');
        payloadOffset = offset;
        payloadBytes = size;
    }

    private void suffix(byte[] source, int from, int to) {
        int length = to - from;
        if (suffixLength + length + 3 > suffix.length) {
            suffix = Arrays.copyOf(suffix, (suffixLength + length + 3) * 2);
        }
        System.arraycopy(source, from, suffix, suffixLength, length);
        suffixLength += length;
    }

    private void suffixByte(char b) {
        suffix[suffixLength++] = (byte) b;
    }

    /** Appends the message for one subscription. */
    void appendTo(OutputBatch batch, ByteString sid, ByteBuf source, int index) {
        int head = prefixLength + sid.length() + suffixLength;
        boolean shared = payloadBytes >= SHARED_PAYLOAD_BYTES;
        ByteBuf out = batch.append(shared ? head : head + payloadBytes + 2);
        out.writeBytes(prefix, 0, prefixLength);
        out.writeBytes(sid.array());
        out.writeBytes(suffix, 0, suffixLength);
        if (shared) {
            batch.share(source.retainedSlice(index + payloadOffset, payloadBytes));
            out = batch.append(2);
        } else {
            out.writeBytes(source, index + payloadOffset, payloadBytes);
        }
        out.writeShort(CRLF);
        batch.countMessage(payloadBytes);
    }
}
