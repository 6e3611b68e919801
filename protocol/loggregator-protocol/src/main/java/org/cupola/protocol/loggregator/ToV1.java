package org.cupola.protocol.loggregator;

import java.util.List;
import java.util.Map;
import org.cupola.protocol.loggregator.v1.ContainerMetric;
import org.cupola.protocol.loggregator.v1.CounterEvent;
import org.cupola.protocol.loggregator.v1.Envelope;
import org.cupola.protocol.loggregator.v1.Envelope.EventType;
import org.cupola.protocol.loggregator.v1.HttpStartStop;
import org.cupola.protocol.loggregator.v1.LogMessage;
import org.cupola.protocol.loggregator.v1.ValueMetric;
import org.cupola.protocol.loggregator.v2.GaugeValue;
import org.cupola.protocol.loggregator.v2.Log;

/** Envelope v2 to v1, for readers of the firehose. Pure. */
public final class ToV1 {
    private static final List<String> CONTAINER = List.of("cpu", "memory", "disk", "memory_quota", "disk_quota");

    private ToV1() {}

    /** One for most; several for gauges; none for an event, which v1 has no form for. */
    public static List<Envelope> convert(org.cupola.protocol.loggregator.v2.Envelope envelope) {
        var v2 = Tags.preferred(envelope);
        return switch (v2.getMessageCase()) {
            case LOG -> List.of(log(v2));
            case COUNTER ->
                List.of(metric(v2)
                        .setEventType(EventType.CounterEvent)
                        .setCounterEvent(CounterEvent.newBuilder()
                                .setName(v2.getCounter().getName())
                                .setDelta(v2.getCounter().getDelta())
                                .setTotal(v2.getCounter().getTotal()))
                        .build());
            case GAUGE -> gauge(v2);
            case TIMER -> List.of(http(v2));
            case EVENT, MESSAGE_NOT_SET -> List.of();
        };
    }

    private static Envelope.Builder base(org.cupola.protocol.loggregator.v2.Envelope v2) {
        Map<String, String> tags = v2.getTagsMap();
        Envelope.Builder v1 = Envelope.newBuilder()
                .setOrigin(tags.getOrDefault("origin", ""))
                .setTimestamp(v2.getTimestamp())
                .setDeployment(tags.getOrDefault("deployment", ""))
                .setJob(tags.getOrDefault("job", ""))
                .setIndex(tags.getOrDefault("index", ""))
                .setIp(tags.getOrDefault("ip", ""))
                .putAllTags(tags)
                .putTags("source_id", v2.getSourceId());
        List.of("origin", "deployment", "job", "index", "ip", "__v1_type").forEach(v1::removeTags);
        return v1;
    }

    private static Envelope.Builder metric(org.cupola.protocol.loggregator.v2.Envelope v2) {
        Envelope.Builder v1 = base(v2);
        return v2.getInstanceId().isEmpty() ? v1 : v1.putTags("instance_id", v2.getInstanceId());
    }

    private static Envelope log(org.cupola.protocol.loggregator.v2.Envelope v2) {
        Map<String, String> tags = v2.getTagsMap();
        if ("Error".equals(tags.get("__v1_type"))) {
            return base(v2).setEventType(EventType.Error)
                    .setError(org.cupola.protocol.loggregator.v1.Error.newBuilder()
                            .setSource(tags.getOrDefault("source", ""))
                            .setCode((int) number(tags.getOrDefault("code", "")))
                            .setMessageBytes(v2.getLog().getPayload()))
                    .build();
        }
        return base(v2).setEventType(EventType.LogMessage)
                .setLogMessage(LogMessage.newBuilder()
                        .setMessage(v2.getLog().getPayload())
                        .setMessageType(
                                v2.getLog().getType() == Log.Type.ERR
                                        ? LogMessage.MessageType.ERR
                                        : LogMessage.MessageType.OUT)
                        .setTimestamp(v2.getTimestamp())
                        .setAppId(v2.getSourceId())
                        .setSourceType(tags.getOrDefault("source_type", ""))
                        .setSourceInstance(v2.getInstanceId()))
                .build();
    }

    private static List<Envelope> gauge(org.cupola.protocol.loggregator.v2.Envelope v2) {
        Map<String, GaugeValue> metrics = v2.getGauge().getMetricsMap();
        if (metrics.size() > 1 && CONTAINER.stream().allMatch(name -> isSet(metrics.get(name)))) {
            return List.of(base(v2).setEventType(EventType.ContainerMetric)
                    .setContainerMetric(ContainerMetric.newBuilder()
                            .setApplicationId(v2.getSourceId())
                            .setInstanceIndex((int) number(v2.getInstanceId()))
                            .setCpuPercentage(value(metrics, "cpu"))
                            .setMemoryBytes((long) value(metrics, "memory"))
                            .setDiskBytes((long) value(metrics, "disk"))
                            .setMemoryBytesQuota((long) value(metrics, "memory_quota"))
                            .setDiskBytesQuota((long) value(metrics, "disk_quota")))
                    .build());
        }
        return metrics.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(metric -> metric(v2)
                        .setEventType(EventType.ValueMetric)
                        .setValueMetric(ValueMetric.newBuilder()
                                .setName(metric.getKey())
                                .setValue(metric.getValue().getValue())
                                .setUnit(metric.getValue().getUnit()))
                        .build())
                .toList();
    }

    private static boolean isSet(@org.jspecify.annotations.Nullable GaugeValue metric) {
        return metric != null && (!metric.getUnit().isEmpty() || metric.getValue() != 0);
    }

    private static double value(Map<String, GaugeValue> metrics, String name) {
        return metrics.getOrDefault(name, GaugeValue.getDefaultInstance()).getValue();
    }

    private static Envelope http(org.cupola.protocol.loggregator.v2.Envelope v2) {
        Map<String, String> tags = v2.getTagsMap();
        HttpStartStop.Builder http = HttpStartStop.newBuilder()
                .setStartTimestamp(v2.getTimer().getStart())
                .setStopTimestamp(v2.getTimer().getStop())
                .setPeerType("Client".equals(tags.get("peer_type")) ? 1 : 2)
                .setMethod(HttpMethods.number(tags.getOrDefault("method", "")))
                .setUri(tags.getOrDefault("uri", ""))
                .setRemoteAddress(tags.getOrDefault("remote_address", ""))
                .setUserAgent(tags.getOrDefault("user_agent", ""))
                .setStatusCode((int) number(tags.getOrDefault("status_code", "")))
                .setContentLength(number(tags.getOrDefault("content_length", "")))
                .setInstanceIndex((int) number(v2.getInstanceId()))
                .setInstanceId(tags.getOrDefault("routing_instance_id", ""));
        Uuids.parse(tags.getOrDefault("request_id", "")).ifPresent(http::setRequestId);
        Uuids.parse(v2.getSourceId()).ifPresent(http::setApplicationId);
        String forwarded = tags.getOrDefault("forwarded", "");
        if (!forwarded.isEmpty()) {
            http.addAllForwarded(List.of(forwarded.split("\n")));
        }
        return base(v2).setEventType(EventType.HttpStartStop)
                .setHttpStartStop(http)
                .build();
    }

    private static long number(String text) {
        try {
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0; // a tag may be anything
        }
    }
}
