import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The router's process, and what the kernel and the JVM say of it. */
final class Router {
    /**
     * @param liveKilobytes   heap in use after a collection
     * @param directKilobytes memory that was asked for outside of the heap, buffers above all, by the JVM's own account
     */
    record Footprint(
            long residentKilobytes,
            long anonymousKilobytes,
            long fileKilobytes,
            long liveKilobytes,
            long directKilobytes,
            long files,
            long threads) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "RSS %d MB (anonymous %d, files %d), heap after GC %.1f MB, direct %.1f MB, open files %d, threads %d",
                    residentKilobytes / 1024,
                    anonymousKilobytes / 1024,
                    fileKilobytes / 1024,
                    liveKilobytes / 1024.0,
                    directKilobytes / 1024.0,
                    files,
                    threads);
        }
    }

    /** Of the serial collector since the start of the process. */
    record Collections(long young, double youngSeconds, long full, double fullSeconds) {
        Collections since(Collections before) {
            return new Collections(
                    young - before.young,
                    youngSeconds - before.youngSeconds,
                    full - before.full,
                    fullSeconds - before.fullSeconds);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "collections: %d young, %.1f ms each; %d full, %.0f ms each",
                    young,
                    youngSeconds * 1000 / Math.max(1, young),
                    full,
                    fullSeconds * 1000 / Math.max(1, full));
        }
    }

    final Process process;
    private final Path log;

    Router(String command, Path config, Path log, String options) throws IOException {
        this.log = log;
        var builder = new ProcessBuilder(command, "gorouter", "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().merge("CUPOLA_JAVA_OPTS", options, (present, more) -> present + " " + more);
        process = builder.start();
    }

    void awaitStart() throws IOException, InterruptedException {
        while (!Files.readString(log).contains("gorouter.started")) {
            if (!process.isAlive()) {
                throw new IOException("the router ended: " + Files.readString(log));
            }
            Thread.sleep(50);
        }
    }

    void signal(String name) throws IOException, InterruptedException {
        run("kill", "-" + name, String.valueOf(process.pid()));
    }

    /** CPU time so far. */
    double cpuSeconds() throws IOException {
        String[] fields =
                Files.readString(proc("stat")).replaceFirst(".*\\) ", "").split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }

    long residentKilobytes(String field) throws IOException {
        for (String line : Files.readAllLines(proc("status"))) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }

    Footprint footprint() throws IOException, InterruptedException {
        jcmd("GC.run");
        String heap = jcmd("GC.heap_info");
        long live = number(
                heap,
                "(?:DefNew|Tenured|new generation|tenured generation|garbage-first heap) +total \\d+K, used (\\d+)K");
        long direct =
                number(jcmd("VM.native_memory", "summary", "scale=KB"), "Other \\(reserved=\\d+KB, committed=(\\d+)KB");
        return new Footprint(
                residentKilobytes("VmRSS"),
                residentKilobytes("RssAnon"),
                residentKilobytes("RssFile"),
                live,
                direct,
                files(),
                residentKilobytes("Threads"));
    }

    Collections collections() throws IOException, InterruptedException {
        String counters = jcmd("PerfCounter.print");
        double second = number(counters, "sun\\.os\\.hrt\\.frequency=(\\d+)");
        return new Collections(
                number(counters, "sun\\.gc\\.collector\\.0\\.invocations=(\\d+)"),
                number(counters, "sun\\.gc\\.collector\\.0\\.time=(\\d+)") / second,
                number(counters, "sun\\.gc\\.collector\\.1\\.invocations=(\\d+)"),
                number(counters, "sun\\.gc\\.collector\\.1\\.time=(\\d+)") / second);
    }

    long files() throws IOException {
        try (Stream<Path> all = Files.list(proc("fd"))) {
            return all.count();
        }
    }

    /** Messages of warnings and errors with their counts, and reports of the leak detector. */
    Map<String, Integer> complaints() throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        var message = Pattern.compile("\"message\":\"([^\"]*)\"");
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            lines.filter(line -> line.contains("LEAK:")
                            || line.contains("Exception")
                            || line.contains("\"log_level\":2")
                            || line.contains("\"log_level\":3")
                            || line.contains("\"level\":\"error\"")
                            || line.contains("\"level\":\"warn\""))
                    .forEach(line -> {
                        Matcher found = message.matcher(line);
                        String text = line.contains("LEAK:") ? "LEAK" : found.find() ? found.group(1) : line;
                        counts.merge(text.substring(0, Math.min(150, text.length())), 1, Integer::sum);
                    });
        }
        return counts;
    }

    /** What the JVM has of each kind of memory, in MB; without what the C library keeps of what was given back. */
    String kinds() throws IOException, InterruptedException {
        var kinds = new StringBuilder();
        Matcher found = Pattern.compile("- +([A-Z][A-Za-z ]+) \\(reserved=\\d+KB, committed=(\\d+)KB")
                .matcher(jcmd("VM.native_memory", "summary", "scale=KB"));
        while (found.find()) {
            long megabytes = Long.parseLong(found.group(2)) / 1024;
            if (megabytes > 0) {
                kinds.append(kinds.isEmpty() ? "" : ", ").append(found.group(1)).append(' ').append(megabytes);
            }
        }
        return kinds.toString();
    }

    private Path proc(String name) {
        return Path.of("/proc", String.valueOf(process.pid()), name);
    }

    private static long number(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        long sum = 0;
        while (found.find()) {
            sum += Long.parseLong(found.group(1));
        }
        return sum;
    }

    private String jcmd(String... arguments) throws IOException, InterruptedException {
        String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        return run(Stream.concat(Stream.of(program, String.valueOf(process.pid())), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process running =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String output = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        running.waitFor();
        return output;
    }
}
