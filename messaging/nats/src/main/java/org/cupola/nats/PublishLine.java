package org.cupola.nats;

/**
 * The arguments of the PUB or HPUB being read, as ranges of the control line's bytes. Reused for every message of a
 * connection; valid only during the call it is passed to. Confined to the event loop.
 */
final class PublishLine {
    private static final byte[] NONE = new byte[0];

    byte[] line = NONE;
    int subjectFrom;
    int subjectTo;

    /** {@code replyFrom == replyTo} means no reply subject. */
    int replyFrom;

    int replyTo;

    /** The total size's digits, which a delivery repeats as they came. */
    int sizeFrom;

    int sizeTo;

    /** The header size's digits; empty for PUB. */
    int headerSizeFrom;

    int headerSizeTo;

    int headerBytes;
    int totalBytes;

    boolean hasReply() {
        return replyTo > replyFrom;
    }

    boolean hasHeaders() {
        return headerSizeTo > headerSizeFrom;
    }

    ByteString subject() {
        return ByteString.copyOf(line, subjectFrom, subjectTo);
    }

    ByteString reply() {
        return ByteString.copyOf(line, replyFrom, replyTo);
    }
}
