package org.cupola.rep.executor;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file {@code <log guid>-<index>.log} per instance index; one that grows beyond the limit is kept once as {@code .1}. A
 * file that cannot be written loses lines, which is logged when it begins. Each file is guarded by its lock.
 */
public final class FileLogSink implements LogSink {
    private static final Logger log = LoggerFactory.getLogger(FileLogSink.class);

    private final Path folder;
    private final long maxBytes;
    private final Map<String, Target> targets = new ConcurrentHashMap<>();

    public FileLogSink(Path folder, long maxBytes) {
        this.folder = folder;
        this.maxBytes = maxBytes;
    }

    @Override
    public void write(LogLine line) {
        targets.computeIfAbsent(name(line.config()), name -> new Target(folder.resolve(name), maxBytes))
                .write(line);
    }

    @Override
    public void close() {
        targets.values().forEach(Target::close);
    }

    private static String name(LogConfig config) {
        String guid = config.guid().replaceAll("[^A-Za-z0-9_.-]", "_");
        return (guid.isEmpty() ? "unknown" : guid) + "-" + config.index() + ".log";
    }

    private static final class Target {
        private final Path file;
        private final long maxBytes;

        @GuardedBy("this")
        private @Nullable OutputStream out;

        @GuardedBy("this")
        private long written;

        @GuardedBy("this")
        private boolean failed;

        Target(Path file, long maxBytes) {
            this.file = file;
            this.maxBytes = maxBytes;
        }

        synchronized void write(LogLine line) {
            String head =
                    line.time() + " [" + line.source() + "/" + line.config().index() + "] " + line.channel() + " ";
            byte[] prefix = head.getBytes(StandardCharsets.UTF_8);
            byte[] whole = new byte[prefix.length + line.text().size() + 1];
            System.arraycopy(prefix, 0, whole, 0, prefix.length);
            line.text().copyTo(whole, prefix.length);
            whole[whole.length - 1] = '\n';
            try {
                open(whole.length).write(whole);
                written += whole.length;
                failed = false;
            } catch (IOException e) {
                if (!failed) {
                    log.atError().setCause(e).addKeyValue("file", file).log("application-log-not-written");
                }
                failed = true;
            }
        }

        @GuardedBy("this")
        private OutputStream open(int more) throws IOException {
            if (out != null && written + more > maxBytes) {
                out.close();
                out = null;
                Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
            OutputStream current = out;
            if (current == null) {
                Files.createDirectories(file.getParent());
                current = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                written = Files.size(file);
                out = current;
            }
            return current;
        }

        synchronized void close() {
            try {
                if (out != null) {
                    out.close();
                    out = null;
                }
            } catch (IOException e) {
                log.atError().setCause(e).addKeyValue("file", file).log("application-log-not-closed");
            }
        }
    }
}
