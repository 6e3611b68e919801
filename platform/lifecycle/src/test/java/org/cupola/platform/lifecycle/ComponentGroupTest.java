package org.cupola.platform.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class ComponentGroupTest {
    private final List<String> events = java.util.Collections.synchronizedList(new ArrayList<>());

    @Test
    void startsInOrderAndClosesInReverse() throws Exception {
        var group = new ComponentGroup("all", List.of(new Recorded("a"), new Recorded("b")));

        group.start();
        group.close();
        group.close();

        assertThat(events).containsExactly("start a", "start b", "close b", "close a");
    }

    @Test
    void aFailedStartClosesWhatHadStartedAndNamesTheCulprit() {
        var broken = new Recorded("b");
        broken.startFailure = new IllegalStateException("port 80 is taken");
        var group = new ComponentGroup("all", List.of(new Recorded("a"), broken, new Recorded("c")));

        assertThatThrownBy(group::start).isInstanceOf(ComponentFailure.class).hasMessage("b: port 80 is taken");
        assertThat(events).containsExactly("start a", "close a");
    }

    @Test
    void aFailingCloseDoesNotKeepTheOthersOpen() throws Exception {
        var broken = new Recorded("b");
        broken.closeFailure = new IllegalStateException("stuck");
        var group = new ComponentGroup("all", List.of(new Recorded("a"), broken));
        group.start();

        group.close();

        assertThat(events).containsExactly("start a", "start b", "close a");
    }

    @Test
    void theFailureOfOneIsTheFailureOfTheGroup() throws Exception {
        var member = new Recorded("a");
        var group = new ComponentGroup("all", List.of(member));
        group.start();

        member.failure.completeExceptionally(new IllegalStateException("lost the lock"));

        assertThat(group.failure().toCompletableFuture())
                .isCompletedExceptionally()
                .failsWithin(java.time.Duration.ofSeconds(1))
                .withThrowableThat()
                .withMessageContaining("a: lost the lock");
    }

    @Test
    void membersThatDoNotNeedEachOtherStartTogetherAndAllCloseWhenOneFails() {
        var broken = new Recorded("b");
        broken.startFailure = new IllegalStateException("port 80 is taken");
        var group = new ParallelGroup("wave", List.of(new Recorded("a"), broken, new Recorded("c")));

        assertThatThrownBy(() -> new ComponentGroup("all", List.of(group)).start())
                .isInstanceOf(ComponentFailure.class)
                .hasMessage("b: port 80 is taken");
        assertThat(events).containsExactlyInAnyOrder("start a", "start c", "close a", "close c");
    }

    private final class Recorded implements Component {
        private final String name;
        private final CompletableFuture<Void> failure = new CompletableFuture<>();
        private RuntimeException startFailure;
        private RuntimeException closeFailure;

        Recorded(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void start() {
            if (startFailure != null) {
                throw startFailure;
            }
            events.add("start " + name);
        }

        @Override
        public void close() {
            if (closeFailure != null) {
                throw closeFailure;
            }
            events.add("close " + name);
        }

        @Override
        public CompletionStage<Void> failure() {
            return failure;
        }
    }
}
