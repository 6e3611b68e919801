package org.cupola.rep.executor;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.cupola.platform.config.GoDuration;
import org.cupola.rep.container.Container;
import org.cupola.rep.container.ContainerException;
import org.cupola.rep.container.ProcessOutput;
import org.cupola.rep.container.ProcessSpec;
import org.cupola.rep.container.RunningProcess;

/**
 * Runs a process to its end. Cancelled, it asks the process to end, waits for the grace period, and kills it.
 *
 * @param quiet    whether its output and its end stay out of the log
 * @param onKilled told when the grace period was not enough
 */
record RunStep(
        Container container, ProcessSpec process, boolean quiet, LogStream log, Duration gracePeriod, Runnable onKilled)
        implements Step {
    private static final Duration DEATH = Duration.ofSeconds(1);
    private static final Duration LINGER_POLL = Duration.ofMillis(20);

    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        cancellation.throwIfCancelled();
        RunningProcess running = start();
        ready.run();
        CompletableFuture.anyOf(running.exit(), cancellation.wished()).join();
        if (!running.exit().isDone()) {
            throw stop(running);
        }
        int status = running.exit().join();
        say("Exit status " + status);
        if (cancellation.isCancelled()) {
            throw StepFailure.cancelled();
        }
        if (status != 0) {
            String breach =
                    container.breach().map(reason -> " (" + reason.text() + ")").orElse("");
            throw new StepFailure(log.source() + ": Exited with status " + status + breach);
        }
    }

    private RunningProcess start() throws StepFailure {
        try {
            return container.run(process, quiet ? ProcessOutput.discard() : log.output());
        } catch (ContainerException e) {
            if (!quiet) {
                log.err(String.valueOf(e.getMessage()));
            }
            throw new StepFailure(log.source() + ": " + e.getMessage(), e);
        }
    }

    private StepFailure stop(RunningProcess running) {
        long deadline = System.nanoTime() + gracePeriod.toNanos();
        running.terminate();
        if (ends(running, gracePeriod)) {
            while (running.lingers() && deadline - System.nanoTime() > 0 && sleep()) {
                // The process we started was only a shell around what has to end.
            }
            say("Exit status " + running.exit().join());
            return StepFailure.cancelled();
        }
        running.kill();
        onKilled.run();
        if (!ends(running, DEATH)) {
            return new StepFailure("process did not exit");
        }
        say("Exit status " + running.exit().join() + " (exceeded " + GoDuration.format(gracePeriod)
                + " graceful shutdown interval)");
        return new StepFailure(StepFailure.EXCEEDED_GRACE);
    }

    private static boolean ends(RunningProcess running, Duration time) {
        try {
            running.exit().copy().get(time.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean sleep() {
        try {
            Thread.sleep(LINGER_POLL);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void say(String message) {
        if (!quiet) {
            log.out(message);
        }
    }
}
