package org.cupola.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import org.cupola.launcher.demo.CloudFoundryApi;
import org.cupola.launcher.demo.Deployment;
import org.cupola.launcher.demo.SampleApps;

/** A platform, wherever its components run, and what its users need to reach it. */
interface RunningPlatform extends AutoCloseable {
    /**
     * Where it is.
     *
     * @param routerPort of the HTTP load balancer, on 127.0.0.1
     */
    record Reach(
            URI api,
            URI uaa,
            int routerPort,
            String domain,
            String systemDomain,
            String tcpDomain,
            String user,
            String password) {}

    Reach reach();

    /** Stops a component as an operator would; returns when it is gone. */
    void stop(String component);

    /** Ends a component without warning, as far as the mode allows. */
    void crash(String component);

    /** Starts a stopped component again; returns when it serves. */
    void start(String component) throws Exception;

    @Override
    void close();

    default CloudFoundryApi login() {
        Reach reach = reach();
        return CloudFoundryApi.login(reach.api(), reach.uaa(), reach.user(), reach.password());
    }

    default String host(String app) {
        return app + "." + reach().domain();
    }

    default HttpLoad load(String app, int connections) {
        return new HttpLoad("127.0.0.1", reach().routerPort(), host(app), connections);
    }

    /** One request to a host of any domain. */
    default HttpLoad.Answer get(String host, String path) {
        try {
            return HttpLoad.get("127.0.0.1", reach().routerPort(), host, path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An HTTP sample app, running; returns its guid. */
    default String deployHello(CloudFoundryApi api, String name, int instances) {
        var deployment = new Deployment(api, Clock.systemUTC());
        String space = deployment.space("acceptance", "tests");
        String app = deployment.app(space, name, SampleApps.http());
        deployment.scale(app, instances, 128);
        deployment.httpRoute(space, app, name, reach().domain());
        deployment.start(app, instances);
        return app;
    }

    /** A TCP sample app, running; returns the port of its route on 127.0.0.1. */
    default int deployEcho(CloudFoundryApi api, String name) {
        var deployment = new Deployment(api, Clock.systemUTC());
        String space = deployment.space("acceptance", "tests");
        String app = deployment.app(space, name, SampleApps.tcp());
        deployment.healthCheckByPort(app);
        deployment.scale(app, 1, 128);
        String url = deployment.tcpRoute(space, app, reach().tcpDomain());
        deployment.start(app, 1);
        return Integer.parseInt(url.substring(url.indexOf(':') + 1));
    }
}
