package org.cupola.rep.executor;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Well when a GET is answered with 200 within the time limit, redirects followed. A new connection each time. */
record HttpProbe(String address, int port, String path, Duration timeout) implements Probe {
    private static final long MAX_BODY_BYTES = 1024 * 1024;

    @Override
    public Optional<String> failure() {
        String what = "failed to make HTTP request to '" + path + "' on port " + port + ": ";
        long start = System.nanoTime();
        HttpURLConnection connection = null;
        try {
            connection = open();
            int status = connection.getResponseCode();
            readBody(connection, start);
            long millis = (System.nanoTime() - start) / 1_000_000;
            return status == 200
                    ? Optional.empty()
                    : Optional.of(what + "received status code " + status + " in " + millis + "ms");
        } catch (SocketTimeoutException e) {
            return Optional.of(what + "timed out after " + TcpProbe.seconds(timeout) + " seconds");
        } catch (IOException | URISyntaxException e) {
            return Optional.of(what
                    + (e instanceof IOException io ? TcpProbe.reason(io) : "not a usable path: " + e.getMessage()));
        } finally {
            if (connection != null) {
                connection.disconnect();
            }
        }
    }

    private HttpURLConnection open() throws IOException, URISyntaxException {
        String host = address.contains(":") ? "[" + address + "]" : address;
        URI uri = new URI("http://" + host + ":" + port + (path.startsWith("/") ? path : "/" + path));
        var connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
        int millis = Math.toIntExact(Math.max(1, timeout.toMillis()));
        connection.setConnectTimeout(millis);
        connection.setReadTimeout(millis);
        connection.setUseCaches(false);
        connection.setRequestProperty("User-Agent", "diego-healthcheck");
        connection.setRequestProperty("X-Forwarded-Proto", "https");
        connection.setRequestProperty("Connection", "close");
        return connection;
    }

    /** To its end, as a proper client does, unless that would take for ever. */
    private void readBody(HttpURLConnection connection, long start) throws IOException {
        try (InputStream body = bodyOf(connection)) {
            if (body == null) {
                return;
            }
            byte[] buffer = new byte[8192];
            long total = 0;
            for (int count = body.read(buffer); count >= 0 && total < MAX_BODY_BYTES; count = body.read(buffer)) {
                total += count;
                if (System.nanoTime() - start > timeout.toNanos()) {
                    throw new SocketTimeoutException();
                }
            }
        }
    }

    private static @Nullable InputStream bodyOf(HttpURLConnection connection) throws IOException {
        return connection.getResponseCode() >= 400 ? connection.getErrorStream() : connection.getInputStream();
    }
}
