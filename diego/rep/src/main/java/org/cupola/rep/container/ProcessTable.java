package org.cupola.rep.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The system's processes as Linux shows them in {@code /proc}; empty elsewhere. Stateless, any thread. */
final class ProcessTable {
    private static final Path PROC = Path.of("/proc");
    /** Linux counts CPU time for user space in hundredths of a second on every architecture. */
    private static final long NANOS_PER_TICK = 10_000_000L;
    /** Resident pages are counted in units that are 4 KiB wherever a JDK 25 is common, and larger ones only overstate. */
    private static final long PAGE_BYTES = 4096;

    private ProcessTable() {}

    /**
     * @param session the session's leader, which for a container is a process the cell started
     * @param alive   false for one that has ended and was not yet waited for
     */
    record Entry(long pid, long group, long session, boolean alive, long cpuNanos, long residentBytes) {}

    static boolean isThere() {
        return Files.isDirectory(PROC.resolve("self"));
    }

    static List<Entry> read() {
        List<Entry> entries = new ArrayList<>();
        for (long pid : pids()) {
            entry(pid).ifPresent(entries::add);
        }
        return entries;
    }

    /** Processes whose environment at their start held the variable with a value that begins so. */
    static List<Long> carrying(String variable, String valuePrefix) {
        byte[] wanted = (variable + "=" + valuePrefix).getBytes(StandardCharsets.UTF_8);
        List<Long> found = new ArrayList<>();
        for (long pid : pids()) {
            try {
                if (holds(Files.readAllBytes(PROC.resolve(pid + "/environ")), wanted)) {
                    found.add(pid);
                }
            } catch (IOException e) {
                // ended meanwhile, or another user's: not one of ours
            }
        }
        return found;
    }

    /**
     * What a process holds resident, pages it shares with others counted in part; none when that cannot be read. Costs about a
     * hundred times as much as {@link Entry#residentBytes}.
     */
    static OptionalLong proportionalBytes(long pid) {
        try {
            for (String line : Files.readAllLines(PROC.resolve(pid + "/smaps_rollup"))) {
                if (line.startsWith("Pss:")) {
                    return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) * 1024);
                }
            }
        } catch (IOException | NumberFormatException e) {
            // ended meanwhile, or a kernel without that file
        }
        return OptionalLong.empty();
    }

    private static boolean holds(byte[] environment, byte[] wanted) {
        int start = 0;
        while (start + wanted.length <= environment.length) {
            if (java.util.Arrays.equals(environment, start, start + wanted.length, wanted, 0, wanted.length)) {
                return true;
            }
            while (start < environment.length && environment[start] != 0) {
                start++;
            }
            start++;
        }
        return false;
    }

    private static List<Long> pids() {
        List<Long> pids = new ArrayList<>();
        if (Files.isDirectory(PROC)) {
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
                folders.forEach(
                        folder -> pids.add(Long.parseLong(folder.getFileName().toString())));
            } catch (IOException e) {
                return List.of();
            }
        }
        return pids;
    }

    private static Optional<Entry> entry(long pid) {
        try {
            return parse(pid, Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty(); // ended meanwhile
        }
    }

    /** {@code proc(5)}: the second field is the program's name in parentheses and may hold anything. */
    static Optional<Entry> parse(long pid, String stat) {
        int end = stat.lastIndexOf(')');
        if (end < 0) {
            return Optional.empty();
        }
        String[] fields = stat.substring(end + 1).strip().split(" ");
        if (fields.length < 22) {
            return Optional.empty();
        }
        // fields[0] is the third, the state
        boolean gone = fields[0].equals("Z") || fields[0].equals("X");
        long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        long resident = gone ? 0 : Long.parseLong(fields[21]) * PAGE_BYTES;
        return Optional.of(new Entry(
                pid, Long.parseLong(fields[2]), Long.parseLong(fields[3]), !gone, ticks * NANOS_PER_TICK, resident));
    }
}
