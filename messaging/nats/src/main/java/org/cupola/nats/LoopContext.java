package org.cupola.nats;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What the connections of one event loop share, and the only way from one loop to another.
 *
 * <p>A message is not sent when it is published. It is appended to a batch that the publisher's loop keeps for each receiving
 * client. When the loop has read from all connections that had something to say, it passes its batches on: to its own
 * clients at once, to another loop's in one task. So a burst costs one wake-up per loop and one write per receiver,
 * and no lock. As each loop's batches for a client are passed on in order, messages of one publisher stay in order.
 *
 * <p>Confined to its event loop.
 */
final class LoopContext {
    /** A batch this large is passed on without waiting for the end of the round. */
    private static final int LARGE_BATCH_BYTES = 64 * 1024;

    private final int number;
    private final EventLoop loop;
    private final MatchCache matches;
    private final RandomGenerator random;
    private final LoopContext[] all;
    private List<ClientOutput> touched = new ArrayList<>();
    private List<ClientOutput> spare = new ArrayList<>();
    private final List<List<OutputBatch>> leaving = new ArrayList<>();
    private boolean flushScheduled;

    /** @param all the contexts of all loops, by number, this one included once all are made */
    LoopContext(int number, EventLoop loop, MatchCache matches, RandomGenerator random, LoopContext[] all) {
        this.number = number;
        this.loop = loop;
        this.matches = matches;
        this.random = random;
        this.all = all;
        for (int i = 0; i < all.length; i++) {
            leaving.add(new ArrayList<>());
        }
    }

    int number() {
        return number;
    }

    EventLoop loop() {
        return loop;
    }

    int loops() {
        return all.length;
    }

    MatchCache matches() {
        return matches;
    }

    RandomGenerator random() {
        return random;
    }

    /** Where this loop gathers bytes for the client. */
    OutputBatch batchFor(ClientOutput target) {
        OutputBatch batch = target.filling(number);
        if (batch == null) {
            batch = target.startFilling(number);
            touched.add(target);
            scheduleFlush();
        }
        return batch;
    }

    private void scheduleFlush() {
        if (!flushScheduled) {
            flushScheduled = true;
            loop.execute(this::flush);
        }
    }

    /** To be called after a message was appended; bounds what gathers within one round. */
    void passOnIfLarge(OutputBatch batch) {
        if (batch.bytes() < LARGE_BATCH_BYTES) {
            return;
        }
        ClientOutput target = batch.target();
        target.stopFilling(number);
        if (target.home() == number) {
            target.write(batch);
            target.flush();
        } else if (target.reserve(batch)) {
            LoopContext home = all[target.home()];
            home.loop.execute(() -> home.receive(List.of(batch)));
        }
    }

    /**
     * Passes on everything gathered. Other loops come first: when a client of this loop sees its PONG, what it
     * published before is on its way.
     */
    void flush() {
        flushScheduled = false;
        List<ClientOutput> round = touched;
        touched = spare; // a write that fails may close a client, which may begin another round
        spare = new ArrayList<>(0);
        for (ClientOutput target : round) {
            OutputBatch batch = target.home() == number ? null : target.stopFilling(number);
            if (batch != null && target.reserve(batch)) {
                leaving.get(target.home()).add(batch);
            }
        }
        for (int i = 0; i < all.length; i++) {
            List<OutputBatch> batches = leaving.get(i);
            if (!batches.isEmpty()) {
                leaving.set(i, new ArrayList<>());
                LoopContext home = all[i];
                home.loop.execute(() -> home.receive(batches));
            }
        }
        for (ClientOutput target : round) {
            OutputBatch batch = target.home() == number ? target.stopFilling(number) : null;
            if (batch != null) {
                target.write(batch);
                target.flush();
            }
        }
        round.clear();
        spare = round;
    }

    private void receive(List<OutputBatch> batches) {
        for (OutputBatch batch : batches) {
            batch.target().writeReserved(batch);
        }
        for (OutputBatch batch : batches) {
            batch.target().flush();
        }
    }
}
