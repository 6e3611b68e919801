package org.cupola.bbs;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.cupola.platform.json.Json;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One JSON line when a request begins and one when it is answered, in a file of its own; off without a file. Any thread. */
final class AccessLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AccessLog.class);

    private final InstantSource clock;
    private final @Nullable Writer file;

    AccessLog(Optional<Path> path, InstantSource clock) {
        this.clock = clock;
        this.file = path.isPresent() ? open(path.get()) : null;
    }

    private static Writer open(Path path) {
        try {
            return Files.newBufferedWriter(
                    path, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("access_log_path: " + path + " cannot be written: " + e.getMessage(), e);
        }
    }

    void serving(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        if (file != null) {
            write(file, line("serving", ctx, request));
        }
    }

    void done(ServiceRequestContext ctx, AggregatedHttpRequest request, Duration latency) {
        if (file != null) {
            ObjectNode line = line("done", ctx, request);
            ((ObjectNode) line.get("data")).put("duration", latency.toNanos());
            write(file, line);
        }
    }

    private ObjectNode line(String message, ServiceRequestContext ctx, AggregatedHttpRequest request) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("timestamp", clock.instant().toString())
                .put("source", "bbs")
                .put("message", "bbs.request." + message)
                .put("level", "info");
        ObjectNode data = line.putObject("data")
                .put("method", request.method().name())
                .put("remote_addr", String.valueOf(ctx.remoteAddress()))
                .put("request", request.path());
        X509Certificate client = clientCertificate(ctx.sslSession());
        if (client != null) {
            data.put("subject", client.getSubjectX500Principal().getName())
                    .put("issuer", client.getIssuerX500Principal().getName());
        }
        return line;
    }

    private static @Nullable X509Certificate clientCertificate(@Nullable SSLSession session) {
        if (session == null) {
            return null;
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate certificate ? certificate : null;
        } catch (SSLPeerUnverifiedException e) {
            return null; // the listener does not ask for one
        }
    }

    private static synchronized void write(Writer file, ObjectNode line) {
        try {
            file.write(Json.text(line) + "\n");
            file.flush();
        } catch (IOException e) {
            log.atError().setCause(e).log("failed-to-write-access-log");
        }
    }

    @Override
    public void close() {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
