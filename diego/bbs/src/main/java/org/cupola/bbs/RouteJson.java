package org.cupola.bbs;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.proto.ProtoRoutes;
import tools.jackson.core.JacksonException;

/**
 * A map of routes as one JSON object, whose values are kept byte for byte: they belong to routers, and nobody between may
 * rewrite a number or reorder a key. Stateless.
 */
final class RouteJson {
    private final byte[] text;
    private int at;

    private RouteJson(byte[] text) {
        this.text = text;
    }

    /** @throws Refusal (InvalidRequest) when a value is not JSON */
    static byte[] write(ProtoRoutes routes) {
        var out = new ByteArrayOutputStream();
        out.write('{');
        boolean first = true;
        for (var route : new TreeMap<>(routes.getRoutesMap()).entrySet()) {
            byte[] value = route.getValue().toByteArray();
            checkJson(value);
            if (!first) {
                out.write(',');
            }
            first = false;
            out.writeBytes(Json.bytes(route.getKey()));
            out.write(':');
            out.writeBytes(value);
        }
        out.write('}');
        return out.toByteArray();
    }

    private static void checkJson(byte[] value) {
        try {
            if (Json.tree(value).isMissingNode()) {
                throw Refusal.badRequest();
            }
        } catch (JacksonException e) {
            throw Refusal.badRequest();
        }
    }

    /** @throws IllegalArgumentException when it is not a JSON object */
    static ProtoRoutes read(byte[] json) {
        var routes = ProtoRoutes.newBuilder();
        var reader = new RouteJson(json);
        if (new String(json, StandardCharsets.UTF_8).strip().equals("null")) {
            return routes.build();
        }
        reader.expect('{');
        if (reader.skipIf('}')) {
            return routes.build();
        }
        do {
            reader.skipBlanks();
            int keyStart = reader.at;
            reader.skipString();
            String key = Json.read(reader.slice(keyStart), String.class);
            reader.expect(':');
            reader.skipBlanks();
            int valueStart = reader.at;
            reader.skipValue();
            routes.putRoutes(key, ByteString.copyFrom(reader.slice(valueStart)));
        } while (reader.skipIf(','));
        reader.expect('}');
        return routes.build();
    }

    private byte[] slice(int start) {
        return java.util.Arrays.copyOfRange(text, start, at);
    }

    private byte current() {
        if (at >= text.length) {
            throw new IllegalArgumentException("routes: ends within a JSON object");
        }
        return text[at];
    }

    private void skipBlanks() {
        while (at < text.length && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
            at++;
        }
    }

    private boolean skipIf(char expected) {
        skipBlanks();
        if (current() == expected) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char expected) {
        if (!skipIf(expected)) {
            throw new IllegalArgumentException("routes: byte " + at + " (expected: " + expected + ")");
        }
    }

    private void skipString() {
        expect('"');
        while (current() != '"') {
            at += current() == '\\' ? 2 : 1;
        }
        at++;
    }

    /** The value was valid JSON when it was written, so brackets outside strings are all that must be counted. */
    private void skipValue() {
        int depth = 0;
        while (true) {
            switch (current()) {
                case '"' -> {
                    skipString();
                    if (depth == 0) {
                        return;
                    }
                }
                case '{', '[' -> {
                    depth++;
                    at++;
                }
                case '}', ']' -> {
                    if (depth == 0) {
                        return; // the end of the object around a number or word
                    }
                    at++;
                    if (--depth == 0) {
                        return;
                    }
                }
                case ',' -> {
                    if (depth == 0) {
                        return;
                    }
                    at++;
                }
                default -> at++;
            }
        }
    }
}
