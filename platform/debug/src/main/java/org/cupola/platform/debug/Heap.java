package org.cupola.platform.debug;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import org.cupola.platform.debug.PprofProfile.Measure;

/** What is on the heap, by class: the JVM keeps no allocation site of an object, as Go's heap profile does. */
final class Heap {
    private static final Pattern LINE = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");

    private Heap() {}

    /**
     * For people: what the pools hold, what collections took, and the classes by size.
     *
     * @param live collects first, so that only what is reachable counts
     */
    static String text(boolean live) throws JMException {
        var text = new StringBuilder(16 * 1024);
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            text.append("# pool ")
                    .append(pool.getName())
                    .append(": ")
                    .append(pool.getUsage())
                    .append('\n');
        }
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            text.append("# collector ").append(collector.getName());
            text.append(": ").append(collector.getCollectionCount()).append(" collections, ");
            text.append(collector.getCollectionTime()).append(" ms\n");
        }
        return text.append(histogram(live)).toString();
    }

    /** For pprof: each class is a function that holds its objects. */
    static byte[] profile(boolean live, Instant now) throws JMException {
        var profile = new PprofProfile(new Measure("inuse_objects", "count"), new Measure("inuse_space", "bytes"));
        histogram(live).lines().forEach(line -> {
            Matcher parts = LINE.matcher(line);
            if (parts.matches()) {
                profile.add(
                        List.of(new Frame(parts.group(3), "", 0)),
                        Long.parseLong(parts.group(1)),
                        Long.parseLong(parts.group(2)));
            }
        });
        return profile.gzipped(now, Duration.ZERO, 1);
    }

    private static String histogram(boolean live) throws JMException {
        Object text = ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {live ? new String[0] : new String[] {"-all"}},
                        new String[] {String[].class.getName()});
        return String.valueOf(text);
    }
}
