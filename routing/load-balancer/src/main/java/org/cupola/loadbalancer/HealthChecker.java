package org.cupola.loadbalancer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.cupola.loadbalancer.LoadBalancerConfig.Health;

/**
 * Asks each backend how it is, over and over, on a virtual thread of its own: 200 is well, anything else is not. A backend
 * without a health URL is well when it accepts a connection.
 */
final class HealthChecker implements AutoCloseable {
    private final Health health;
    private final HttpClient http;
    private final List<Thread> watchers = new ArrayList<>();

    HealthChecker(Health health) {
        this.health = health;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(health.timeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    private interface Check {
        /** @return what is wrong; empty when nothing is */
        String run() throws IOException, InterruptedException;
    }

    void watch(Backend backend, URI url) {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(health.timeout())
                .header("User-Agent", "cupola-load-balancer")
                .build();
        watch(backend, () -> {
            int status = http.send(request, BodyHandlers.discarding()).statusCode();
            return status == 200 ? "" : "health check answered " + status;
        });
    }

    void watch(Backend backend, InetSocketAddress address) {
        watch(backend, () -> {
            try (var socket = new Socket()) {
                socket.connect(address, (int) health.timeout().toMillis());
                return "";
            }
        });
    }

    private void watch(Backend backend, Check check) {
        watchers.add(Thread.ofVirtual().name("health-" + backend.name()).start(() -> {
            try {
                while (true) {
                    checkOnce(backend, check);
                    Thread.sleep(health.interval());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // closed
            }
        }));
    }

    private static void checkOnce(Backend backend, Check check) throws InterruptedException {
        try {
            String wrong = check.run();
            backend.checked(wrong.isEmpty(), wrong.isEmpty() ? "health check succeeded" : wrong);
        } catch (IOException e) {
            backend.checked(false, "health check failed: " + e);
        }
    }

    @Override
    public void close() {
        watchers.forEach(Thread::interrupt);
        http.shutdownNow();
    }
}
