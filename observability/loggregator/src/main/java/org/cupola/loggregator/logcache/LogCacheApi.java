package org.cupola.loggregator.logcache;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.cupola.loggregator.access.LogAccess;
import org.cupola.loggregator.access.LogAccess.Reader;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.json.Json;
import org.cupola.protocol.loggregator.EnvelopeJson;
import org.cupola.protocol.loggregator.logcache.EnvelopeType;
import org.cupola.protocol.loggregator.logcache.MetaInfo;
import org.cupola.protocol.loggregator.logcache.ReadRequest;
import tools.jackson.databind.node.ObjectNode;

/**
 * Log Cache over HTTP, for users with a token: gateway and auth proxy of the original in one. What a caller may not see is not
 * found, as is everything without a good token.
 */
public final class LogCacheApi {
    /** Clients look only at its first number. */
    private static final String VERSION = "3.2.0";

    private static final int UNKNOWN = 2;

    private final LogStore store;
    private final LogAccess access;
    private final long startedNanos = System.nanoTime();

    public LogCacheApi(LogStore store, LogAccess access) {
        this.store = store;
        this.access = access;
    }

    public void register(ServerBuilder server) {
        server.service("/api/v1/info", (ctx, request) -> json(HttpStatus.OK, info()));
        server.route().get("/api/v1/read/{source_id}").build(new BlockingService(this::read));
        server.route().get("/api/v1/meta").build(new BlockingService(this::meta));
    }

    private ObjectNode info() {
        long seconds = (System.nanoTime() - startedNanos) / 1_000_000_000L;
        return Json.MAPPER.createObjectNode().put("version", VERSION).put("vm_uptime", Long.toString(seconds));
    }

    private HttpResponse read(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        String source = String.valueOf(ctx.pathParam("source_id"));
        Optional<Reader> reader = access.reader(request.headers().get(HttpHeaderNames.AUTHORIZATION, ""));
        if (reader.isEmpty() || !reader.get().mayRead(source)) {
            return notFound();
        }
        try {
            ObjectNode document = Json.MAPPER.createObjectNode();
            document.set("envelopes", EnvelopeJson.batch(store.read(query(source, ctx.queryParams()))));
            return json(HttpStatus.OK, document);
        } catch (IllegalArgumentException e) {
            return json(
                    HttpStatus.INTERNAL_SERVER_ERROR,
                    Json.MAPPER.createObjectNode().put("code", UNKNOWN).put("message", String.valueOf(e.getMessage())));
        }
    }

    static ReadRequest query(String source, QueryParams query) {
        ReadRequest.Builder read = ReadRequest.newBuilder()
                .setSourceId(source)
                .setStartTime(number(query, "start_time"))
                .setEndTime(number(query, "end_time"))
                .setLimit(number(query, "limit"))
                .setDescending(Boolean.parseBoolean(query.get("descending", "false")))
                .setNameFilter(query.get("name_filter", ""));
        for (String type : query.getAll("envelope_types")) {
            try {
                read.addEnvelopeTypes(EnvelopeType.valueOf(type.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "envelope_types: " + type + " (expected: LOG, COUNTER, GAUGE, TIMER, EVENT or ANY)", e);
            }
        }
        return read.build();
    }

    private static long number(QueryParams query, String name) {
        String text = query.get(name, "");
        try {
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + ": " + text + " (expected: a whole number)", e);
        }
    }

    private HttpResponse meta(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        Optional<Reader> reader = access.reader(request.headers().get(HttpHeaderNames.AUTHORIZATION, ""));
        if (reader.isEmpty()) {
            return notFound();
        }
        Map<String, MetaInfo> known = new TreeMap<>(store.meta());
        known.keySet().retainAll(reader.get().readable(List.copyOf(known.keySet())));
        ObjectNode document = Json.MAPPER.createObjectNode();
        ObjectNode meta = document.putObject("meta");
        known.forEach((source, info) -> {
            ObjectNode one = meta.putObject(source);
            put(one, "count", info.getCount());
            put(one, "expired", info.getExpired());
            put(one, "oldestTimestamp", info.getOldestTimestamp());
            put(one, "newestTimestamp", info.getNewestTimestamp());
        });
        return json(HttpStatus.OK, document);
    }

    private static void put(ObjectNode node, String key, long value) {
        if (value != 0) {
            node.put(key, Long.toString(value));
        }
    }

    private static HttpResponse json(HttpStatus status, ObjectNode document) {
        return HttpResponse.of(status, MediaType.JSON, Json.bytes(document));
    }

    private static HttpResponse notFound() {
        return json(
                HttpStatus.NOT_FOUND,
                Json.MAPPER.createObjectNode().put("code", 5).put("message", "Not Found"));
    }
}
