package org.cupola.launcher;

import java.nio.file.Path;
import org.cupola.launcher.demo.CloudFoundryApi;
import org.cupola.launcher.up.Endpoints;
import picocli.CommandLine.Option;

/** Which running platform a command looks into. Filled by picocli. */
final class RunningOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "data directory of the running platform (default: ${DEFAULT-VALUE})",
            defaultValue = "${user.home}/.cupola")
    private Path data = Path.of(".cupola");

    Endpoints endpoints() {
        return Endpoints.read(data.toAbsolutePath().normalize());
    }

    CloudFoundryApi login() {
        Endpoints at = endpoints();
        return CloudFoundryApi.login(at.api(), at.uaa(), at.adminUser(), at.adminPassword());
    }
}
