package org.cupola.launcher;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.cupola.platform.config.Secret;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.tls.Pem;
import org.cupola.protocol.routing.HttpRoute;
import org.cupola.protocol.routing.RouteEvent;
import org.cupola.protocol.routing.RoutingApiClient;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.routing.RoutingEvents;
import org.cupola.protocol.routing.RoutingJson;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.cupola.protocol.uaa.TokenClient;
import org.cupola.protocol.uaa.UaaConnection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code cupola rtr}: the original's commands for the Routing API, with its flags, texts and exit codes. */
@Command(
        name = "rtr",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RtrCommand.ListRoutes.class,
            RtrCommand.Register.class,
            RtrCommand.Unregister.class,
            RtrCommand.Events.class
        },
        description = "Lists, registers and unregisters HTTP routes of a Routing API, and shows its events.")
final class RtrCommand {
    private static final int USAGE = 1;
    private static final int FAILED = 3;

    /** What every command is told. */
    static final class Target {
        @Spec(Spec.Target.MIXEE)
        private CommandSpec command;

        @Option(names = "--api", paramLabel = "URL", defaultValue = "", description = "The Routing API.")
        private String api;

        @Option(names = "--client-id", paramLabel = "ID", defaultValue = "", description = "OAuth client.")
        private String clientId;

        @Option(names = "--client-secret", paramLabel = "SECRET", defaultValue = "", description = "Its secret.")
        private String clientSecret;

        @Option(
                names = "--oauth-url",
                paramLabel = "URL",
                defaultValue = "",
                description = "The UAA, with its port; always spoken to over TLS.")
        private String oauthUrl;

        @Option(
                names = {"--skip-tls-verification", "-k"},
                description = "Trust any certificate.")
        private boolean skipTlsVerification;

        @Option(names = "--ca-certs", paramLabel = "FILE", description = "Authorities of the UAA, PEM.")
        private Path caCerts;

        PrintWriter out() {
            return command.commandLine().getOut();
        }

        /** Runs a command and gives its exit code. */
        int run(String failure, List<String> problems, Action action) {
            out().println();
            List<String> all = new ArrayList<>(problems());
            all.addAll(problems);
            if (!all.isEmpty()) {
                all.forEach(out()::println);
                command.commandLine().usage(out());
                return USAGE;
            }
            List<X509Certificate> authorities = caCerts == null ? List.of() : Pem.certificates(caCerts);
            try (HttpClients uaaClients = clients(authorities);
                    HttpClients apiClients = clients(List.of())) {
                var tokens = new TokenClient(
                        new UaaConnection(uaa().orElseThrow(), uaaClients, Duration.ofSeconds(60)),
                        clientId,
                        new Secret(clientSecret),
                        InstantSource.system());
                action.run(new RoutingApiClient(URI.create(api), apiClients, tokens, Duration.ofSeconds(60)));
                return 0;
            } catch (RoutingApiException | InterruptedException e) {
                out().println(failure + " " + e.getMessage());
                return FAILED;
            } finally {
                out().flush();
            }
        }

        private HttpClients clients(List<X509Certificate> authorities) {
            return skipTlsVerification ? HttpClients.trustingAnyone(null) : HttpClients.create(null, authorities);
        }

        private List<String> problems() {
            List<String> problems = new ArrayList<>();
            if (api.isEmpty()) {
                problems.add("Must provide an API endpoint for the routing-api component.");
            }
            if (clientId.isEmpty()) {
                problems.add("Must provide the id of an OAuth client.");
            }
            if (clientSecret.isEmpty()) {
                problems.add("Must provide an OAuth secret.");
            }
            if (oauthUrl.isEmpty()) {
                problems.add("Must provide an URL to the OAuth client.");
            } else if (uaa().isEmpty()) {
                problems.add("Invalid oauth url: " + oauthUrl + " (expected: a URL with a port)");
            }
            return problems;
        }

