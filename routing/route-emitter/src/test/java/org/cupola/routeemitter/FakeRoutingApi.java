package org.cupola.routeemitter;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.json.Json;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;

/** A Routing API that takes TCP mappings, and the UAA whose newest token it wants to see. */
final class FakeRoutingApi implements AutoCloseable {
    final List<String> calls = new CopyOnWriteArrayList<>();
    final AtomicInteger tokens = new AtomicInteger();
    final AtomicInteger refusals = new AtomicInteger();
    volatile int acceptedToken = 1;
    private final HttpServer server;
    private final String publicKey;

    FakeRoutingApi(CertificateAuthority authority) {
        publicKey = Pem.write(authority.certificate().getPublicKey());
        server = new HttpServer(
                "fake-routing-api",
                HttpListener.plain(new InetSocketAddress("127.0.0.1", 0)),
                services -> services.service("/routing/v1/tcp_routes/create", new BlockingService(this::create))
                        .service("/routing/v1/tcp_routes/delete", new BlockingService(this::delete))
                        .service("/oauth/token", new BlockingService(this::token))
                        .service("/token_key", new BlockingService(this::key)));
    }

    FakeRoutingApi start() throws Exception {
        server.start();
        return this;
    }

    int port() {
        return server.port();
    }

    private HttpResponse create(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        return record("create", HttpStatus.CREATED, request);
    }

    private HttpResponse delete(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        return record("delete", HttpStatus.NO_CONTENT, request);
    }

    private HttpResponse record(String action, HttpStatus status, AggregatedHttpRequest request) {
        if (!("bearer token-" + acceptedToken).equals(request.headers().get("authorization"))) {
            refusals.incrementAndGet();
            return HttpResponse.of(HttpStatus.UNAUTHORIZED);
        }
        calls.add(action + " " + request.contentUtf8());
        return HttpResponse.of(status);
    }

    private HttpResponse token(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        return HttpResponse.of(
                HttpStatus.OK,
                MediaType.JSON,
                "{\"access_token\":\"token-" + tokens.incrementAndGet()
                        + "\",\"token_type\":\"bearer\",\"expires_in\":3600}");
    }

    private HttpResponse key(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        return HttpResponse.of(
                HttpStatus.OK,
                MediaType.JSON,
                "{\"kid\":\"key\",\"kty\":\"RSA\",\"alg\":\"RS256\",\"value\":" + Json.text(publicKey) + "}");
    }

    @Override
    public void close() {
        server.close();
    }
}
