import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts by kind, with the first few examples of what should not be. Any thread. */
final class Tally {
    private static final int EXAMPLES = 5;

    private final Map<String, LongAdder> expected = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    private final Map<String, List<String>> examples = new ConcurrentHashMap<>();
    final LongAdder answered = new LongAdder();

    void expected(String kind) {
        expected.computeIfAbsent(kind, _ -> new LongAdder()).increment();
    }

    void failed(String kind, String example) {
        failures.computeIfAbsent(kind, _ -> new LongAdder()).increment();
        List<String> some = examples.computeIfAbsent(kind, _ -> new ArrayList<>());
        synchronized (some) {
            if (some.size() < EXAMPLES) {
                some.add(example);
            }
        }
    }

    long failures() {
        return failures.values().stream().mapToLong(LongAdder::sum).sum();
    }

    void print() {
        System.out.println("requests answered: " + answered.sum());
        new TreeMap<>(expected).forEach((kind, count) -> System.out.println("  apart: " + kind + ": " + count.sum()));
        new TreeMap<>(failures).forEach((kind, count) -> {
            System.out.println("  FAILED: " + kind + ": " + count.sum());
            examples.getOrDefault(kind, List.of()).forEach(example -> System.out.println("    " + example));
        });
    }
}
