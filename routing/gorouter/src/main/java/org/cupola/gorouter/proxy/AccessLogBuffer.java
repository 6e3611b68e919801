package org.cupola.gorouter.proxy;

/** Lines of one event loop on their way to the writer: handed over in blocks, at the latest at each tick. */
final class AccessLogBuffer {
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final int HAND_OVER_BYTES = 32 * 1024;

    private final AccessLog log;
    private final LoopMetrics metrics;
    private final ByteSink line = new ByteSink(1024);
    private byte[] block;
    private int filled;
    private int lines;

    AccessLogBuffer(AccessLog log, LoopMetrics metrics) {
        this.log = log;
        this.metrics = metrics;
        this.block = log.isOn() ? log.spare(BLOCK_BYTES) : new byte[0];
    }

    boolean isOn() {
        return log.isOn();
    }

    /** An empty line to write into; to be followed by {@link #commit}. */
    ByteSink line() {
        line.clear();
        return line;
    }

    /** The line that was written last. */
    ByteSink current() {
        return line;
    }

    /** Takes the line, adding its end. */
    void commit() {
        line.add((byte) '\n');
        if (filled + line.length() > block.length) {
            flush();
        }
        if (line.length() > block.length) {
            block = new byte[line.length()];
        }
        System.arraycopy(line.bytes(), 0, block, filled, line.length());
        filled += line.length();
        lines++;
        if (filled >= HAND_OVER_BYTES) {
            flush();
        }
    }

    void flush() {
        if (filled == 0) {
            return;
        }
        if (log.offer(block, filled)) {
            block = log.spare(BLOCK_BYTES);
        } else {
            metrics.add(Counter.ACCESS_LOG_DROPPED, lines);
        }
        filled = 0;
        lines = 0;
    }
}
