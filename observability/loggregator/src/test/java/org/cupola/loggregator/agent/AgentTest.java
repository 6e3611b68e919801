package org.cupola.loggregator.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cupola.protocol.loggregator.v2.Counter;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.Value;
import org.junit.jupiter.api.Test;

class AgentTest {
    private final List<Envelope> passed = new ArrayList<>();
    private final Agent agent = new Agent(Map.of("job", "cell", "ip", "10.0.0.1"), passed::add);

    private static Envelope counter(long delta, long total) {
        return Envelope.newBuilder()
                .setSourceId("s")
                .setCounter(Counter.newBuilder().setName("hits").setDelta(delta).setTotal(total))
                .build();
    }

    @Test
    void completesTags() {
        agent.accept(Envelope.newBuilder()
                .setSourceId("s")
                .putTags("job", "own")
                .putDeprecatedTags("old", Value.newBuilder().setText("kept").build())
                .build());

        assertThat(passed.getFirst().getTagsMap())
                .containsOnly(Map.entry("job", "own"), Map.entry("ip", "10.0.0.1"), Map.entry("old", "kept"));
        assertThat(passed.getFirst().getDeprecatedTagsMap()).isEmpty();
    }

    @Test
    void takesTheOriginForAMissingSource() {
        agent.accept(Envelope.newBuilder().putTags("origin", "gorouter").build());

        assertThat(passed.getFirst().getSourceId()).isEqualTo("gorouter");
        assertThat(agent.originMappings()).isEqualTo(1);
    }

    @Test
    void addsUpCounters() {
        agent.accept(counter(2, 0));
        agent.accept(counter(3, 0));
        agent.accept(counter(1, 100));
        agent.accept(counter(4, 0));

        assertThat(passed).extracting(one -> one.getCounter().getTotal()).containsExactly(2L, 5L, 100L, 104L);
    }
}
