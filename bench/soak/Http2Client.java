import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;

/** Requests over HTTP/2, several at once on each connection, to a few of the routes. */
final class Http2Client implements Runnable {
    private static final int ROUTES = 8;

    private final Load load;
    private final HttpClient client;
    private final Semaphore room = new Semaphore(16);
    private int sent;

    Http2Client(Load load, SSLContext tls) {
        this.load = load;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .sslContext(tls)
                .build();
    }

    @Override
    public void run() {
        while (!load.stop) {
            room.acquireUninterruptibly();
            send(load.routes.get(ThreadLocalRandom.current().nextInt(ROUTES)));
            LockSupport.parkNanos(Math.max(load.intervalNanos / 4, 2_000_000L));
        }
        client.close();
    }

    private void send(Route route) {
        String token = "h2-" + Integer.toHexString(sent++);
        int size = ThreadLocalRandom.current().nextInt(20) == 0 ? 65_536 : 1024;
        var request = HttpRequest.newBuilder(
                        URI.create("https://" + route.host + ":" + load.tlsPort + "/f/" + size + "/" + token))
                .timeout(Duration.ofSeconds(40))
                .build();
        long begun = System.nanoTime();
        var seen = new AtomicReference<Head>();
        client.sendAsync(request, info -> {
                    seen.set(Head.of(info.statusCode(), info.headers()));
                    return HttpResponse.BodySubscribers.ofByteArray();
                })
                .whenComplete((response, failure) -> {
                    room.release();
                    boolean whole = response != null && response.statusCode() == 200;
                    if (whole && !Payload.matches(response.body(), token, size)) {
                        load.tally.failed("wrong bytes (HTTP/2)", load.describe(route, seen.get(), token, ""));
                        return;
                    }
                    load.judge(route, begun, false, seen.get(), token, failure == null ? "" : failure.toString());
                });
    }
}
