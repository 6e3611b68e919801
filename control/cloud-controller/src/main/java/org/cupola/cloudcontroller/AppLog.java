package org.cupola.cloudcontroller;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.cupola.protocol.loggregator.v1.Envelope;
import org.cupola.protocol.loggregator.v1.LogMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells apps' logs, under the source {@code API}, what was done to the app: a datagram each to the Loggregator agent. One that
 * cannot be sent is lost. Any thread.
 */
final class AppLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AppLog.class);
    private static final String SOURCE = "API";

    private final DatagramSocket socket;
    private final InetSocketAddress agent;
    private final InstantSource clock;

    AppLog(InetSocketAddress agent, InstantSource clock) throws IOException {
        this.socket = new DatagramSocket();
        this.agent = agent;
        this.clock = clock;
    }

    /** Says it if it is one of the things that are said. */
    void tell(AuditEvents.Event event) {
        line(event).ifPresent(line -> send(event.target().guid(), line));
    }

    static Optional<String> line(AuditEvents.Event event) {
        String app = event.target().guid();
        return Optional.ofNullable(
                switch (event.type()) {
                    case "audit.app.create" -> "Created app with guid " + app;
                    case "audit.app.update" -> "Updated app with guid " + app + " (" + event.data() + ")";
                    case "audit.app.delete-request" -> "Deleted app with guid " + app;
                    case "audit.app.start" -> "Starting app with guid " + app;
                    case "audit.app.stop" -> "Stopping app with guid " + app;
                    case "audit.app.restart" -> "Restarted app with guid " + app;
                    case "audit.app.build.create" -> "Creating build for app with guid " + app;
                    case "audit.app.droplet.mapped" -> "Updated app with guid " + app + " (" + event.data() + ")";
                    case "audit.app.process.crash" ->
                        "App instance exited with guid " + app + " payload: " + event.data();
                    default -> null;
                });
    }

    private void send(String app, String line) {
        Instant now = clock.instant();
        long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
        byte[] datagram = Envelope.newBuilder()
                .setOrigin("cloud_controller")
                .setEventType(Envelope.EventType.LogMessage)
                .setTimestamp(nanos)
                .setLogMessage(LogMessage.newBuilder()
                        .setMessage(ByteString.copyFromUtf8(line))
                        .setMessageType(LogMessage.MessageType.OUT)
                        .setTimestamp(nanos)
                        .setAppId(app)
                        .setSourceType(SOURCE)
                        .setSourceInstance("0"))
                .build()
                .toByteArray();
        try {
            socket.send(new DatagramPacket(datagram, datagram.length, agent));
        } catch (IOException e) {
            log.atDebug().addKeyValue("error", e.getMessage()).log("app-log-not-sent");
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
