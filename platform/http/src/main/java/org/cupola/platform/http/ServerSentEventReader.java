package org.cupola.platform.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads server-sent events from a byte stream, by the WHATWG grammar: comments and unknown fields are skipped, an event
 * ends at an empty line, an unfinished one at the end of the stream is dropped. Blocking; confined to one thread.
 */
public final class ServerSentEventReader implements AutoCloseable {
    private final InputStream input;
    private final int maxEventBytes;

    /** @param maxEventBytes an event larger than this ends the stream with an error */
    public ServerSentEventReader(InputStream input, int maxEventBytes) {
        this.input = new BufferedInputStream(input, 16 * 1024);
        this.maxEventBytes = maxEventBytes;
    }

    /** The next event; empty at the end of the stream. */
    public Optional<ServerSentEvent> next() throws IOException {
        String id = "";
        String event = "";
        StringBuilder data = null;
        int size = 0;
        while (true) {
            String line = readLine();
            if (line == null) {
                return Optional.empty();
            }
            if (line.isEmpty()) {
                if (data != null || !event.isEmpty()) {
                    return Optional.of(new ServerSentEvent(id, event, data == null ? "" : data.toString()));
                }
                continue;
            }
            size += line.length();
            if (size > maxEventBytes) {
                throw new IOException("server-sent event larger than " + maxEventBytes + " bytes");
            }
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            switch (field) {
                case "id" -> id = value;
                case "event" -> event = value;
                case "data" ->
                    data = data == null
                            ? new StringBuilder(value)
                            : data.append('\n').append(value);
                default -> {} // a comment (empty field name), retry, or something later
            }
        }
    }

    private @org.jspecify.annotations.Nullable String readLine() throws IOException {
        var line = new ByteArrayOutputStream(256);
        while (true) {
            int read = input.read();
            if (read < 0) {
                return null;
            }
            if (read == '\n') {
                String text = line.toString(StandardCharsets.UTF_8);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(read);
            if (line.size() > maxEventBytes) {
                throw new IOException("server-sent event larger than " + maxEventBytes + " bytes");
            }
        }
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
