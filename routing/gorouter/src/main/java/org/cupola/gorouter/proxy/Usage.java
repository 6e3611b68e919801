package org.cupola.gorouter.proxy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Requests by app and component, over all event loops: a copy, for one reader. */
public final class Usage {
    private final Counts all;
    private final Map<String, Counts> components;
    private final Map<String, Long> lastMinute;

    /** Requests of one kind. Confined to its owner. */
    public static final class Counts {
        private static final int GROUPS = 5;

        private long requests;
        private final long[] responses = new long[GROUPS];
        private final DecayingSample latency;

        Counts(SplittableRandom random) {
            latency = new DecayingSample(random);
        }

        private Counts(Counts other) {
            requests = other.requests;
            System.arraycopy(other.responses, 0, responses, 0, GROUPS);
            latency = other.latency.copy();
        }

        void requested() {
            requests++;
        }

        void served(int status, double seconds, long nanos) {
            int group = status / 100;
            responses[group >= 2 && group <= 5 ? group - 2 : GROUPS - 1]++;
            latency.add(seconds, nanos);
        }

        Counts copy() {
            return new Counts(this);
        }

        void merge(Counts other) {
            requests += other.requests;
            for (int group = 0; group < GROUPS; group++) {
                responses[group] += other.responses[group];
            }
            latency.merge(other.latency);
        }

        /** Attempts at backends. */
        public long requests() {
            return requests;
        }

        /** @param group 2 to 5, anything else for what is none of these */
        public long responses(int group) {
            return responses[group >= 2 && group <= 5 ? group - 2 : GROUPS - 1];
        }

        /** Nanoseconds that so many of the latest requests stayed below. */
        public double[] latencyPercentiles(double... parts) {
            return latency.percentiles(parts);
        }
    }

    Usage(Counts all, Map<String, Counts> components, Map<String, Long> lastMinute) {
        this.all = all;
        this.components = components;
        this.lastMinute = lastMinute;
    }

    static Usage none() {
        return new Usage(new Counts(new SplittableRandom()), new TreeMap<>(), new HashMap<>());
    }

    void merge(Usage other) {
        all.merge(other.all);
        other.components.forEach((component, counts) -> {
            Counts present = components.get(component);
            if (present == null) {
                components.put(component, counts);
            } else {
                present.merge(counts);
            }
        });
        other.lastMinute.forEach((app, requests) -> lastMinute.merge(app, requests, Long::sum));
    }

    public Counts all() {
        return all;
    }

    public Map<String, Counts> components() {
        return components;
    }

    /** Apps with the most requests in the last minute, the busiest first. */
    public List<Map.Entry<String, Long>> top(int count) {
        return lastMinute.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(count)
                .toList();
    }
}
