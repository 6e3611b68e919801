import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bodies: 16 bytes that name the request, then a pattern, so that bytes of another request or from another place show. */
final class Payload {
    private static final byte[] PATTERN = new byte[1 << 20];

    static {
        for (int i = 0; i < PATTERN.length; i++) {
            PATTERN[i] = (byte) ('!' + i * 31 % 89);
        }
    }

    private Payload() {}

    static byte[] token(String token) {
        return Arrays.copyOf(token.getBytes(StandardCharsets.US_ASCII), 16);
    }

    static void write(OutputStream out, byte[] token, int at, int length) throws IOException {
        int begun = at;
        if (at < 16) {
            int head = Math.min(16 - at, length);
            out.write(token, at, head);
            begun += head;
        }
        out.write(PATTERN, begun, at + length - begun);
    }

    /** Reads a body to its end; whether it is the one meant. */
    static boolean read(Wire in, Head head, String token, int size) throws IOException {
        byte[] body = new byte[size];
        int filled = 0;
        if (head.has("transfer-encoding")) {
            while (true) {
                int length = Integer.parseInt(in.bodyLine(), 16);
                if (filled + length > size) {
                    return false;
                }
                in.full(body, filled, length);
                filled += length;
                in.bodyLine();
                if (length == 0) {
                    break;
                }
            }
        } else {
            filled = Integer.parseInt(head.value("content-length"));
            if (filled != size) {
                in.skip(filled);
                return false;
            }
            in.full(body, 0, size);
        }
        return filled == size && matches(body, token, size);
    }

    static boolean matches(byte[] body, String token, int size) {
        byte[] start = token(token);
        return body.length == size
                && Arrays.equals(body, 0, Math.min(16, size), start, 0, Math.min(16, size))
                && (size <= 16 || Arrays.equals(body, 16, size, PATTERN, 16, size));
    }
}
