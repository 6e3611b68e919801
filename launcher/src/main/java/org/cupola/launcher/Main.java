package org.cupola.launcher;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * The entry point. A failure prints one line to standard error, {@code cupola NAME: what is wrong}, and ends the process
 * with 1; a wrong command line ends it with 2.
 */
final class Main {
    private static final Set<String> CONFIG_FLAGS = Set.of("-c", "--c", "-config", "--config");

    private Main() {}

    public static void main(String[] arguments) {
        int code = run(arguments);
        // 0 may leave threads of libraries behind that would keep the process alive.
        System.exit(code);
    }

    /**
     * A router that is replaced must be there again soon, so its one usual command line is understood here, as is its
     * rehearsal: the classes of the command-line library cannot be kept in a start-up cache, and take a good part of the
     * time until the router serves.
     */
    private static int run(String[] arguments) {
        if (isUsualRouter(arguments)) {
            return router(() -> GorouterCommand.run(Path.of(arguments[2])));
        }
        if (List.of(arguments).equals(List.of("rehearse", "gorouter"))) {
            return router(GorouterRehearsal::run);
        }
        return CupolaCommand.run(arguments);
    }

    private static boolean isUsualRouter(String[] arguments) {
        return arguments.length == 3
                && arguments[0].equals("gorouter")
                && CONFIG_FLAGS.contains(arguments[1])
                && !arguments[2].startsWith("-");
    }

    private static int router(Callable<Integer> command) {
        try {
            return command.call();
        } catch (Exception e) {
            System.err.println(CupolaCommand.describe("gorouter", e));
            return 1;
        }
    }
}
