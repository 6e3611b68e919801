package org.cupola.protocol.loggregator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.HexFormat;
import java.util.List;
import org.cupola.protocol.loggregator.v2.Counter;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.Event;
import org.cupola.protocol.loggregator.v2.Gauge;
import org.cupola.protocol.loggregator.v2.GaugeValue;
import org.cupola.protocol.loggregator.v2.Log;
import org.cupola.protocol.loggregator.v2.Timer;
import org.cupola.protocol.loggregator.v2.Value;
import org.junit.jupiter.api.Test;

class EnvelopesTest {
    private static final String APP = "6f1a4a1c-0d0b-4b5e-9a63-0c5f2f0b6d11";

    private static Envelope.Builder envelope() {
        return Envelope.newBuilder()
                .setTimestamp(1700000000000000001L)
                .setSourceId(APP)
                .setInstanceId("2");
    }

    private static Envelope log() {
        return envelope()
                .putTags("source_type", "APP/PROC/WEB")
                .setLog(Log.newBuilder()
                        .setPayload(ByteString.copyFromUtf8("hi"))
                        .setType(Log.Type.ERR))
                .build();
    }

    private static Gauge.Builder gauge(Object... namesAndValues) {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            gauge.putMetrics(
                    (String) namesAndValues[i],
                    GaugeValue.newBuilder()
                            .setUnit("u")
                            .setValue((Double) namesAndValues[i + 1])
                            .build());
        }
        return gauge;
    }

    @Test
    void hasTheBytesOfTheProtocol() {
        Envelope envelope = Envelope.newBuilder()
                .setTimestamp(1)
                .setSourceId("s")
                .setInstanceId("i")
                .putTags("a", "b")
                .setLog(Log.newBuilder()
                        .setPayload(ByteString.copyFromUtf8("x"))
                        .setType(Log.Type.ERR))
                .build();

        // fields 1, 2, 8, 4 {1, 2} and 9 {1, 2}, in whatever order
        assertThat(HexFormat.of().formatHex(envelope.toByteArray()))
                .hasSize(2 * 23)
                .contains("0801", "120173", "420169", "22050a01781001", "4a060a01611201" + "62");
    }

    @Test
    void writesALogAsTheGatewayDoes() {
        assertThat(EnvelopeJson.batch(List.of(log())).toString())
                .isEqualTo("{\"batch\":[{\"timestamp\":\"1700000000000000001\",\"source_id\":\"" + APP
                        + "\",\"instance_id\":\"2\",\"deprecated_tags\":{},\"tags\":{\"source_type\":\"APP/PROC/WEB\"},"
                        + "\"log\":{\"payload\":\"aGk=\",\"type\":\"ERR\"}}]}");
    }

    @Test
    void writesEveryOtherKind() {
        Envelope counter = envelope()
                .setCounter(Counter.newBuilder().setName("c").setDelta(1).setTotal(-1))
                .build();
        Envelope gauge =
                envelope().setGauge(gauge("cpu", 0.5, "bad", Double.NaN)).build();
        Envelope timer = envelope()
                .setTimer(Timer.newBuilder().setName("t").setStart(1).setStop(2))
                .build();
        Envelope event = envelope()
                .setEvent(Event.newBuilder().setTitle("t").setBody("b"))
                .build();

        assertThat(EnvelopeJson.of(counter).get("counter").toString())
                .isEqualTo("{\"name\":\"c\",\"delta\":\"1\",\"total\":\"18446744073709551615\"}");
        assertThat(EnvelopeJson.of(gauge).get("gauge").toString())
                .isEqualTo(
                        "{\"metrics\":{\"bad\":{\"unit\":\"u\",\"value\":\"NaN\"},\"cpu\":{\"unit\":\"u\",\"value\":0.5}}}");
        assertThat(EnvelopeJson.of(timer).get("timer").toString())
                .isEqualTo("{\"name\":\"t\",\"start\":\"1\",\"stop\":\"2\"}");
        assertThat(EnvelopeJson.of(event).get("event").toString()).isEqualTo("{\"title\":\"t\",\"body\":\"b\"}");
    }

    @Test
    void movesTagsToWhereTheReaderLooks() {
        Envelope mixed = envelope()
                .putTags("a", "new")
                .putDeprecatedTags("a", Value.newBuilder().setText("old").build())
                .putDeprecatedTags("n", Value.newBuilder().setInteger(7).build())
                .build();

        assertThat(Tags.preferred(mixed).getTagsMap())
                .containsOnly(java.util.Map.entry("a", "new"), java.util.Map.entry("n", "7"));
        assertThat(Tags.preferred(mixed).getDeprecatedTagsMap()).isEmpty();
        assertThat(Tags.deprecated(mixed).getTagsMap()).isEmpty();
        assertThat(Tags.deprecated(mixed).getDeprecatedTagsOrThrow("a").getText())
                .isEqualTo("new");
    }

    @Test
    void aLogSurvivesTheWayToV1AndBack() {
        var v1 =
                ToV1.convert(log().toBuilder().putTags("origin", "rep").build()).getFirst();

        assertThat(v1.getOrigin()).isEqualTo("rep");
        assertThat(v1.getLogMessage().getAppId()).isEqualTo(APP);
        assertThat(v1.getLogMessage().getSourceType()).isEqualTo("APP/PROC/WEB");
        Envelope back = FromV1.convert(v1).orElseThrow();
        assertThat(back.getLog()).isEqualTo(log().getLog());
        assertThat(back.getSourceId()).isEqualTo(APP);
        assertThat(back.getInstanceId()).isEqualTo("2");
        assertThat(back.getTagsMap()).containsEntry("origin", "rep").containsEntry("source_type", "APP/PROC/WEB");
    }

    @Test
    void onlyAWholeSetOfGaugesIsAContainerMetric() {
        Envelope whole = envelope()
                .setGauge(gauge("cpu", 1.0, "memory", 2.0, "disk", 3.0, "memory_quota", 4.0, "disk_quota", 5.0))
                .build();
        Envelope part = envelope().setGauge(gauge("cpu", 1.0, "memory", 2.0)).build();

        assertThat(ToV1.convert(whole)).hasSize(1);
        assertThat(ToV1.convert(whole).getFirst().getContainerMetric().getMemoryBytesQuota())
                .isEqualTo(4);
        assertThat(ToV1.convert(part)).hasSize(2).allMatch(metric -> metric.hasValueMetric());
        assertThat(FromV1.convert(ToV1.convert(whole).getFirst())
                        .orElseThrow()
                        .getGauge()
                        .getMetricsMap())
                .hasSize(5);
    }

    @Test
    void aRequestSurvivesTheWayFromV1AndBack() {
        var http = org.cupola.protocol.loggregator.v1.HttpStartStop.newBuilder()
                .setStartTimestamp(5)
                .setStopTimestamp(9)
                .setRequestId(Uuids.parse(APP).orElseThrow())
                .setApplicationId(Uuids.parse(APP).orElseThrow())
                .setPeerType(1)
                .setMethod(26)
                .setUri("http://x/y")
                .setStatusCode(204)
                .setContentLength(-1)
                .setInstanceIndex(2)
                .addForwarded("a")
                .addForwarded("b")
                .build();
        var v1 = org.cupola.protocol.loggregator.v1.Envelope.newBuilder()
                .setOrigin("gorouter")
                .setEventType(org.cupola.protocol.loggregator.v1.Envelope.EventType.HttpStartStop)
                .setHttpStartStop(http)
                .build();

        Envelope v2 = FromV1.convert(v1).orElseThrow();

        assertThat(v2.getSourceId()).isEqualTo(APP);
        assertThat(v2.getTimer().getName()).isEqualTo("http");
        assertThat(v2.getTagsMap()).containsEntry("method", "PATCH").containsEntry("peer_type", "Client");
        var back = ToV1.convert(v2).getFirst().getHttpStartStop();
        assertThat(back.toBuilder()
                        .clearUserAgent()
                        .clearInstanceId()
                        .clearRemoteAddress()
                        .build())
                .isEqualTo(http);
    }

    @Test
    void anEnvelopeWithoutItsEventIsNone() {
        var empty = org.cupola.protocol.loggregator.v1.Envelope.newBuilder().setOrigin("x");

        assertThat(FromV1.convert(empty.build())).isEmpty();
        assertThat(FromV1.convert(empty.setEventType(org.cupola.protocol.loggregator.v1.Envelope.EventType.LogMessage)
                        .build()))
                .isEmpty();
        assertThat(ToV1.convert(envelope().setEvent(Event.getDefaultInstance()).build()))
                .isEmpty();
    }
}
