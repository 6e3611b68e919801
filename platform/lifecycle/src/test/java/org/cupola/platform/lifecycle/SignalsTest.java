package org.cupola.platform.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SignalsTest {
    @Test
    void runsTheActionWhenTheSignalComes() throws Exception {
        var got = new CountDownLatch(2);
        assertThat(Signals.on("USR1", got::countDown)).isTrue();

        for (int i = 0; i < 2; i++) {
            new ProcessBuilder("kill", "-USR1", "" + ProcessHandle.current().pid())
                    .start()
                    .waitFor();
        }

        assertThat(got.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void saysWhenThereIsNoSuchSignal() {
        assertThat(Signals.on("NONSENSE", () -> {})).isFalse();
    }
}
