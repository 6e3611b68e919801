package org.cupola.launcher.demo;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.cupola.launcher.up.Endpoints;
import org.cupola.launcher.up.RoutingTable;
import org.cupola.platform.http.HttpClients;

/** Deploys the sample apps and checks what comes back. Says what it does; blocking. */
public final class Demo {
    private static final int INSTANCES = 3;
    private static final int REQUESTS = 30;
    private static final int MEMORY_MEGABYTES = 128;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Endpoints endpoints;
    private final InstantSource clock;
    private final Consumer<String> say;

    public Demo(Endpoints endpoints, InstantSource clock, Consumer<String> say) {
        this.endpoints = endpoints;
        this.clock = clock;
        this.say = say;
    }

    /** True when every request was answered as expected. */
    public boolean run() {
        try (var api = CloudFoundryApi.login(
                endpoints.api(), endpoints.uaa(), endpoints.adminUser(), endpoints.adminPassword())) {
            say.accept("logged in to " + endpoints.api() + " as " + endpoints.adminUser());
            var deployment = new Deployment(api, clock);
            String space = deployment.space("demo", "demo");
            boolean http = http(deployment, space);
            boolean tcp = tcp(deployment, space);
            say.accept("Gorouter's table:");
            RoutingTable.read(endpoints).lines().forEach(line -> say.accept("  " + line));
            say.accept(http && tcp ? "demo: every request was answered as expected" : "demo: FAILED");
            return http && tcp;
        }
    }

    private boolean http(Deployment deployment, String space) {
        String app = deployment.app(space, "hello", SampleApps.http());
        deployment.scale(app, INSTANCES, MEMORY_MEGABYTES);
        String url = deployment.httpRoute(space, app, "hello", endpoints.domain());
        deployment.start(app, INSTANCES);
        say.accept("app hello: " + INSTANCES + " instances, route http://" + url + ":"
                + endpoints.router().getPort());
        Map<String, Integer> answers = new TreeMap<>();
        int failed = 0;
        try (var clients = HttpClients.create(null, List.of())) {
            BlockingWebClient router =
                    clients.client(endpoints.router(), PATIENCE).build().blocking();
            var request = RequestHeaders.builder(HttpMethod.GET, "/")
                    .set(HttpHeaderNames.AUTHORITY, url)
                    .build();
            for (int i = 0; i < REQUESTS; i++) {
                AggregatedHttpResponse response = router.execute(request);
                failed += response.status().code() == 200 ? 0 : 1;
                answers.merge(response.contentUtf8().strip(), 1, Integer::sum);
            }
        }
        answers.forEach((answer, times) -> say.accept("  " + times + " × " + answer));
        return failed == 0 && answers.size() == INSTANCES;
    }

    private boolean tcp(Deployment deployment, String space) {
        String app = deployment.app(space, "echo", SampleApps.tcp());
        deployment.healthCheckByPort(app);
        deployment.scale(app, 1, MEMORY_MEGABYTES);
        String url = deployment.tcpRoute(space, app, endpoints.tcpDomain());
        deployment.start(app, 1);
        say.accept("app echo: 1 instance, route tcp://" + url);
        int port = URI.create("tcp://" + url).getPort();
        String sent = "twelve bytes";
        String echoed = echoWithin(PATIENCE, port, sent);
        say.accept("  sent \"" + sent + "\", got \"" + echoed + "\" back through " + endpoints.tcpHost() + ":" + port);
        return echoed.equals(sent);
    }

    /** A TCP route is live some milliseconds after the instance is; until then connections are refused or reset. */
    private String echoWithin(Duration patience, int port, String text) {
        long deadline = clock.millis() + patience.toMillis();
        while (true) {
            try {
                String echoed = echo(port, text);
                if (echoed.equals(text) || clock.millis() - deadline > 0) {
                    return echoed;
                }
            } catch (IOException e) {
                if (clock.millis() - deadline > 0) {
                    return "nothing: " + e.getMessage();
                }
            }
        }
    }

    private String echo(int port, String text) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(endpoints.tcpHost(), port), 2_000);
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
