import java.io.EOFException;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Start line and headers of a request or a response. */
final class Head {
    private final String[] start;
    private final Map<String, String> headers = new HashMap<>();

    private Head(String start) {
        this.start = start.split(" ", 3);
    }

    /** {@code null} when the connection ended before its first byte. */
    static Head read(Wire in) throws IOException {
        String first = in.line();
        if (first == null) {
            return null;
        }
        var head = new Head(first);
        while (true) {
            String line = in.line();
            if (line == null) {
                throw new EOFException("head cut off");
            }
            if (line.isEmpty()) {
                return head;
            }
            int colon = line.indexOf(':');
            head.headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
    }

    static Head of(int status, HttpHeaders headers) {
        var head = new Head("HTTP/2 " + status);
        headers.map().forEach((name, values) -> head.headers.put(name, values.getFirst()));
        return head;
    }

    String firstWord(int index) {
        return start[index];
    }

    boolean has(String name) {
        return headers.containsKey(name);
    }

    String value(String name) {
        return headers.getOrDefault(name, "");
    }
}
