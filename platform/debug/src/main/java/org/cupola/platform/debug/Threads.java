package org.cupola.platform.debug;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.debug.PprofProfile.Measure;
import org.cupola.platform.json.Json;
import tools.jackson.databind.JsonNode;

/** All threads of this JVM, virtual ones too, where the original shows its goroutines. */
final class Threads {
    private Threads() {}

    /** For people: each thread with its name, state and stack. */
    static String text() throws IOException {
        return dump(ThreadDumpFormat.TEXT_PLAIN);
    }

    /** For pprof: how many threads are at which stack. */
    static byte[] profile(Instant now) throws IOException {
        var profile = new PprofProfile(new Measure("goroutine", "count"));
        JsonNode containers =
                Json.tree(dump(ThreadDumpFormat.JSON)).path("threadDump").path("threadContainers");
        for (JsonNode container : containers) {
            for (JsonNode thread : container.path("threads")) {
                List<Frame> stack = new ArrayList<>();
                for (JsonNode frame : thread.path("stack")) {
                    stack.add(Frame.parse(frame.asString()));
                }
                profile.add(stack, 1);
            }
        }
        return profile.gzipped(now, Duration.ZERO, 1);
    }

    /** The JVM writes only to a file that does not exist yet. */
    private static String dump(ThreadDumpFormat format) throws IOException {
        Path folder = Files.createTempDirectory("threads");
        Path file = folder.resolve("dump");
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpThreads(file.toString(), format);
            return Files.readString(file);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }
}
