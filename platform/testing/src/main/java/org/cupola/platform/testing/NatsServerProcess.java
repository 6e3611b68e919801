package org.cupola.platform.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** A real nats-server on a loopback port. */
public final class NatsServerProcess implements AutoCloseable {
    private final Process process;
    private final int port;

    private NatsServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts one; aborts or fails the test when nats-server is not installed. */
    public static NatsServerProcess start(String... arguments) {
        return startOn(FreePorts.next(), arguments);
    }

    public static NatsServerProcess startOn(int port, String... arguments) {
        Path program = RealParts.require("nats-server");
        List<String> command = new ArrayList<>(List.of(program.toString(), "-a", "127.0.0.1", "-p", "" + port));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> accepts(port));
            return new NatsServerProcess(process, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "nats://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
