package org.cupola.rep.executor;

/** Gives each line to two sinks. */
public record BothLogSinks(LogSink first, LogSink second) implements LogSink {
    @Override
    public void write(LogLine line) {
        first.write(line);
        second.write(line);
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
