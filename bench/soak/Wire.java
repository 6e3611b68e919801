import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads lines and counted bytes. One thread; no locks, as a load generator should not be what is measured. */
final class Wire {
    private final InputStream in;
    private final byte[] buffer = new byte[8192];
    private int at;
    private int end;

    Wire(InputStream in) {
        this.in = in;
    }

    /** Without its end; {@code null} when the connection has ended before it began. */
    String line() throws IOException {
        int from = at;
        while (true) {
            while (from < end && buffer[from] != '\n') {
                from++;
            }
            if (from < end) {
                int length = from - at - (from > at && buffer[from - 1] == '\r' ? 1 : 0);
                var line = new String(buffer, at, length, StandardCharsets.ISO_8859_1);
                at = from + 1;
                return line;
            }
            int kept = end - at;
            System.arraycopy(buffer, at, buffer, 0, kept);
            at = 0;
            end = kept;
            from = kept;
            if (!more()) {
                if (kept == 0) {
                    return null;
                }
                throw new EOFException("line cut off");
            }
        }
    }

    String bodyLine() throws IOException {
        String line = line();
        if (line == null) {
            throw new EOFException("body cut off");
        }
        return line;
    }

    void full(byte[] into, int offset, int length) throws IOException {
        int some = Math.min(length, end - at);
        System.arraycopy(buffer, at, into, offset, some);
        at += some;
        if (in.readNBytes(into, offset + some, length - some) < length - some) {
            throw new EOFException("body cut off");
        }
    }

    void skip(int length) throws IOException {
        full(new byte[length], 0, length);
    }

    private boolean more() throws IOException {
        int read = in.read(buffer, end, buffer.length - end);
        end += Math.max(read, 0);
        return read > 0;
    }
}
