package org.cupola.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.protocol.routing.RegistryMessage;

/**
 * Registrations as a router of a large platform gets them at its start, when every route emitter answers its greeting at once:
 * enough of them for the JVM to take a profile of the way they go, so that the next start compiles it once and well.
 */
final class ManyRoutes {
    private static final int ROUTES = 30_000;
    private static final String REGISTER = "router.register";

    private final OutputStream out;
    private final RouteTable table;

    /** @param nats a connection on which {@code CONNECT} was said */
    ManyRoutes(Socket nats, RouteTable table) throws IOException {
        this.out = new BufferedOutputStream(nats.getOutputStream(), 1 << 16);
        this.table = table;
    }

    /** All are registered, registered again, and unregistered. Blocks until they are gone. */
    void comeAndGo() throws IOException, InterruptedException {
        int others = table.routeCount();
        send(REGISTER);
        await(() -> table.routeCount() == others + ROUTES);
        send(REGISTER);
        send("router.unregister");
        await(() -> table.routeCount() == others);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private void send(String subject) throws IOException {
        for (int i = 0; i < ROUTES; i++) {
            byte[] message = message(i);
            out.write(("PUB " + subject + " " + message.length + "\r\n").getBytes(US_ASCII));
            out.write(message);
            out.write('\r');
            out.write('\n');
        }
        out.flush();
    }

    /** With all tags of an app's instance. */
    private static byte[] message(int i) {
        String app = guid("a", i);
        String instance = guid("b", i);
        return RegistryMessage.builder("10.0." + i / 25_600 + "." + i / 100 % 256, List.of("app-" + i + ".localhost"))
                .tlsPort(61_000 + i % 100)
                .app(app)
                .privateInstanceId(instance)
                .privateInstanceIndex("0")
                .serverCertDomainSan(instance)
                .availabilityZone("z" + i / 100 % 3)
                .tags(Map.ofEntries(
                        Map.entry("app_id", app),
                        Map.entry("app_name", "app-" + i),
                        Map.entry("component", "route-emitter"),
                        Map.entry("instance_id", "0"),
                        Map.entry("organization_id", guid("c", i / 200)),
                        Map.entry("organization_name", "org-" + i / 200),
                        Map.entry("process_id", app),
                        Map.entry("process_instance_id", instance),
                        Map.entry("process_type", "web"),
                        Map.entry("source_id", app),
                        Map.entry("space_id", guid("d", i / 20)),
                        Map.entry("space_name", "space-" + i / 20)))
                .build()
                .toEmitterJson();
    }

    private static String guid(String kind, int i) {
        return "%s0000000-0000-4000-8000-%012x".formatted(kind, i * 2_654_435_761L & 0xffffffffffffL);
    }
}
