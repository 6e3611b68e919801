package org.cupola.loggregator.rlp;

import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.QueryParams;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.cupola.loggregator.doppler.Selection;
import org.cupola.protocol.loggregator.v2.CounterSelector;
import org.cupola.protocol.loggregator.v2.EventSelector;
import org.cupola.protocol.loggregator.v2.GaugeSelector;
import org.cupola.protocol.loggregator.v2.LogSelector;
import org.cupola.protocol.loggregator.v2.Selector;
import org.cupola.protocol.loggregator.v2.TimerSelector;

/** What the query of {@code /v2/read} asks for. Immutable. */
record GatewayQuery(Selection selection, List<String> sourceIds, String shard, boolean deterministic) {

    /** Why a request is refused: the word for programs and the sentence for people. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient HttpStatus status;
        private final String error;

        Refused(HttpStatus status, String error, String message) {
            super(message);
            this.status = status;
            this.error = error;
        }

        HttpStatus status() {
            return status;
        }

        String error() {
            return error;
        }
    }

    static GatewayQuery parse(QueryParams query) throws Refused {
        if (query.isEmpty()) {
            throw bad("empty_query", "query cannot be empty");
        }
        List<String> sources = query.getAll("source_id");
        List<Selector.Builder> kinds = kinds(query);
        if (kinds.isEmpty()) {
            throw bad("missing_envelope_type", "query must provide at least one envelope type");
        }
        List<Selector> selectors = new ArrayList<>();
        for (String source : sources.isEmpty() ? List.of("") : sources) {
            for (Selector.Builder kind : kinds) {
                selectors.add(kind.setSourceId(source).build());
            }
        }
        return new GatewayQuery(
                new Selection(selectors),
                sources,
                query.get("shard_id", ""),
                !query.get("deterministic_name", "").isEmpty());
    }

    private static List<Selector.Builder> kinds(QueryParams query) throws Refused {
        List<Selector.Builder> kinds = new ArrayList<>();
        flag(query, "log", kinds, kind -> kind.setLog(LogSelector.getDefaultInstance()));
        flag(query, "counter", kinds, kind -> kind.setCounter(CounterSelector.getDefaultInstance()));
        flag(query, "gauge", kinds, kind -> kind.setGauge(GaugeSelector.getDefaultInstance()));
        flag(query, "timer", kinds, kind -> kind.setTimer(TimerSelector.getDefaultInstance()));
        flag(query, "event", kinds, kind -> kind.setEvent(EventSelector.getDefaultInstance()));
        for (String name : query.getAll("counter.name")) {
            if (name.isEmpty()) {
                throw bad("missing_counter_name", "counter.name is invalid without value");
            }
            kinds.add(Selector.newBuilder()
                    .setCounter(CounterSelector.newBuilder().setName(name)));
        }
        for (String names : query.getAll("gauge.name")) {
            if (names.isEmpty()) {
                throw bad("missing_gauge_name", "gauge.name is invalid without value");
            }
            kinds.add(
                    Selector.newBuilder().setGauge(GaugeSelector.newBuilder().addAllNames(List.of(names.split(",")))));
        }
        return kinds;
    }

    private static void flag(
            QueryParams query, String name, List<Selector.Builder> kinds, Consumer<Selector.Builder> kind) {
        if (query.contains(name)) {
            Selector.Builder selector = Selector.newBuilder();
            kind.accept(selector);
            kinds.add(selector);
        }
    }

    private static Refused bad(String error, String message) {
        return new Refused(HttpStatus.BAD_REQUEST, error, message);
    }
}
