package org.cupola.gorouter.proxy;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

/**
 * How long the parts of making a connection took, in nanoseconds; -1 for a part that was not needed.
 *
 * @param lookup    of the backend's name
 * @param connect   the TCP handshake
 * @param handshake that of TLS
 */
record DialTimes(long lookup, long connect, long handshake) {
    /** For connections that were there already. */
    static final DialTimes NONE = new DialTimes(-1, -1, -1);

    private static final AttributeKey<DialTimes> KEY = AttributeKey.valueOf(DialTimes.class, "times");

    void attachTo(Channel channel) {
        channel.attr(KEY).set(this);
    }

    /** Those of a channel that was just connected. */
    static DialTimes of(Channel channel) {
        DialTimes times = channel.attr(KEY).getAndSet(null);
        return times == null ? NONE : times;
    }
}
