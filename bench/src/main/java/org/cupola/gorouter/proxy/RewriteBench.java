package org.cupola.gorouter.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.cupola.gorouter.BenchRouter;
import org.cupola.gorouter.head.RequestHeadBench;
import org.cupola.gorouter.head.ResponseHead;
import org.cupola.gorouter.head.Verdict;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.Pool;
import org.cupola.gorouter.series.SeriesSets;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What is written for one request: the head for its backend, the head for its client, its line in the access log, counts. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RewriteBench {
    private static final String HOSTS = "\"app.test\",\"shop.apps.example.com\"";

    /** What is configured. */
    public enum Setup {
        DEFAULT("", ""),
        /** Metrics per route, backend and app. */
        SERIES("""
            prometheus: {enabled: true}
            per_app_prometheus_http_metrics_reporting: true
            cupola: {metrics: {per_route: true, per_backend: true}}
            """, ""),
        /** Trace headers, more headers in the access log, rewritten responses, balancing by hash. */
        EXTRAS("""
            tracing: {enable_zipkin: true, enable_w3c: true}
            extra_headers_to_log: [Accept-Language, X-Custom]
            http_rewrite:
              responses:
                add_headers_if_not_present: [{name: Strict-Transport-Security, value: max-age=31536000}]
                remove_headers: [{name: Server}]
            """, "\"loadbalancing\":\"hash\",\"hash_header\":\"accept-language\"");

        private final String yaml;
        private final String options;

        Setup(String yaml, String options) {
            this.yaml = yaml;
            this.options = options;
        }
    }

    private static final String RESPONSE = """
            HTTP/1.1 200 OK
            Server: nginx/1.26.0
            Date: Tue, 24 Nov 2026 12:00:00 GMT
            Content-Type: application/octet-stream
            Content-Length: 1024
            Last-Modified: Tue, 24 Nov 2026 11:00:00 GMT
            Connection: keep-alive
            ETag: "69234b1a-400"
            Accept-Ranges: bytes

            """;

    @Param
    private RequestHeadBench.Sample sample = RequestHeadBench.Sample.SMALL;

    @Param
    private Setup setup = Setup.DEFAULT;

    private @Nullable Parts parts;

    @org.openjdk.jmh.annotations.Setup
    public void prepare() throws Exception {
        parts = new Parts(sample, setup);
    }

    private Parts parts() {
        return Objects.requireNonNull(parts, "set up");
    }

    @TearDown
    public void stop() {
        parts().group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Benchmark
    public @Nullable Object lookup() {
        return RouteLookup.find(parts().exchange);
    }

    @Benchmark
    public int traceHeaders() {
        Exchange exchange = parts().exchange;
        Loop loop = exchange.loop();
        exchange.trace().clear();
        exchange.trace().begin(exchange.request(), loop.settings().headers(), loop.ids(), exchange.requestId());
        return exchange.trace().lines().length();
    }

    @Benchmark
    public int requestHead() {
        Parts it = parts();
        ByteSink out = it.loop.head();
        RequestWriter.write(it.exchange, it.endpoint, out);
        return out.length();
    }

    @Benchmark
    public int responseHead() {
        Parts it = parts();
        ByteSink out = it.loop.head();
        ResponseWriter.write(it.exchange, it.response, BodyFraming.LENGTH, ResponseWriter.Connection.DEFAULT, out);
        return out.length();
    }

    @Benchmark
    public int accessLine() {
        Parts it = parts();
        it.line.clear();
        AccessLine.write(it.exchange, System.nanoTime(), it.line, AccessLine.Limits.NONE);
        return it.line.length();
    }

    /** All that is counted and timed of a request, with the readings of the clock; the access log apart. */
    @Benchmark
    public void reports() {
        Parts it = parts();
        Exchange exchange = it.exchange;
        exchange.times().begin();
        exchange.times().beginAttempt(System.nanoTime());
        Reports reports = it.loop.reports();
        reports.lookedUp(100);
        reports.attemptBegan(it.endpoint);
        reports.attemptEnded(exchange, 200, 1024);
        exchange.times().endApp();
        reports.ended(exchange);
    }

    /** An exchange in the middle of its life. */
    private static final class Parts {
        private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        private final ResponseHead response = new ResponseHead();
        private final ByteSink line = new ByteSink(1024);
        private final Loop loop;
        private final Exchange exchange;
        private final Endpoint endpoint;

        private Parts(RequestHeadBench.Sample sample, Setup setup) throws Exception {
            var router = new BenchRouter(setup.yaml);
            router.message(
                    "router.register",
                    ("{\"host\":\"10.0.0.1\",\"port\":8080,\"uris\":[" + HOSTS + "],\"app\":\"app\","
                                    + "\"private_instance_id\":\"instance\",\"private_instance_index\":\"0\","
                                    + "\"options\":{" + setup.options
                                    + "},\"tags\":{\"component\":\"route-emitter\",\"source_id\":\"app\"}}")
                            .getBytes(ISO_8859_1));
            ProxySettings settings = router.settings();
            var shared = new Shared(
                    settings,
                    router.table(),
                    AccessLog.off(),
                    new Telemetry(null, false, false, false, true, "0", false, false),
                    new RouterHealth(),
                    router.tlsClients(),
                    router.routeServices(),
                    SeriesSets.of(settings.series(), 1),
                    new Prober(1000),
                    Runnable::run);
            loop = new Loop(shared, (EventLoop) group.next(), 0, 1, NioSocketChannel::new);
            exchange = new Exchange(loop);
            exchange.attach(new Client());
            sample.into(exchange.request());
            Answer refusal = RouteLookup.find(exchange);
            if (refusal != null) {
                throw new IllegalStateException(refusal.body());
            }
            Pool pool = exchange.pool();
            if (pool == null) {
                throw new IllegalStateException("the route is registered");
            }
            endpoint = pool.endpoints().getFirst();
            exchange.attributeTo(endpoint);
            exchange.times().begin();
            exchange.times().beginAttempt(System.nanoTime());
            exchange.times().endApp();
            exchange.outcome().ofBackend(200);
            byte[] head = RESPONSE.replace("\n", "\r\n").getBytes(ISO_8859_1);
            System.arraycopy(head, 0, response.room(head.length), 0, head.length);
            response.added(head.length);
            if (response.read(Integer.MAX_VALUE, Integer.MAX_VALUE) != Verdict.COMPLETE) {
                throw new IllegalStateException("a complete head");
            }
        }
    }

    private static final class Client implements ClientStream {
        private final ClientAddress remote =
                new ClientAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000));

        @Override
        public ClientAddress remote() {
            return remote;
        }

        @Override
        public boolean isTls() {
            return false;
        }

        @Override
        public HttpVersion version() {
            return HttpVersion.HTTP_1;
        }

        @Override
        public String certificate() {
            return "";
        }

        @Override
        public void answer(Answer answer) {}

        @Override
        public void interim(ResponseHead head) {}

        @Override
        public void continueRequest() {}

        @Override
        public void responseHead(ResponseHead head, BodyFraming framing) {}

        @Override
        public void responseBody(ByteBuf piece) {
            piece.release();
        }

        @Override
        public void flush() {}

        @Override
        public void responseEnd() {}

        @Override
        public void abort() {}

        @Override
        public void resumeRequestBody() {}

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void becomeTunnel() {}
    }
}
