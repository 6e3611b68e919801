package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class MadeBesideTest {
    private final CountDownLatch closed = new CountDownLatch(1);

    @Test
    void isMadeWhileOtherThingsAreDone() throws Exception {
        var begun = new CountDownLatch(1);
        var made = new MadeBeside<AutoCloseable>("test", () -> {
            begun.await();
            return closed::countDown;
        });

        String other = made.meanwhile(() -> {
            begun.countDown();
            return "done";
        });

        assertThat(other).isEqualTo("done");
        made.get().close();
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void throwsWhatItsMakerThrew() {
        var made = new MadeBeside<AutoCloseable>("test", () -> {
            throw new IOException("no such key");
        });

        assertThatThrownBy(made::get).isInstanceOf(IOException.class).hasMessage("no such key");
    }

    @Test
    void isClosedWhenTheOtherThingFails() {
        var made = new MadeBeside<AutoCloseable>("test", () -> closed::countDown);

        assertThatThrownBy(() -> made.meanwhile(() -> {
                    throw new IOException("no broker");
                }))
                .hasMessage("no broker");

        assertThat(closed.getCount()).isZero();
    }
}
