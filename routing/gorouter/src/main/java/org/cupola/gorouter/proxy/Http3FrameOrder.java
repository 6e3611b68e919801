package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;

/**
 * Follows the frames of one request stream as they pass (RFC 9114, 7.1), to tell what the codec does not: whether the
 * stream ends in the middle of a frame, and how much of a frame the codec holds back until the rest has come. Confined to
 * its thread.
 */
final class Http3FrameOrder {
    private static final int DATA = 0;

    private enum Part {
        TYPE,
        LENGTH,
        PAYLOAD
    }

    private Part part = Part.TYPE;
    private int numberBytes;
    private long number;
    private long type;
    private long remaining;
    private long held;

    /** Looks at the readable bytes, without consuming them. */
    void look(ByteBuf in) {
        int at = in.readerIndex();
        int to = in.writerIndex();
        while (at < to) {
            if (part == Part.PAYLOAD) {
                long amount = Math.min(remaining, to - at);
                at += (int) amount;
                passed(amount);
            } else {
                next(in.getByte(at++));
            }
        }
    }

    private void passed(long amount) {
        remaining -= amount;
        held += type == DATA ? 0 : amount;
        if (remaining == 0) {
            held = 0;
            part = Part.TYPE;
        }
    }

    /** A byte of a number whose first two bits say how many bytes it has (RFC 9000, 16). */
    private void next(byte b) {
        if (numberBytes == 0) {
            numberBytes = 1 << ((b & 0xc0) >> 6);
            number = b & 0x3f;
        } else {
            number = number << 8 | (b & 0xff);
        }
        numberBytes--;
        if (numberBytes > 0) {
            return;
        }
        if (part == Part.TYPE) {
            type = number;
            part = Part.LENGTH;
        } else {
            remaining = number;
            part = remaining == 0 ? Part.TYPE : Part.PAYLOAD;
        }
    }

    /** Whether all frames so far are complete. */
    boolean isBetweenFrames() {
        return part == Part.TYPE && numberBytes == 0;
    }

    /** Payload of an incomplete frame other than DATA, in bytes. */
    long held() {
        return held;
    }
}
