package org.cupola.gorouter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PendingMessagesTest {
    private static final int BLOCK = 100;
    private static final int MOST = 400;

    private final PendingMessages pending = new PendingMessages(BLOCK, MOST);
    private final List<String> got = new CopyOnWriteArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final Thread reader = new Thread(this::read);

    private void read() {
        try {
            release.await();
            pending.readAll((registers, fingerprint, bytes, length) ->
                    got.add((registers ? "+" : "-") + fingerprint + new String(bytes, 0, length, UTF_8)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void close() throws InterruptedException {
        pending.close();
        release.countDown();
        reader.start();
        reader.join();
    }

    private void append(boolean registers, long fingerprint, String text) throws InterruptedException {
        pending.append(registers, fingerprint, text.getBytes(UTF_8));
    }

    @Test
    void keepTheirOrderOverBlocksAndSizes() throws Exception {
        List<String> sent = IntStream.range(0, 2000)
                .mapToObj(i -> (i % 3 == 0 ? "-" : "+") + i + "x".repeat(i % 10 == 9 ? 150 : i % 50))
                .toList();
        release.countDown();
        var running = new Thread(this::read);
        running.start();

        for (int i = 0; i < sent.size(); i++) {
            append(i % 3 != 0, i, "x".repeat(i % 10 == 9 ? 150 : i % 50));
        }

        await().atMost(Duration.ofSeconds(30)).until(() -> !pending.isBusy());
        assertThat(got).isEqualTo(sent);
        assertThat(pending.count()).isZero();
        pending.close();
        running.join();
    }

    @Test
    void areCountedUntilTheyWereRead() throws Exception {
        append(true, 1, "a");
        append(false, 0, "b");

        assertThat(pending.count()).isEqualTo(2);
        assertThat(pending.isBusy()).isTrue();
        assertThat(got).isEmpty();
    }

    @Test
    void makeTheirWriterWaitWhenThereAreTooMany() throws Exception {
        var appended = new CopyOnWriteArrayList<Integer>();
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; i < 50; i++) {
                    append(true, i, "0123456789");
                    appended.add(i);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> writer.getState() == Thread.State.WAITING);
        assertThat(appended).hasSizeBetween(10, 20);

        release.countDown();
        var running = new Thread(this::read);
        running.start();

        writer.join();
        await().atMost(Duration.ofSeconds(30)).until(() -> got.size() == 50);
        pending.close();
        running.join();
    }

    @Test
    void doNotHoldUpTheirWriterOnceClosed() throws Exception {
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; i < 1000; i++) {
                    append(true, i, "0123456789");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> writer.getState() == Thread.State.WAITING);

        pending.close();

        writer.join();
        assertThat(got).isEmpty();
    }
}
