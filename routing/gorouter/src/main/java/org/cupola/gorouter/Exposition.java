package org.cupola.gorouter;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntToLongFunction;

/** Builds a page in Prometheus' text format, version 0.0.4. Confined to one thread. */
final class Exposition {
    private final StringBuilder out = new StringBuilder(16 * 1024);

    /** Begins a metric; its samples follow. */
    Exposition begin(String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        return this;
    }

    /** A metric of one value. */
    void counter(String name, String help, long value) {
        begin(name, "counter", help).sample(name, "", value);
    }

    /** A metric of one value. */
    void gauge(String name, String help, long value) {
        begin(name, "gauge", help).sample(name, "", value);
    }

    /** @param labels as {@link #label} makes them, with commas between */
    void sample(String name, String labels, long value) {
        named(name, labels).append(value).append('\n');
    }

    private StringBuilder named(String name, String labels) {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        return out.append(' ');
    }

    /**
     * One histogram of a metric that has begun.
     *
     * @param counts by bucket, one more than there are bounds
     */
    void histogram(String name, String labels, List<Double> bounds, IntToLongFunction counts, double sum) {
        String before = labels.isEmpty() ? "le=\"" : labels + ",le=\"";
        long count = 0;
        for (int bucket = 0; bucket <= bounds.size(); bucket++) {
            count += counts.applyAsLong(bucket);
            String bound = bucket == bounds.size() ? "+Inf" : number(bounds.get(bucket));
            sample(name + "_bucket", before + bound + '"', count);
        }
        named(name + "_sum", labels).append(number(sum)).append('\n');
        sample(name + "_count", labels, count);
    }

    /** As the original writes numbers of this size: whole ones without a point. */
    private static String number(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    static String label(String name, String value) {
        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        return name + "=\"" + escaped + '"';
    }

    byte[] bytes() {
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }
}
