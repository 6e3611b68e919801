package org.cupola.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A short fuzzer without instrumentation, for the normal build: takes examples and changes, cuts, doubles and mixes their
 * bytes. The same inputs every time. What it finds is written down as one more example.
 */
public final class Damage {
    private static final String TELLING = "\r\n\0 :;,=\t/0Ff\u007f\u00ff\"{}[]\\";

    private Damage() {}

    /** Examples for {@link #each} and as Jazzer's seeds: the bytes of the texts. */
    public static Stream<byte[]> latin1(String... texts) {
        return Arrays.stream(texts).map(text -> text.getBytes(ISO_8859_1));
    }

    /** Gives the target each example, then damaged ones. */
    public static void each(int count, Consumer<byte[]> target, Stream<byte[]> examples) {
        String[] texts = examples.peek(target)
                .map(bytes -> new String(bytes, ISO_8859_1))
                .toArray(String[]::new);
        var random = new Random(42);
        for (int i = 0; i < count; i++) {
            byte[] input = damaged(texts, random);
            try {
                target.accept(input);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("input: " + quoted(input), e);
            }
        }
    }

    private static byte[] damaged(String[] examples, Random random) {
        var text = new StringBuilder(examples[random.nextInt(examples.length)]);
        for (int n = random.nextInt(4); n >= 0; n--) {
            int at = random.nextInt(text.length() + 1);
            int end = Math.min(text.length(), at + random.nextInt(8));
            switch (random.nextInt(5)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, text.substring(at, end));
                case 2 -> text.insert(at, TELLING.charAt(random.nextInt(TELLING.length())));
                case 3 -> {
                    String other = examples[random.nextInt(examples.length)];
                    text.replace(at, text.length(), other.substring(random.nextInt(other.length() + 1)));
                }
                default -> {
                    if (at < text.length()) {
                        text.setCharAt(at, (char) random.nextInt(256));
                    }
                }
            }
        }
        return text.toString().getBytes(ISO_8859_1);
    }

    private static String quoted(byte[] input) {
        var text = new StringBuilder();
        for (byte b : input) {
            text.append(b >= ' ' && b < 127 && b != '\\' ? String.valueOf((char) b) : "\\x%02x".formatted(b & 0xff));
        }
        return text.toString();
    }
}
