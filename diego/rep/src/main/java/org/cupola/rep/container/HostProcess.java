package org.cupola.rep.container;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process of the host that leads a session and a process group of its own where the system has {@code setsid}. Thread-safe.
 *
 * <p>Its output is carried by two platform threads: reading a pipe holds on to a carrier, and a cell full of processes would
 * take every carrier from the virtual threads.
 */
final class HostProcess implements RunningProcess {
    private static final Logger log = LoggerFactory.getLogger(HostProcess.class);
    private static final long STACK_BYTES = 128 * 1024;
    /** How long the last output may take to arrive after the end; a descendant that holds the pipe open cannot delay it more. */
    private static final long LAST_OUTPUT_MILLIS = 200;

    private static final Optional<Path> SETSID = Programs.inPath("setsid", "/usr/bin:/bin");

    private final Process process;
    private final CompletableFuture<Integer> exit;

    private HostProcess(Process process, CompletableFuture<Void> outputEnded) {
        this.process = process;
        this.exit = process.onExit()
                .thenCompose(ended -> outputEnded
                        .copy()
                        .completeOnTimeout(null, LAST_OUTPUT_MILLIS, TimeUnit.MILLISECONDS)
                        .thenApply(nothing -> ended.exitValue()));
    }

    static HostProcess start(
            List<String> program,
            Path directory,
            Map<String, String> environment,
            OptionalLong openFiles,
            ProcessOutput output)
            throws IOException {
        List<String> command = new ArrayList<>();
        SETSID.ifPresent(setsid -> command.add(setsid.toString()));
        if (openFiles.isPresent() && Files.isExecutable(Path.of("/bin/sh"))) {
            // A limit above the cell's own hard limit cannot be given; the process then keeps what there is.
            command.addAll(List.of(
                    "/bin/sh",
                    "-c",
                    "ulimit -n \"$0\" 2>/dev/null; exec \"$@\"",
                    Long.toString(openFiles.getAsLong())));
        }
        command.addAll(program);
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        var stdout = carry(process, process.getInputStream(), output.stdout(), "stdout");
        var stderr = carry(process, process.getErrorStream(), output.stderr(), "stderr");
        return new HostProcess(process, CompletableFuture.allOf(stdout, stderr));
    }

    private static CompletableFuture<Void> carry(Process process, InputStream from, OutputStream to, String name) {
        var ended = new CompletableFuture<Void>();
        Thread thread = new Thread(
                null,
                () -> {
                    try (from;
                            to) {
                        from.transferTo(to);
                    } catch (IOException e) {
                        log.atDebug()
                                .setCause(e)
                                .addKeyValue("pid", process.pid())
                                .log("output-ended-early");
                    } finally {
                        ended.complete(null);
                    }
                },
                name + "-" + process.pid(),
                STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        return ended;
    }

    long pid() {
        return process.pid();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    @Override
    public CompletableFuture<Integer> exit() {
        return exit;
    }

    @Override
    public boolean lingers() {
        return ProcessTable.isThere()
                && ProcessTable.read().stream().anyMatch(entry -> entry.alive() && entry.group() == process.pid());
    }

    @Override
    public void terminate() {
        signal(Signals.TERM);
    }

    @Override
    public void kill() {
        signal(Signals.KILL);
    }

    private void signal(int signal) {
        if (!process.isAlive() && ProcessTable.isThere()) {
            return; // its number may be another's by now; what it left behind is found by its environment
        }
        // Before setsid has run there is no such group yet, and without setsid there never is.
        if (SETSID.isEmpty() || !Signals.group(process.pid(), signal)) {
            process.descendants().forEach(child -> Signals.process(child.pid(), signal));
            Signals.process(process.pid(), signal);
        }
    }
}
