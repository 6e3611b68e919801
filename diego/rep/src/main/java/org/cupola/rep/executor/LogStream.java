package org.cupola.rep.executor;

import org.cupola.rep.container.ProcessOutput;
import org.cupola.rep.executor.LogLine.Channel;

/** One source's part of a container's log. Thread-safe. */
record LogStream(String source, LogStreams log) {
    void out(String message) {
        log.platform(source, Channel.OUT, message);
    }

    void err(String message) {
        log.platform(source, Channel.ERR, message);
    }

    /** For a process, whose lines count against the rate limit. */
    ProcessOutput output() {
        return new ProcessOutput(
                new LineSplitter(line -> log.application(source, Channel.OUT, line)),
                new LineSplitter(line -> log.application(source, Channel.ERR, line)));
    }
}
