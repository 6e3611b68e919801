package org.cupola.platform.debug;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingStream;
import org.cupola.platform.debug.PprofProfile.Measure;

/** Profiles that watch the JVM for a while, by its flight recorder. Immutable. */
enum Sampling {
    /** Java code that runs; time in system calls is not seen. */
    CPU("profile", Duration.ofSeconds(30), new Measure("samples", "count"), new Measure("cpu", "nanoseconds")) {
        @Override
        void enable(RecordingStream events) {
            events.enable("jdk.ExecutionSample").withPeriod(PERIOD);
        }

        @Override
        long amount(RecordedEvent event) {
            return PERIOD.toNanos();
        }

        @Override
        long period() {
            return PERIOD.toNanos();
        }
    },

    /** Bytes allocated, by sampling. */
    ALLOCATIONS("allocs", Duration.ofSeconds(5), new Measure("samples", "count"), new Measure("alloc_space", "bytes")) {
        @Override
        void enable(RecordingStream events) {
            events.enable("jdk.ObjectAllocationSample").with("throttle", "1000/s");
        }

        @Override
        long amount(RecordedEvent event) {
            return event.getLong("weight");
        }
    },

    /** Waits of a millisecond or more for a monitor that another thread holds. */
    CONTENTION(
            "mutex", Duration.ofSeconds(5), new Measure("contentions", "count"), new Measure("delay", "nanoseconds")) {
        @Override
        void enable(RecordingStream events) {
            events.enable("jdk.JavaMonitorEnter").withThreshold(LEAST_WAIT);
        }
    },

    /** Waits of a millisecond or more of any kind: for monitors, locks, queues; idle threads are among them. */
    BLOCKING("block", Duration.ofSeconds(5), new Measure("contentions", "count"), new Measure("delay", "nanoseconds")) {
        @Override
        void enable(RecordingStream events) {
            for (String wait : List.of("jdk.JavaMonitorEnter", "jdk.JavaMonitorWait", "jdk.ThreadPark")) {
                events.enable(wait).withThreshold(LEAST_WAIT);
            }
        }
    };

    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final Duration LEAST_WAIT = Duration.ofMillis(1);

    private final String path;
    private final Duration usual;
    private final Measure[] measures;

    Sampling(String path, Duration usual, Measure... measures) {
        this.path = path;
        this.usual = usual;
        this.measures = measures;
    }

    abstract void enable(RecordingStream events);

    long amount(RecordedEvent event) {
        return event.getDuration().toNanos();
    }

    long period() {
        return 1;
    }

    /** What a reader asks for who names no time. */
    Duration usual() {
        return usual;
    }

    static Optional<Sampling> named(String path) {
        for (Sampling sampling : values()) {
            if (sampling.path.equals(path)) {
                return Optional.of(sampling);
            }
        }
        return Optional.empty();
    }

    /** Blocks for the time, or until {@code stopped}. */
    byte[] take(Duration time, CountDownLatch stopped) throws InterruptedException {
        Instant start = Instant.now();
        var profile = new PprofProfile(measures);
        try (var events = new RecordingStream()) {
            enable(events);
            events.onEvent(event -> profile.add(stack(event), 1, amount(event)));
            events.startAsync();
            boolean cut = stopped.await(time.toNanos(), TimeUnit.NANOSECONDS);
            if (!cut) {
                events.stop(); // waits for the events so far
            }
        }
        return profile.gzipped(start, Duration.between(start, Instant.now()), period());
    }

    private static List<Frame> stack(RecordedEvent event) {
        if (event.getStackTrace() == null) {
            return List.of();
        }
        return event.getStackTrace().getFrames().stream()
                .filter(RecordedFrame::isJavaFrame)
                .map(frame -> new Frame(
                        frame.getMethod().getType().getName() + "."
                                + frame.getMethod().getName(),
                        "",
                        Math.max(0, frame.getLineNumber())))
                .toList();
    }
}
