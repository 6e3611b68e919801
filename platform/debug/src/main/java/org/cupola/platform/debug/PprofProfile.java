package org.cupola.platform.debug;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/**
 * A profile in pprof's format: protocol buffers as in {@code profile.proto} of github.com/google/pprof, gzipped. Stacks that
 * are equal are one sample whose values add up. Confined to one thread.
 */
final class PprofProfile {
    /** What is counted and in what; the last one of a profile is what pprof shows first. */
    record Measure(String name, String unit) {}

    private final List<Measure> measures;
    private final Map<List<Frame>, long[]> samples = new LinkedHashMap<>();
    private final Map<String, Integer> strings = new LinkedHashMap<>();

    PprofProfile(Measure... measures) {
        this.measures = List.of(measures);
    }

    /**
     * @param stack  the innermost call first
     * @param values one for each measure
     */
    void add(List<Frame> stack, long... values) {
        if (values.length != measures.size()) {
            throw new IllegalArgumentException("values: " + values.length + " (expected: " + measures.size() + ")");
        }
        long[] sums = samples.computeIfAbsent(stack, unseen -> new long[values.length]);
        for (int i = 0; i < values.length; i++) {
            sums[i] += values[i];
        }
    }

    /** @param period how many units of the last measure one sample stands for */
    byte[] gzipped(Instant start, Duration duration, long period) {
        var profile = new ProtoWriter();
        index("");
        for (Measure measure : measures) {
            profile.message(1, valueType(measure));
        }
        Map<Frame, Integer> locations = new LinkedHashMap<>();
        samples.forEach((stack, values) -> {
            var sample = new ProtoWriter();
            sample.packed(
                    1,
                    stack.stream()
                            .mapToLong(frame -> locations.computeIfAbsent(frame, unseen -> locations.size() + 1))
                            .toArray());
            sample.packed(2, values);
            profile.message(2, sample);
        });
        Map<List<String>, Integer> functions = new LinkedHashMap<>();
        locations.forEach((frame, id) -> {
            int function =
                    functions.computeIfAbsent(List.of(frame.function(), frame.file()), unseen -> functions.size() + 1);
            profile.message(
                    4,
                    new ProtoWriter()
                            .number(1, id)
                            .message(4, new ProtoWriter().number(1, function).number(2, frame.line())));
        });
        functions.forEach((nameAndFile, id) -> profile.message(
                5,
                new ProtoWriter()
                        .number(1, id)
                        .number(2, index(nameAndFile.get(0)))
                        .number(3, index(nameAndFile.get(0)))
                        .number(4, index(nameAndFile.get(1)))));
        profile.number(9, TimeUnit.SECONDS.toNanos(start.getEpochSecond()) + start.getNano());
        profile.number(10, duration.toNanos());
        profile.message(11, valueType(measures.getLast()));
        profile.number(12, period);
        new ArrayList<>(strings.keySet()).forEach(text -> profile.text(6, text));
        return gzip(profile);
    }

    private ProtoWriter valueType(Measure measure) {
        return new ProtoWriter().number(1, index(measure.name())).number(2, index(measure.unit()));
    }

    private int index(String text) {
        return strings.computeIfAbsent(text, unseen -> strings.size());
    }

    private static byte[] gzip(ProtoWriter profile) {
        var bytes = new ByteArrayOutputStream();
        try (var zipped = new GZIPOutputStream(bytes)) {
            zipped.write(profile.bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // never, to memory
        }
        return bytes.toByteArray();
    }
}
