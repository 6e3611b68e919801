package org.cupola.launcher;

import java.time.Duration;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.lifecycle.Foreground;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.Logging;

/** Runs one component as this process, from its configuration to its exit code. */
final class ComponentRunner {
    /** Longer than any component's own drain by default; the operator's init system decides beyond. */
    private static final Duration GRACE_PERIOD = Duration.ofMinutes(15);

    private ComponentRunner() {}

    /** Reads the configuration and makes the component, but does not start it. */
    @FunctionalInterface
    interface Maker {
        Component make() throws Exception;
    }

    /** The exit code: 0 after a signal, 1 when the component failed while it ran. */
    static int run(LogSettings logs, Maker maker) throws Exception {
        Logging.configure(logs);
        return Foreground.run(maker.make(), GRACE_PERIOD, () -> {});
    }
}
