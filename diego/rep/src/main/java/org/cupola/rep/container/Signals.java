package org.cupola.rep.container;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Sends signals by the C library's {@code kill}: the JDK can signal only one process at a time, and starting a program for it would take
 * milliseconds that a stop under load does not have. Any thread.
 */
final class Signals {
    static final int NONE = 0;
    static final int KILL = 9;
    static final int TERM = 15;

    private static final Optional<MethodHandle> KILL_FUNCTION = find();

    private Signals() {}

    /** @return whether the group had a member that could be signalled */
    static boolean group(long leader, int signal) {
        // 0 and 1 would mean ourselves and everyone
        return leader > 1 && call(-leader, signal);
    }

    /** @return whether the process was there */
    static boolean process(long pid, int signal) {
        if (KILL_FUNCTION.isPresent()) {
            return pid > 1 && call(pid, signal);
        }
        return ProcessHandle.of(pid)
                .map(handle -> signal == KILL ? handle.destroyForcibly() : handle.destroy())
                .orElse(false);
    }

    private static boolean call(long target, int signal) {
        if (KILL_FUNCTION.isEmpty()) {
            return false;
        }
        try {
            return (int) KILL_FUNCTION.get().invokeExact((int) target, signal) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("kill(" + target + ", " + signal + ")", e);
        }
    }

    @SuppressWarnings("restricted") // the launcher allows native access
    private static Optional<MethodHandle> find() {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("kill")
                .map(symbol -> linker.downcallHandle(
                        symbol,
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)));
    }
}
