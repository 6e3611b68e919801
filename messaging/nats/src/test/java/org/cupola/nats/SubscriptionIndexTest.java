package org.cupola.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SubscriptionIndexTest {
    private final SubscriptionIndex index = new SubscriptionIndex();
    private final MatchCache cache = new MatchCache(index);

    @SuppressWarnings("NullAway") // the index does not look at the client
    private static Subscription subscription(String subject, String queue, int sid) {
        return new Subscription(null, ByteString.of(subject), ByteString.of(queue), ByteString.of("" + sid), false);
    }

    private static Set<String> sids(Matches matches) {
        Set<String> sids = new HashSet<>();
        Arrays.stream(matches.plain())
                .forEach(s -> assertThat(sids.add(s.sid().toString())).isTrue());
        Arrays.stream(matches.groups())
                .flatMap(Arrays::stream)
                .forEach(s -> assertThat(sids.add(s.sid().toString())).isTrue());
        return sids;
    }

    private Matches match(String subject) {
        byte[] bytes = ByteString.of(subject).array();
        Matches cached = cache.match(bytes, 0, bytes.length);
        assertThat(sids(cached)).isEqualTo(sids(index.match(bytes, 0, bytes.length)));
        return cached;
    }

    private static String subject(Random random, boolean wildcards) {
        int tokens = 1 + random.nextInt(4);
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < tokens; i++) {
            int choice = random.nextInt(wildcards ? 6 : 4);
            parts.add(
                    choice < 4
                            ? "abcd".substring(choice, choice + 1)
                            : choice == 4 ? "*" : i == tokens - 1 ? ">" : "*");
        }
        return String.join(".", parts);
    }

    private static boolean reaches(String pattern, String subject) {
        String[] wide = pattern.split("\\.");
        String[] tokens = subject.split("\\.");
        for (int i = 0; i < wide.length; i++) {
            if (wide[i].equals(">")) {
                return tokens.length > i;
            }
            if (i >= tokens.length || !(wide[i].equals("*") || wide[i].equals(tokens[i]))) {
                return false;
            }
        }
        return wide.length == tokens.length;
    }

    @RepeatedTest(20)
    void findsExactlyWhatMatchesWhileSubscriptionsComeAndGo(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        List<Subscription> present = new ArrayList<>();
        for (int step = 0; step < 500; step++) {
            if (present.isEmpty() || random.nextInt(3) > 0) {
                var added = subscription(subject(random, true), random.nextInt(3) == 0 ? "q" : "", step);
                present.add(added);
                index.add(added);
            } else {
                index.remove(present.remove(random.nextInt(present.size())));
            }
            String published = subject(random, false);
            Set<String> expected = new HashSet<>();
            present.stream()
                    .filter(s -> reaches(s.subject().toString(), published))
                    .forEach(s -> expected.add(s.sid().toString()));

            assertThat(sids(match(published))).isEqualTo(expected);
            assertThat(index.size()).isEqualTo(present.size());
        }
        present.forEach(index::remove);
        present.forEach(index::remove);

        assertThat(index.size()).isZero();
        List<Subscription> left = new ArrayList<>();
        index.forEach(left::add);
        assertThat(left).isEmpty();
    }

    @RepeatedTest(200)
    void coversLikeTheTrieMatches(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        for (int i = 0; i < 50; i++) {
            String pattern = subject(random, true);
            String published = subject(random, false);

            assertThat(Subjects.covers(ByteString.of(pattern), ByteString.of(published)))
                    .as("%s covers %s", pattern, published)
                    .isEqualTo(reaches(pattern, published));
        }
    }

    @Test
    void coversOnlyNarrowerPatterns() {
        assertThat(Subjects.covers(ByteString.of("a.>"), ByteString.of("a.*"))).isTrue();
        assertThat(Subjects.covers(ByteString.of("a.*"), ByteString.of("a.*"))).isTrue();
        assertThat(Subjects.covers(ByteString.of("a.>"), ByteString.of("a.b.>")))
                .isTrue();
        assertThat(Subjects.covers(ByteString.of("a.*"), ByteString.of("a.>"))).isFalse();
        assertThat(Subjects.covers(ByteString.of("a.b"), ByteString.of("a.*"))).isFalse();
        assertThat(Subjects.covers(ByteString.of("*"), ByteString.of(">"))).isFalse();
    }

    @Test
    void gathersOneGroupPerQueueNameAcrossSubjects() {
        index.add(subscription("a.*", "q", 1));
        index.add(subscription("a.b", "q", 2));
        index.add(subscription("a.>", "r", 3));
        index.add(subscription(">", "", 4));

        Matches matches = match("a.b");
        assertThat(matches.plain()).hasSize(1);
        assertThat(matches.groups().length).isEqualTo(2);
        assertThat(Arrays.stream(matches.groups())
                        .mapToInt(group -> group.length)
                        .sorted())
                .containsExactly(1, 2);
    }

    @Test
    void isReadWhileItIsWritten() throws Exception {
        index.add(subscription("steady.*", "", 1));
        var stop = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 2; !stop.get(); i++) {
                var passing = subscription("steady." + i % 7, i % 2 == 0 ? "q" : "", i);
                index.add(passing);
                index.remove(passing);
            }
        });
        byte[] subject = ByteString.of("steady.3").array();
        for (int i = 0; i < 200_000; i++) {
            Matches matches = cache.match(subject, 0, subject.length);
            assertThat(matches.plain().length).isBetween(1, 2);
        }
        stop.set(true);
        writer.join();

        assertThat(sids(match("steady.3"))).containsExactly("1");
    }
}
