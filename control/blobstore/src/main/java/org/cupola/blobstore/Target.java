package org.cupola.blobstore;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a request line asks for: a decoded path that cannot lead out of anything, and parameters. Immutable.
 *
 * @param path begins with a slash; ends with one when a directory is meant
 */
record Target(String path, Map<String, List<String>> parameters) {
    private static final int MAX_LENGTH = 4096;

    /** Empty for what is no path, or tries to climb. */
    static Optional<Target> parse(String text) {
        try {
            var decoder = new QueryStringDecoder(text, StandardCharsets.UTF_8, true, 64, false);
            String path = decoder.path();
            boolean clean = path.startsWith("/")
                    && path.length() <= MAX_LENGTH
                    && path.chars().noneMatch(c -> c < ' ' || c == 0x7f || c == '\\')
                    && List.of(path.split("/", -1)).stream().noneMatch(part -> part.equals("..") || part.equals("."))
                    && !path.contains("//");
            return clean ? Optional.of(new Target(path, decoder.parameters())) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // a percent sign without its digits
        }
    }

    String parameter(String name) {
        List<String> values = parameters.get(name);
        return values == null ? "" : values.getFirst();
    }

    /** Of {@code /signed/…}, {@code /read/…}: what follows. */
    String after(String prefix) {
        return path.substring(prefix.length());
    }
}
