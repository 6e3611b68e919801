package org.cupola.protocol.loggregator;

import java.util.Base64;
import java.util.Collection;
import java.util.TreeMap;
import org.cupola.platform.json.Json;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.GaugeValue;
import org.cupola.protocol.loggregator.v2.Value;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Envelopes in protobuf's JSON, as Log Cache and the RLP gateway answer: field names of the protocol, 64-bit numbers as
 * strings, bytes in base64, fields without a value written too. Pure.
 */
public final class EnvelopeJson {
    private EnvelopeJson() {}

    /** {@code {"batch":[…]}}. */
    public static ObjectNode batch(Collection<Envelope> envelopes) {
        ObjectNode document = Json.MAPPER.createObjectNode();
        ArrayNode batch = document.putArray("batch");
        envelopes.forEach(envelope -> batch.add(of(envelope)));
        return document;
    }

    public static ObjectNode of(Envelope envelope) {
        ObjectNode document = Json.MAPPER.createObjectNode();
        document.put("timestamp", Long.toString(envelope.getTimestamp()))
                .put("source_id", envelope.getSourceId())
                .put("instance_id", envelope.getInstanceId());
        ObjectNode deprecated = document.putObject("deprecated_tags");
        new TreeMap<>(envelope.getDeprecatedTagsMap()).forEach((name, value) -> deprecated.set(name, of(value)));
        ObjectNode tags = document.putObject("tags");
        new TreeMap<>(envelope.getTagsMap()).forEach(tags::put);
        switch (envelope.getMessageCase()) {
            case LOG ->
                document.putObject("log")
                        .put(
                                "payload",
                                Base64.getEncoder()
                                        .encodeToString(
                                                envelope.getLog().getPayload().toByteArray()))
                        .put("type", envelope.getLog().getType().name());
            case COUNTER ->
                document.putObject("counter")
                        .put("name", envelope.getCounter().getName())
                        .put(
                                "delta",
                                Long.toUnsignedString(envelope.getCounter().getDelta()))
                        .put(
                                "total",
                                Long.toUnsignedString(envelope.getCounter().getTotal()));
            case GAUGE -> {
                ObjectNode metrics = document.putObject("gauge").putObject("metrics");
                new TreeMap<>(envelope.getGauge().getMetricsMap()).forEach((name, value) -> put(metrics, name, value));
            }
            case TIMER ->
                document.putObject("timer")
                        .put("name", envelope.getTimer().getName())
                        .put("start", Long.toString(envelope.getTimer().getStart()))
                        .put("stop", Long.toString(envelope.getTimer().getStop()));
            case EVENT ->
                document.putObject("event")
                        .put("title", envelope.getEvent().getTitle())
                        .put("body", envelope.getEvent().getBody());
            case MESSAGE_NOT_SET -> {
                // a kind of message that is newer than this
            }
        }
        return document;
    }

    private static void put(ObjectNode metrics, String name, GaugeValue metric) {
        ObjectNode document = metrics.putObject(name).put("unit", metric.getUnit());
        double value = metric.getValue();
        if (Double.isFinite(value)) {
            document.put("value", value);
        } else {
            document.put("value", Double.toString(value)); // NaN, Infinity, -Infinity: as protobuf writes them
        }
    }

    private static ObjectNode of(Value value) {
        ObjectNode document = Json.MAPPER.createObjectNode();
        return switch (value.getDataCase()) {
            case TEXT -> document.put("text", value.getText());
            case INTEGER -> document.put("integer", Long.toString(value.getInteger()));
            case DECIMAL -> document.put("decimal", value.getDecimal());
            case DATA_NOT_SET -> document;
        };
    }
}
