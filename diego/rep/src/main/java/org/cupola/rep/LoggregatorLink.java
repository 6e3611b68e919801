package org.cupola.rep;

import java.time.Instant;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.loggregator.IngressClient;
import org.cupola.protocol.loggregator.Tags;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.Log;
import org.cupola.rep.executor.LogLine;
import org.cupola.rep.executor.LogSink;

/** Sends applications' log lines and metrics to the Loggregator agent. Any thread; never blocks. */
final class LoggregatorLink implements LogSink {
    private final LoggregatorSettings settings;
    private final HttpClients clients;
    private final IngressClient ingress;

    /** @throws IllegalArgumentException when a certificate cannot be read */
    LoggregatorLink(LoggregatorSettings settings) {
        this.settings = settings;
        RepConfig.Certificates files = settings.certificates();
        this.clients = HttpClients.create(
                TlsIdentity.read(files.certificate(), files.key()), Pem.certificates(files.authority()));
        this.ingress = new IngressClient(clients, settings.address());
    }

    @Override
    public void write(LogLine line) {
        String source =
                line.config().tags().getOrDefault("source_id", line.config().guid());
        if (source.isEmpty()) {
            return; // of nobody's app
        }
        Envelope.Builder envelope = Envelope.newBuilder()
                .setSourceId(source)
                .setInstanceId(line.config()
                        .tags()
                        .getOrDefault(
                                "instance_id", Integer.toString(line.config().index())))
                .setTimestamp(nanos(line.time()))
                .putAllTags(line.config().tags())
                .putTags("source_type", line.source())
                .setLog(Log.newBuilder()
                        .setPayload(line.text())
                        .setType(line.channel() == LogLine.Channel.ERR ? Log.Type.ERR : Log.Type.OUT));
        send(envelope);
    }

    /** Adds what stands on every envelope of this cell. */
    void send(Envelope.Builder envelope) {
        ingress.emit(Tags.addMissing(envelope, settings.tags()).build());
    }

    static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L + time.getNano();
    }

    long dropped() {
        return ingress.dropped();
    }

    /** Sends what is left, for a moment. */
    @Override
    public void close() {
        ingress.close();
        clients.close();
    }
}
