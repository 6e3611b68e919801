package org.cupola.rep.executor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Well when a TCP connection can be made. */
record TcpProbe(String address, int port, Duration timeout) implements Probe {
    @Override
    public Optional<String> failure() {
        String what = "failed to make TCP connection to " + address + ":" + port;
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), Math.toIntExact(Math.max(1, timeout.toMillis())));
            return Optional.empty();
        } catch (SocketTimeoutException e) {
            return Optional.of(what + ": timed out after " + seconds(timeout) + " seconds");
        } catch (IOException e) {
            return Optional.of(what + ": " + reason(e));
        }
    }

    static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.2f", time.toMillis() / 1000.0);
    }

    static String reason(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.toLowerCase(Locale.ROOT).contains("refused") ? "connection refused" : message;
    }
}
