package org.cupola.rep.executor;

/** Where applications' log lines go. Called by many threads; must not block for long and must not throw. */
public interface LogSink extends AutoCloseable {
    void write(LogLine line);

    @Override
    default void close() {}
}
