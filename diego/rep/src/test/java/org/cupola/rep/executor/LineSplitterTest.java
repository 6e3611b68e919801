package org.cupola.rep.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class LineSplitterTest {
    private final List<String> messages = new ArrayList<>();
    private final LineSplitter splitter =
            new LineSplitter(line -> messages.add(new String(line, StandardCharsets.UTF_8)));

    private void write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        splitter.write(bytes, 0, bytes.length);
    }

    @Test
    void cutsAtEitherLineEndAndDropsEmptyMessages() {
        write("one\ntwo\r\n\n\rthr");
        write("ee\n");

        assertThat(messages).containsExactly("one", "two", "three");
    }

    @Test
    void theLastLineNeedsNoEnd() {
        write("unfinished");
        assertThat(messages).isEmpty();

        splitter.close();
        splitter.close();

        assertThat(messages).containsExactly("unfinished");
    }

    @Test
    void splitsLongLinesBetweenCharacters() {
        write("a" + "€".repeat(30_000) + "\n");

        assertThat(messages).hasSize(2);
        assertThat(messages.getFirst().getBytes(StandardCharsets.UTF_8)).hasSizeBetween(61_437, 61_440);
        assertThat(String.join("", messages)).isEqualTo("a" + "€".repeat(30_000));
    }

    @Test
    void cutsDamagedTextWhereItIs() {
        byte[] bytes = new byte[61_441];
        java.util.Arrays.fill(bytes, (byte) 0x80);
        List<byte[]> parts = new ArrayList<>();
        var raw = new LineSplitter(parts::add);

        raw.write(bytes, 0, bytes.length);
        raw.close();

        assertThat(parts).extracting(part -> part.length).containsExactly(61_440, 1);
    }

    @RepeatedTest(20)
    void howTheTextArrivesDoesNotMatter(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        var text = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            text.append("abc\n\rdé€".charAt(random.nextInt(8)));
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < bytes.length; ) {
            int count = Math.min(bytes.length - from, 1 + random.nextInt(40));
            splitter.write(bytes, from, count);
            from += count;
        }
        splitter.close();

        assertThat(messages)
                .containsExactlyElementsOf(List.of(text.toString().split("[\n\r]")).stream()
                        .filter(line -> !line.isEmpty())
                        .toList());
    }
}
