package org.cupola.rep.container;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessTableTest {
    @Test
    void readsAProcessWithAnyName() {
        String stat =
                "42 (a) b ( c) S 1 40 39 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0 12345 1000000 256 18446744073709551615";

        assertThat(ProcessTable.parse(42, stat))
                .contains(new ProcessTable.Entry(42, 40, 39, true, 2_000_000_000L, 256 * 4096));
    }

    @Test
    void aProcessThatEndedHoldsNothing() {
        String stat = "42 (x) Z 1 40 39 0 -1 4194560 100 0 0 0 1 1 0 0 20 0 1 0 12345 0 256 1";

        assertThat(ProcessTable.parse(42, stat).orElseThrow())
                .matches(entry -> !entry.alive() && entry.residentBytes() == 0);
        assertThat(ProcessTable.parse(42, "")).isEmpty();
    }

    @Test
    void findsThisProcess() {
        long self = ProcessHandle.current().pid();

        assertThat(ProcessTable.read()).anyMatch(entry -> entry.pid() == self && entry.residentBytes() > 1_000_000);
    }

    @Test
    void sharedPagesCountInPart() {
        long self = ProcessHandle.current().pid();

        assertThat(ProcessTable.proportionalBytes(self).orElseThrow()).isGreaterThan(1_000_000);
        assertThat(ProcessTable.proportionalBytes(1L << 40)).isEmpty();
    }
}
