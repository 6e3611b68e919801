package org.cupola.rep.executor;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps log lines as {@code SOURCE OUT|ERR text}. */
public final class RecordingLog implements LogSink {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void write(LogLine line) {
        lines.add(line.source() + " " + line.channel() + " " + line.asString());
    }

    public List<String> lines() {
        return List.copyOf(lines);
    }

    LogStreams streams() {
        return new LogStreams(
                new LogConfig("log-guid", 0, "CELL", java.util.Map.of()),
                this,
                java.time.Clock.systemUTC(),
                new LogRate(LogRate.UNLIMITED, 0, System::nanoTime, () -> {}));
    }

    LogStream stream() {
        return streams().stream("SRC");
    }
}
