package org.cupola.protocol.loggregator;

import java.util.Optional;
import org.cupola.protocol.loggregator.v1.ContainerMetric;
import org.cupola.protocol.loggregator.v1.HttpStartStop;
import org.cupola.protocol.loggregator.v1.LogMessage;
import org.cupola.protocol.loggregator.v2.Counter;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.Gauge;
import org.cupola.protocol.loggregator.v2.GaugeValue;
import org.cupola.protocol.loggregator.v2.Log;
import org.cupola.protocol.loggregator.v2.Timer;

/**
 * Envelope v1 to v2, as the agent's UDP side does it: the v1 fields that v2 has no place for become tags, the source is the
 * application where there is one, else the tag {@code source_id}, else the origin. Pure.
 */
public final class FromV1 {
    private FromV1() {}

    /** None for an envelope without the event that its type names. */
    public static Optional<Envelope> convert(org.cupola.protocol.loggregator.v1.Envelope v1) {
        Envelope.Builder v2 = Envelope.newBuilder()
                .setTimestamp(v1.getTimestamp())
                .setSourceId(v1.getOrigin())
                .putAllTags(v1.getTagsMap());
        tag(v2, "origin", v1.getOrigin());
        tag(v2, "deployment", v1.getDeployment());
        tag(v2, "job", v1.getJob());
        tag(v2, "index", v1.getIndex());
        tag(v2, "ip", v1.getIp());
        String source = v1.getTagsOrDefault("source_id", "");
        if (!source.isEmpty()) {
            v2.setSourceId(source).removeTags("source_id");
        }
        String instance = v1.getTagsOrDefault("instance_id", "");
        if (!instance.isEmpty()) {
            v2.setInstanceId(instance).removeTags("instance_id");
        }
        boolean whole = switch (v1.getEventType()) {
            case HttpStartStop -> v1.hasHttpStartStop() && http(v2, v1.getHttpStartStop());
            case LogMessage -> v1.hasLogMessage() && log(v2, v1.getLogMessage());
            case ValueMetric -> {
                var metric = v1.getValueMetric();
                v2.setGauge(gauge(Gauge.newBuilder(), metric.getName(), metric.getValue(), metric.getUnit()));
                yield v1.hasValueMetric();
            }
            case CounterEvent -> {
                var counter = v1.getCounterEvent();
                v2.setCounter(Counter.newBuilder()
                        .setName(counter.getName())
                        .setDelta(counter.getDelta())
                        .setTotal(counter.getTotal()));
                yield v1.hasCounterEvent();
            }
            case Error -> {
                v2.putTags("__v1_type", "Error")
                        .putTags("source", v1.getError().getSource())
                        .putTags("code", Integer.toString(v1.getError().getCode()))
                        .setLog(Log.newBuilder()
                                .setPayload(v1.getError().getMessageBytes())
                                .setType(Log.Type.OUT));
                yield v1.hasError();
            }
            case ContainerMetric -> v1.hasContainerMetric() && container(v2, v1.getContainerMetric());
        };
        return whole && v1.hasEventType() ? Optional.of(v2.build()) : Optional.empty();
    }

    private static boolean http(Envelope.Builder v2, HttpStartStop http) {
        if (http.hasApplicationId()) {
            v2.setSourceId(Uuids.text(http.getApplicationId()));
        }
        if (http.hasInstanceIndex()) {
            v2.setInstanceId(Integer.toString(http.getInstanceIndex()));
        }
        if (http.hasRequestId()) {
            tag(v2, "request_id", Uuids.text(http.getRequestId()));
        }
        tag(v2, "peer_type", http.getPeerType() == 1 ? "Client" : "Server");
        tag(v2, "method", HttpMethods.name(http.getMethod()));
        tag(v2, "uri", http.getUri());
        tag(v2, "remote_address", http.getRemoteAddress());
        tag(v2, "user_agent", http.getUserAgent());
        tag(v2, "status_code", Integer.toString(http.getStatusCode()));
        tag(v2, "content_length", Long.toString(http.getContentLength()));
        tag(v2, "routing_instance_id", http.getInstanceId());
        tag(v2, "forwarded", String.join("\n", http.getForwardedList()));
        v2.setTimer(Timer.newBuilder()
                .setName("http")
                .setStart(http.getStartTimestamp())
                .setStop(http.getStopTimestamp()));
        return true;
    }

    private static boolean log(Envelope.Builder v2, LogMessage log) {
        if (!log.getAppId().isEmpty()) {
            v2.setSourceId(log.getAppId());
        }
        if (log.hasTimestamp()) {
            v2.setTimestamp(log.getTimestamp());
        }
        if (!log.getSourceInstance().isEmpty()) {
            v2.setInstanceId(log.getSourceInstance());
        }
        tag(v2, "source_type", log.getSourceType());
        v2.setLog(Log.newBuilder()
                .setPayload(log.getMessage())
                .setType(log.getMessageType() == LogMessage.MessageType.ERR ? Log.Type.ERR : Log.Type.OUT));
        return true;
    }

    private static boolean container(Envelope.Builder v2, ContainerMetric metric) {
        v2.setSourceId(metric.getApplicationId()).setInstanceId(Integer.toString(metric.getInstanceIndex()));
        Gauge.Builder gauge = Gauge.newBuilder();
        gauge(gauge, "cpu", metric.getCpuPercentage(), "percentage");
        gauge(gauge, "memory", (double) metric.getMemoryBytes(), "bytes");
        gauge(gauge, "disk", (double) metric.getDiskBytes(), "bytes");
        gauge(gauge, "memory_quota", (double) metric.getMemoryBytesQuota(), "bytes");
        gauge(gauge, "disk_quota", (double) metric.getDiskBytesQuota(), "bytes");
        v2.setGauge(gauge);
        return true;
    }

    private static Gauge.Builder gauge(Gauge.Builder gauge, String name, double value, String unit) {
        return gauge.putMetrics(
                name, GaugeValue.newBuilder().setValue(value).setUnit(unit).build());
    }

    private static void tag(Envelope.Builder envelope, String name, String value) {
        if (!value.isEmpty()) {
            envelope.putTags(name, value);
        }
    }
}
