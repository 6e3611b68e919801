package org.cupola.launcher;

import java.time.Clock;
import java.util.concurrent.Callable;
import org.cupola.launcher.demo.CloudFoundryApi;
import org.cupola.launcher.demo.Deployment;
import org.cupola.launcher.demo.SampleApps;
import org.cupola.launcher.up.Endpoints;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cupola deploy-sample}: the demo's HTTP app on a running platform, to try routing with. */
@Command(
        name = "deploy-sample",
        mixinStandardHelpOptions = true,
        description = "Deploys the demo's HTTP app to a running platform and prints its URL.")
final class DeploySampleCommand implements Callable<Integer> {
    @Mixin
    private RunningOption running = new RunningOption();

    @Option(names = "--name", paramLabel = "NAME", description = "app and host name (default: ${DEFAULT-VALUE})")
    private String name = "hello";

    @Option(names = "--instances", paramLabel = "N", description = "how many (default: ${DEFAULT-VALUE})")
    private int instances = 3;

    @Override
    public Integer call() {
        Endpoints at = running.endpoints();
        try (CloudFoundryApi api = running.login()) {
            var deployment = new Deployment(api, Clock.systemUTC());
            String space = deployment.space("demo", "demo");
            String app = deployment.app(space, name, SampleApps.http());
            deployment.scale(app, instances, 128);
            String url = deployment.httpRoute(space, app, name, at.domain());
            deployment.start(app, instances);
            UpCommand.say("http://" + url + ":" + at.router().getPort() + "/");
        }
        return 0;
    }
}