        private Optional<URI> uaa() {
            try {
                URI given = URI.create(oauthUrl.contains("://") ? oauthUrl : "https://" + oauthUrl);
                return given.getHost() == null || given.getPort() < 0
                        ? Optional.empty()
                        : Optional.of(URI.create("https://" + given.getHost() + ":" + given.getPort()));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
    }

    interface Action {
        void run(RoutingApiClient api) throws RoutingApiException, InterruptedException;
    }

    /** A JSON list of routes. */
    private record Routes(List<HttpRoute> routes, List<String> problems) {
        static Routes parse(String json) {
            try {
                List<HttpRoute> routes = new ArrayList<>();
                JsonNode list = RoutingJson.MAPPER.readTree(json);
                if (!list.isArray()) {
                    return new Routes(List.of(), List.of("Invalid json format."));
                }
                list.forEach(item -> routes.add(HttpRoute.read(item)));
                return new Routes(routes, List.of());
            } catch (JacksonException | IllegalArgumentException e) {
                return new Routes(List.of(), List.of("Invalid json format."));
            }
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists all HTTP routes as JSON.")
    static final class ListRoutes implements Callable<Integer> {
        @Mixin
        private Target target;

        @Override
        public Integer call() {
            return target.run("listing routes failed:", List.of(), api -> {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                api.routes().forEach(route -> array.add(route.toJson()));
                target.out().println(RoutingJson.MAPPER.writeValueAsString(array));
            });
        }
    }

    /** What register and unregister share: a list of routes, sent whole. */
    abstract static class Change implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(paramLabel = "JSON", description = "[{\"route\":\"…\",\"port\":80,\"ip\":\"…\",\"ttl\":60}]")
        private String json;

        /** @param prefix what tells the undoing from the doing in every text */
        final int send(String prefix, Sending sending) {
            Routes parsed = Routes.parse(json);
            return target.run("route " + prefix + "registration failed:", parsed.problems(), api -> {
                sending.send(api, parsed.routes());
                target.out().println("Successfully " + prefix + "registered routes: " + json);
            });
        }
    }

    interface Sending {
        void send(RoutingApiClient api, List<HttpRoute> routes) throws RoutingApiException, InterruptedException;
    }

    @Command(name = "register", mixinStandardHelpOptions = true, description = "Registers HTTP routes.")
    static final class Register extends Change {
        @Override
        public Integer call() {
            return send("", RoutingApiClient::upsertRoutes);
        }
    }

    @Command(name = "unregister", mixinStandardHelpOptions = true, description = "Unregisters HTTP routes.")
    static final class Unregister extends Change {
        @Override
        public Integer call() {
            return send("un", RoutingApiClient::deleteRoutes);
        }
    }

    @Command(name = "events", mixinStandardHelpOptions = true, description = "Shows changes of routes as they happen.")
    static final class Events implements Callable<Integer> {
        @Mixin
        private Target target;

        @Option(names = "--http", description = "Of HTTP routes; both kinds when neither is asked for.")
        private boolean http;

        @Option(names = "--tcp", description = "Of TCP routes.")
        private boolean tcp;

        @Override
        public Integer call() {
            return target.run("streaming events failed:", List.of(), api -> {
                List<Thread> readers = new ArrayList<>();
                if (http || !tcp) {
                    RoutingEvents<HttpRoute> events = api.routeEvents("");
                    readers.add(Thread.ofVirtual().start(() -> show(events, "Route", HttpRoute::toJson)));
                }
                if (tcp || !http) {
                    RoutingEvents<TcpRouteMapping> events = api.tcpRouteEvents("");
                    readers.add(
                            Thread.ofVirtual().start(() -> show(events, "TcpRouteMapping", TcpRouteMapping::toJson)));
                }
                for (Thread reader : readers) {
                    reader.join();
                }
            });
        }

        private <T> void show(RoutingEvents<T> events, String name, Function<T, ObjectNode> toJson) {
            String end = "EOF";
            try (events) {
                for (var event = events.next(); event.isPresent(); event = events.next()) {
                    print(event.get(), name, toJson);
                }
            } catch (RoutingApiException e) {
                end = String.valueOf(e.getMessage());
            }
            synchronized (this) {
                target.out().println("Connection closed: " + end);
            }
        }

        private synchronized <T> void print(RouteEvent<T> event, String name, Function<T, ObjectNode> toJson) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.set(name, toJson.apply(event.route()));
            json.put("Action", event.action().wireName());
            target.out().println(RoutingJson.MAPPER.writeValueAsString(json));
            target.out().println();
            target.out().flush();
        }
    }
}
