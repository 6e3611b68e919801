package org.cupola.rep.executor;

import com.google.protobuf.ByteString;
import java.time.Instant;

/**
 * One message of an application's log.
 *
 * @param source     part of the platform or application that wrote it, such as {@code APP/PROC/WEB}
 * @param text       without line end, as written: usually UTF-8
 */
public record LogLine(LogConfig config, String source, Channel channel, Instant time, ByteString text) {
    /** Which stream of the process. */
    public enum Channel {
        OUT,
        ERR
    }

    public String asString() {
        return text.toStringUtf8();
    }
}
