package org.cupola.nats;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.cupola.nats.MonitorReports.BadParameter;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.json.Json;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.core.util.Separators.Spacing;
import tools.jackson.databind.ObjectWriter;

/**
 * The monitoring pages over HTTP, without authentication, as nats-server has them: {@code /varz}, {@code /connz}, {@code
 * /subsz}, {@code /routez} and {@code /healthz}.
 *
 * <p>Each request is served on a virtual thread of its own.
 */
final class MonitorServer implements AutoCloseable {
    private static final ObjectWriter PRETTY = Json.MAPPER
            .writer()
            .with(new DefaultPrettyPrinter(Separators.createDefaultInstance()
                            .withObjectNameValueSpacing(Spacing.AFTER)
                            .withObjectEmptySeparator("")
                            .withArrayEmptySeparator(""))
                    .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                    .withArrayIndenter(new DefaultIndenter("  ", "\n")));

    private final Broker broker;
    private final MonitorReports reports;
    private final String basePath;
    private final HttpServer server;
    private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();

    private interface Page {
        Map<String, Object> report(MonitorQuery query) throws BadParameter;
    }

    MonitorServer(Broker broker, NatsConfig.Monitoring monitoring) {
        this.broker = broker;
        this.reports = new MonitorReports(broker);
        this.basePath = monitoring.basePath();
        NatsConfig.Tls tls = broker.config().tls();
        HttpListener listener = monitoring.tls() && tls != null
                ? HttpListener.tls(monitoring.listen(), tls.identity())
                : HttpListener.plain(monitoring.listen());
        this.server = new HttpServer("nats-monitor", listener, this::addPages);
        List.of("/", "/varz", "/connz", "/routez", "/subsz", "/healthz")
                .forEach(path -> requests.put(path, new LongAdder()));
    }

    void start() throws Exception {
        server.start();
        broker.monitoredOn(server.port());
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
    }

    private void addPages(ServerBuilder builder) {
        page(builder, "/varz", "/varz", _ -> reports.server(requestCounts()));
        page(builder, "/connz", "/connz", reports::connections);
        page(builder, "/subsz", "/subsz", reports::subscriptions);
        page(builder, "/subscriptionsz", "/subsz", reports::subscriptions);
        page(builder, "/routez", "/routez", _ -> reports.routes());
        builder.service(basePath + "/healthz", new BlockingService((ctx, _) -> {
            count("/healthz");
            return health(ctx);
        }));
        builder.service(basePath + "/", new BlockingService((_, _) -> {
            count("/");
            return HttpResponse.of(HttpStatus.OK, MediaType.HTML_UTF_8, index());
        }));
    }

    private String index() {
        var html = new StringBuilder("<html><head><title>NATS</title></head><body>\n");
        for (String page : List.of("varz", "connz", "routez", "subsz", "healthz")) {
            html.append("<p><a href=\"" + basePath + "/" + page + "\">" + page + "</a></p>\n");
        }
        return html.append("</body></html>\n").toString();
    }

    private void page(ServerBuilder builder, String path, String countedAs, Page page) {
        builder.service(basePath + path, new BlockingService((ctx, _) -> {
            count(countedAs);
            return serve(ctx, page);
        }));
    }

    private static HttpResponse serve(ServiceRequestContext ctx, Page page) {
        try {
            byte[] json = PRETTY.writeValueAsBytes(page.report(new MonitorQuery(ctx::queryParam)));
            return respond(ctx, HttpStatus.OK, json);
        } catch (BadParameter e) {
            return HttpResponse.of(HttpStatus.BAD_REQUEST, MediaType.PLAIN_TEXT_UTF_8, e.getMessage() + "\n");
        }
    }

    private HttpResponse health(ServiceRequestContext ctx) {
        Map<String, Object> health = new LinkedHashMap<>();
        boolean ok = broker.isAccepting();
        health.put("status", ok ? "ok" : "error");
        if (!ok) {
            health.put("error", "not accepting connections");
        }
        return respond(ctx, ok ? HttpStatus.OK : HttpStatus.INTERNAL_SERVER_ERROR, Json.bytes(health));
    }

    /** JSON, or a call of the script function that the client names. */
    private static HttpResponse respond(ServiceRequestContext ctx, HttpStatus status, byte[] json) {
        String callback = ctx.queryParam("callback");
        ResponseHeadersBuilder headers = ResponseHeaders.builder(status);
        if (callback == null || callback.isEmpty()) {
            headers.contentType(MediaType.parse("application/json")).add("Access-Control-Allow-Origin", "*");
            return HttpResponse.of(headers.build(), HttpData.wrap(json));
        }
        headers.contentType(MediaType.parse("application/javascript"));
        String call = callback + "(" + new String(json, StandardCharsets.UTF_8) + ")";
        return HttpResponse.of(headers.build(), HttpData.ofUtf8(call));
    }

    private void count(String path) {
        requests.computeIfAbsent(path, _ -> new LongAdder()).increment();
    }

    private Map<String, Long> requestCounts() {
        Map<String, Long> counts = new TreeMap<>();
        requests.forEach((path, count) -> counts.put(basePath + path, count.sum()));
        return counts;
    }
}
