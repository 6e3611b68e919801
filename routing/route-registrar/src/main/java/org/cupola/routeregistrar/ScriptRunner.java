package org.cupola.routeregistrar;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs health check scripts. Each gets a process group of its own where the system has {@code setsid}, so that what it
 * started dies with it; elsewhere its descendants are killed one by one. Blocking; immutable, any thread.
 */
final class ScriptRunner {
    private static final Logger log = LoggerFactory.getLogger(ScriptRunner.class);

    /** More output than this is read and thrown away. */
    private static final int MAX_OUTPUT_BYTES = 64 * 1024;

    private final Optional<Path> setsid;

    ScriptRunner() {
        this.setsid = Stream.of("/usr/bin/setsid", "/bin/setsid")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Whether the script ended with 0 in time. Everything else, also that it cannot be started, is false. */
    boolean isHealthy(HealthCheck check) throws InterruptedException {
        List<String> command = new ArrayList<>();
        setsid.ifPresent(program -> command.add(program.toString()));
        command.addAll(List.of("/bin/sh", "-c", check.script()));
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            log.atError()
                    .addKeyValue("check", check.name())
                    .addKeyValue("error", e.getMessage())
                    .log("Script cannot be started");
            return false;
        }
        try {
            return await(check, process);
        } finally {
            if (process.isAlive()) {
                kill(process);
            }
        }
    }

    private static boolean await(HealthCheck check, Process process) throws InterruptedException {
        var output = new Output(process.getInputStream());
        var errors = new Output(process.getErrorStream());
        Duration timeout = check.timeout();
        boolean ended = process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
        if (!ended) {
            log.atInfo()
                    .addKeyValue("check", check.name())
                    .addKeyValue("timeout", timeout)
                    .addKeyValue("stdout", output.soFar())
                    .addKeyValue("stderr", errors.soFar())
                    .log("Script failed to exit within timeout");
            return false;
        }
        log.atInfo()
                .addKeyValue("check", check.name())
                .addKeyValue("exit_code", process.exitValue())
                .addKeyValue("stdout", output.soFar())
                .addKeyValue("stderr", errors.soFar())
                .log("Script exited");
        return process.exitValue() == 0;
    }

    private void kill(Process process) {
        List<ProcessHandle> descendants = process.descendants().toList();
        if (setsid.isPresent()) {
            try {
                int code = new ProcessBuilder("/bin/sh", "-c", "kill -s KILL -- -" + process.pid())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .onExit()
                        .join()
                        .exitValue();
                log.atDebug().addKeyValue("code", code).log("process group killed");
            } catch (IOException e) {
                log.atError().setCause(e).log("process group not killed");
            }
        }
        descendants.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Collects what a script writes, so that it never waits for a reader. Guarded by its lock. */
    private static final class Output {
        private final StringBuilder text = new StringBuilder();

        Output(InputStream stream) {
            Thread.ofVirtual().start(() -> read(stream));
        }

        private void read(InputStream stream) {
            byte[] buffer = new byte[4096];
            try (stream) {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                    add(new String(buffer, 0, n, StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                log.atDebug().setCause(e).log("script output ended"); // its writer was killed
            }
        }

        private synchronized void add(String part) {
            if (text.length() < MAX_OUTPUT_BYTES) {
                text.append(part, 0, Math.min(part.length(), MAX_OUTPUT_BYTES - text.length()));
            }
        }

        synchronized String soFar() {
            return text.toString();
        }
    }
}
