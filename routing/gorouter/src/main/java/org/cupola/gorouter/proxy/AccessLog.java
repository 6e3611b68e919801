package org.cupola.gorouter.proxy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes blocks of finished lines from the event loops and writes them from one thread of its own. A writer that cannot
 * keep up costs lines, which are counted, never requests.
 */
public final class AccessLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LogSources.ACCESS_LOG);
    private static final int MAX_BLOCKS = 256;

    /** Where lines go; called on the writer's thread. Each block ends with a line's end. */
    public interface Target extends AutoCloseable {
        void write(byte[] lines, int length) throws IOException;

        @Override
        void close() throws IOException;
    }

    private static final class Block {
        private final byte[] lines;
        private final int length;

        private Block(byte[] lines, int length) {
            this.lines = lines;
            this.length = length;
        }
    }

    private static final Block LAST = new Block(new byte[0], 0);

    private final List<Target> targets;
    private final BlockingQueue<Block> full = new ArrayBlockingQueue<>(MAX_BLOCKS);
    private final BlockingQueue<byte[]> empty = new ArrayBlockingQueue<>(MAX_BLOCKS);
    private final Thread writer;

    public AccessLog(List<Target> targets) {
        this.targets = List.copyOf(targets);
        this.writer = Thread.ofPlatform().daemon().name("access-log").unstarted(this::run);
        if (!targets.isEmpty()) {
            writer.start();
        }
    }

    /** Without any target. */
    public static AccessLog off() {
        return new AccessLog(List.of());
    }

    /** Appends to the file, made if need be. */
    public static Target file(Path path) throws IOException {
        OutputStream out = Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return new Target() {
            @Override
            public void write(byte[] lines, int length) throws IOException {
                out.write(lines, 0, length);
            }

            @Override
            public void close() throws IOException {
                out.close();
            }
        };
    }

    boolean isOn() {
        return !targets.isEmpty();
    }

    /** Takes over the array; false when the writer is too far behind. */
    boolean offer(byte[] lines, int length) {
        return full.offer(new Block(lines, length));
    }

    /** An array to fill, one that was written before if there is one. */
    byte[] spare(int size) {
        byte[] spare = empty.poll();
        return spare == null ? new byte[size] : spare;
    }

    private void run() {
        try {
            for (Block block = full.take(); block != LAST; block = full.take()) {
                for (Target target : targets) {
                    write(target, block);
                }
                empty.offer(block.lines);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(Target target, Block block) {
        try {
            target.write(block.lines, block.length);
        } catch (IOException e) {
            log.atError().setCause(e).log("access-log-write-failed");
        }
    }

    @Override
    public void close() {
        if (targets.isEmpty()) {
            return;
        }
        try {
            full.put(LAST);
            writer.join();
            for (Target target : targets) {
                target.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
