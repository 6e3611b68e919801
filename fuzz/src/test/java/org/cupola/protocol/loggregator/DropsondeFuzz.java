package org.cupola.protocol.loggregator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.cupola.protocol.loggregator.v1.ContainerMetric;
import org.cupola.protocol.loggregator.v1.Envelope;
import org.cupola.protocol.loggregator.v1.Envelope.EventType;
import org.cupola.protocol.loggregator.v1.LogMessage;
import org.cupola.protocol.loggregator.v1.ValueMetric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** A datagram is no envelope, or it becomes one that goes over the wire and back to the old form. */
class DropsondeFuzz {
    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void convertsWhatItReads(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                example(EventType.LogMessage)
                        .setLogMessage(LogMessage.newBuilder()
                                .setMessage(ByteString.copyFromUtf8("hello"))
                                .setMessageType(LogMessage.MessageType.ERR)
                                .setTimestamp(2)
                                .setAppId("guid")
                                .setSourceType("APP")
                                .setSourceInstance("0"))
                        .build()
                        .toByteString()
                        .toString(ISO_8859_1),
                example(EventType.ContainerMetric)
                        .setContainerMetric(ContainerMetric.newBuilder()
                                .setApplicationId("guid")
                                .setInstanceIndex(1)
                                .setCpuPercentage(2.5)
                                .setMemoryBytes(-1)
                                .setDiskBytes(7))
                        .build()
                        .toByteString()
                        .toString(ISO_8859_1),
                example(EventType.ValueMetric)
                        .setValueMetric(ValueMetric.newBuilder()
                                .setName("n")
                                .setValue(1)
                                .setUnit("ms"))
                        .build()
                        .toByteString()
                        .toString(ISO_8859_1));
    }

    @Test
    void readsDamagedExamples() {
        Damage.each(30_000, DropsondeFuzz::check, examples());
    }

    private static Envelope.Builder example(EventType type) {
        return Envelope.newBuilder()
                .setOrigin("o")
                .setEventType(type)
                .setTimestamp(1)
                .setIp("10.0.0.1")
                .putTags("source_id", "s")
                .putTags("k", "v");
    }

    static void check(byte[] input) {
        Optional<org.cupola.protocol.loggregator.v2.Envelope> converted;
        try {
            converted = FromV1.convert(Envelope.parseFrom(input));
        } catch (InvalidProtocolBufferException e) {
            return;
        }
        if (converted.isEmpty()) {
            return;
        }
        var envelope = converted.get();
        assertThat(EnvelopeJson.of(envelope)).isNotNull();
        try {
            assertThat(org.cupola.protocol.loggregator.v2.Envelope.parseFrom(envelope.toByteArray()))
                    .isEqualTo(envelope);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("what we write we cannot read", e);
        }
        List<Envelope> back = ToV1.convert(envelope);
        for (Envelope one : back) {
            assertThat(FromV1.convert(one)).isPresent();
        }
    }
}
