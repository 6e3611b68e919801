package org.cupola.samples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP app that says which instance of it answered. {@code GET /} answers {@code hello from instance N}, {@code GET
 * /env/NAME} one environment variable, {@code GET /pid} its process id, {@code POST /echo} its own body, {@code GET /crash}
 * ends the process with code 42.
 *
 * <p>On SIGTERM it finishes what it is serving.
 */
final class HelloHttp {
    private static final String INSTANCE =
            System.getenv().getOrDefault("CF_INSTANCE_INDEX", System.getenv().getOrDefault("INSTANCE_INDEX", "?"));
    private static final AtomicInteger ACTIVE = new AtomicInteger();

    private HelloHttp() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        var server = HttpServer.create(new InetSocketAddress(port), 512);
        server.createContext("/", HelloHttp::serve);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(ACTIVE.get() > 0 ? 2 : 0)));
        server.start();
        System.out.println("instance " + INSTANCE + " listens on " + port);
    }

    private static void serve(HttpExchange exchange) throws IOException {
        ACTIVE.incrementAndGet();
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (path.equals("/crash")) {
                System.err.println("crashing as asked");
                Runtime.getRuntime().halt(42);
            }
            byte[] answer = switch (path) {
                case "/echo" -> body;
                case "/pid" -> utf8(Long.toString(ProcessHandle.current().pid()));
                case String env
                when env.startsWith("/env/") -> utf8(System.getenv().getOrDefault(env.substring(5), ""));
                default -> utf8("hello from instance " + INSTANCE + "\n");
            };
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
        } finally {
            ACTIVE.decrementAndGet();
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
