package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import java.net.InetSocketAddress;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;

/** A Routing API with one router group of three ports. */
final class TestRoutingApi implements AutoCloseable {
    static final String GROUP = "router-group-guid";

    private final HttpServer server;

    TestRoutingApi() throws Exception {
        server = new HttpServer(
                "test-routing-api",
                HttpListener.plain(new InetSocketAddress("127.0.0.1", 0)),
                builder -> builder.service(
                        "/v1/router_groups",
                        (_, request) -> request.headers().contains("authorization")
                                ? HttpResponse.of(
                                        HttpStatus.OK,
                                        MediaType.JSON_UTF_8,
                                        "[{\"guid\":\"" + GROUP
                                                + "\",\"name\":\"default-tcp\",\"type\":\"tcp\",\"reservable_ports\":\"1024-1025,2000\"}]")
                                : HttpResponse.of(HttpStatus.UNAUTHORIZED)));
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.port();
    }

    @Override
    public void close() {
        server.close();
    }
}
