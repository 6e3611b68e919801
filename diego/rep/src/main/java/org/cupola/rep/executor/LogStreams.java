package org.cupola.rep.executor;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.cupola.rep.executor.LogLine.Channel;

/**
 * The log of one container: makes a stream for each source, all under one rate limit. Thread-safe; tags may be changed
 * while streams are in use.
 */
final class LogStreams {
    private final LogSink sink;
    private final InstantSource clock;
    private final LogRate rate;
    private volatile LogConfig config;

    LogStreams(LogConfig config, LogSink sink, InstantSource clock, LogRate rate) {
        this.config = config;
        this.sink = sink;
        this.clock = clock;
        this.rate = rate;
    }

    void config(LogConfig changed) {
        config = changed;
    }

    LogUsage usage() {
        return rate.usage();
    }

    LogConfig config() {
        return config;
    }

    /** @param source empty means the container's own */
    LogStream stream(String source) {
        String name = source.isEmpty() ? config.source() : source;
        return new LogStream(name.isEmpty() ? "LOG" : name, this);
    }

    /** What the platform says is not limited. */
    void platform(String source, Channel channel, String text) {
        write(source, channel, text.getBytes(StandardCharsets.UTF_8));
    }

    void application(String source, Channel channel, byte[] text) {
        switch (rate.ask(text.length)) {
            case PASS -> write(source, channel, text);
            case DROP_AND_TELL -> platform(source, Channel.ERR, rate.message());
            case DROP -> {
                // counted by the limiter
            }
        }
    }

    private void write(String source, Channel channel, byte[] text) {
        sink.write(new LogLine(config, source, channel, clock.instant(), ByteString.copyFrom(text)));
    }
}
