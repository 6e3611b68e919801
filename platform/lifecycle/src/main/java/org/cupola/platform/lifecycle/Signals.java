package org.cupola.platform.lifecycle;

import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.Set;

/**
 * Reacts to signals of the operating system, where the JVM lets us: through the {@code sun.misc.Signal} of module
 * jdk.unsupported, looked up when needed, since there is no supported way.
 */
public final class Signals {
    /** The JVM leaves these alone in a process that was started with them ignored, as by nohup. */
    private static final Set<String> STAY_IGNORED = Set.of("HUP", "INT", "TERM");

    private Signals() {}

    /**
     * Runs the action on a thread of its own each time the signal comes.
     *
     * @param name without SIG, such as {@code USR1}
     * @return whether this system has the signal and lets us have it
     */
    public static boolean on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(),
                    new Class<?>[] {handler},
                    (self, method, arguments) -> switch (method.getName()) {
                        case "handle" -> {
                            Thread.ofPlatform().name("signal-" + name).start(action);
                            yield null;
                        }
                        case "hashCode" -> System.identityHashCode(self);
                        case "equals" ->
                            arguments != null && System.identityHashCode(self) == System.identityHashCode(arguments[0]);
                        default -> "handler of SIG" + name;
                    });
            Object before = signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            boolean keptIgnored = STAY_IGNORED.contains(name)
                    && Objects.equals(before, handler.getField("SIG_IGN").get(null));
            return !keptIgnored;
        } catch (ReflectiveOperationException e) {
            return false; // no such module, no such signal, or the JVM keeps it for itself
        }
    }
}
