package org.cupola.platform.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.MemoryPoolMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class HeapGuardTest {
    private static final int MB = 1 << 20;

    @Test
    void asksForACollectionWhenGarbageMayOutweighWhatLives() {
        assertThat(HeapGuard.mayHoldTooMuch(200L * MB, 100L * MB)).isFalse();
        assertThat(HeapGuard.mayHoldTooMuch(201L * MB, 100L * MB)).isTrue();
    }

    @Test
    void leavesASmallHeapAlone() {
        assertThat(HeapGuard.mayHoldTooMuch(24L * MB, 0)).isFalse();
        assertThat(HeapGuard.mayHoldTooMuch(34L * MB, 10L * MB)).isFalse();
        assertThat(HeapGuard.mayHoldTooMuch(35L * MB, 10L * MB)).isTrue();
    }

    @Test
    @Timeout(60)
    void collectsWhatDiedOldInAProcessThatAllocatesNoMore() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmn2m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Aging.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).startsWith("collected");
    }

    /** A process whose objects grow old before they are let go. */
    static final class Aging {
        private static final Duration INTERVAL = Duration.ofMillis(20);

        private Aging() {}

        public static void main(String[] arguments) {
            MemoryPoolMXBean old = HeapGuard.oldGeneration().orElseThrow();
            fill(old, 64L * MB);
            HeapGuard.watch(INTERVAL);
            await().atMost(Duration.ofSeconds(30)).until(() -> old.getUsage().getUsed() <= 8L * MB);
            System.out.println("collected");
        }

        private static void fill(MemoryPoolMXBean old, long bytes) {
            List<byte[]> held = new ArrayList<>();
            while (old.getUsage().getUsed() < bytes) {
                held.add(new byte[64 << 10]);
            }
        }
    }
}
