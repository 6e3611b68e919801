package org.cupola.loggregator;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import org.cupola.loggregator.logcache.LogStore;
import org.cupola.loggregator.rlp.EgressService;

/** What the boxes count, under the originals' names, as text for whoever scrapes. */
record MetricsPage(Boxes boxes, EgressService rlp) {
    void register(ServerBuilder server) {
        server.service("/health", (ctx, request) -> HttpResponse.of(HttpStatus.OK))
                .service(
                        "/metrics",
                        (ctx, request) -> HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, text()));
    }

    String text() {
        LogStore.Figures cache = boxes.logCache().figures();
        var text = new StringBuilder();
        add(text, "ingress", boxes.agent().ingress());
        add(text, "origin_mappings", boxes.agent().originMappings());
        add(text, "egress", boxes.doppler().egress());
        add(text, "dropped{direction=\"egress\"}", boxes.doppler().dropped());
        add(text, "subscriptions", boxes.doppler().subscriptions());
        add(text, "egress_streams", rlp.streams());
        add(text, "rejected_streams", rlp.rejected());
        add(text, "log_cache_ingress", cache.ingress());
        add(text, "log_cache_egress", cache.egress());
        add(text, "log_cache_expired", cache.expired());
        add(text, "log_cache_store_size", cache.size());
        add(text, "log_cache_store_bytes", cache.bytes());
        add(text, "log_cache_cache_period", cache.periodMillis());
        return text.toString();
    }

    private static void add(StringBuilder text, String name, long value) {
        text.append(name).append(' ').append(value).append('\n');
    }
}
