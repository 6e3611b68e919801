package org.cupola.gorouter.routes;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.cupola.protocol.routing.RegistryMessage;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Finding the route of a request, another each time. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookupBench {
    private static final int ASKED = 1024;

    /** What is asked for. */
    public enum Kind {
        HOST,
        WILDCARD,
        PATH,
        NONE
    }

    @Param({"10", "100000"})
    private int routes;

    @Param
    private Kind kind = Kind.HOST;

    private final RouteTable table = new RouteTable(
            new RouteTable.Rules(Sharding.EVERYTHING, Long.MAX_VALUE, false, 0, true),
            new SplittableRandom(1),
            RouteChanges.IGNORED);
    private final byte[][] requests = new byte[ASKED][];
    private final int[] hostEnds = new int[ASKED];
    private int turn;

    @Setup
    public void register() {
        EndpointInfo info = EndpointInfo.of(
                RegistryMessage.builder("10.0.0.1", List.of()).port(8080).build(), true);
        for (int i = 0; i < routes; i++) {
            table.register(route(i), info, 0);
        }
        var random = new SplittableRandom(2);
        for (int i = 0; i < ASKED; i++) {
            int number = random.nextInt(routes);
            String host = switch (kind) {
                case HOST, PATH -> "app-" + number + ".apps.example.com";
                case WILDCARD -> "any.app-" + number + ".apps.example.com";
                case NONE -> "nobody-" + number + ".other.example.org";
            };
            requests[i] = (host + "/api/v2/things/17").getBytes(US_ASCII);
            hostEnds[i] = host.length();
        }
    }

    private String route(int number) {
        String host = "app-" + number + ".apps.example.com";
        return switch (kind) {
            case HOST, NONE -> host;
            case WILDCARD -> "*." + host;
            case PATH -> host + "/api/v2";
        };
    }

    @Benchmark
    public @Nullable Object lookup() {
        int at = turn++ & ASKED - 1;
        byte[] request = requests[at];
        return table.lookup(request, 0, hostEnds[at], hostEnds[at], request.length);
    }
}
