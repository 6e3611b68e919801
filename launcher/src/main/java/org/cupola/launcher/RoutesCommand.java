package org.cupola.launcher;

import java.util.concurrent.Callable;
import org.cupola.launcher.up.RoutingTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cupola routes}. */
@Command(
        name = "routes",
        mixinStandardHelpOptions = true,
        description = "Shows Gorouter's table of a running platform: route, endpoint, app and instance.")
final class RoutesCommand implements Callable<Integer> {
    @Mixin
    private RunningOption running = new RunningOption();

    @Override
    public Integer call() {
        RoutingTable.read(running.endpoints()).lines().forEach(UpCommand::say);
        return 0;
    }
}
