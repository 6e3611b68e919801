package org.cupola.platform.debug;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.cupola.platform.debug.PprofProfile.Measure;
import org.junit.jupiter.api.Test;

class PprofProfileTest {
    private static final Frame MAIN = new Frame("a.Main.main", "Main.java", 7);
    private static final Frame WORK = new Frame("a.Main.work", "Main.java", 300);

    @Test
    void addsUpEqualStacksAndSharesTheirFrames() throws Exception {
        var profile = new PprofProfile(new Measure("samples", "count"), new Measure("cpu", "nanoseconds"));
        profile.add(List.of(WORK, MAIN), 1, 100);
        profile.add(List.of(MAIN), 1, 100);
        profile.add(List.of(WORK, MAIN), 1, 200);

        UnknownFieldSet read = UnknownFieldSet.parseFrom(new GZIPInputStream(new ByteArrayInputStream(
                profile.gzipped(Instant.ofEpochSecond(2, 5), Duration.ofSeconds(1), 10_000_000))));

        assertThat(messages(read, 2)).hasSize(2);
        UnknownFieldSet first = messages(read, 2).getFirst();
        assertThat(first.getField(1).getLengthDelimitedList().getFirst().toByteArray())
                .containsExactly(1, 2);
        assertThat(first.getField(2).getLengthDelimitedList().getFirst().toByteArray())
                .containsExactly(2, 0xac, 0x02); // 2 and 300
        assertThat(messages(read, 4)).hasSize(2);
        UnknownFieldSet line = messages(messages(read, 4).getFirst(), 4).getFirst();
        assertThat(line.getField(2).getVarintList()).containsExactly(300L);
        assertThat(messages(read, 5)).hasSize(2);
        assertThat(read.getField(6).getLengthDelimitedList().getFirst().isEmpty())
                .isTrue();
        assertThat(read.getField(9).getVarintList()).containsExactly(2_000_000_005L);
        assertThat(read.getField(12).getVarintList()).containsExactly(10_000_000L);
    }

    @Test
    void readsFramesAsTheyArePrinted() {
        assertThat(Frame.parse("java.base/java.lang.Thread.run(Thread.java:1474)"))
                .isEqualTo(new Frame("java.lang.Thread.run", "Thread.java", 1474));
        assertThat(Frame.parse("app//a.B.c(Native Method)")).isEqualTo(new Frame("a.B.c", "", 0));
        assertThat(Frame.parse("a.B$$Lambda/0x1f.run(Unknown Source)").line()).isZero();
        assertThat(Frame.parse("what?")).isEqualTo(new Frame("what?", "", 0));
    }

    private static List<UnknownFieldSet> messages(UnknownFieldSet of, int field) throws Exception {
        return of.getField(field).getLengthDelimitedList().stream()
                .map(bytes -> {
                    try {
                        return UnknownFieldSet.parseFrom(bytes);
                    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }
}
