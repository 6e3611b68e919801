package org.cupola.gorouter;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.EndpointInfo;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RegistryMessageException;
import org.cupola.protocol.routing.SharedTexts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the routes in a file over a restart, a register message per line, so that a new router serves at once what the
 * old one knew. What nobody confirms within the prune threshold is dropped as usual; endpoints with TLS show at their
 * first connection whether they are still who they were. Any thread.
 */
final class RouteSnapshot {
    private static final Logger log = LoggerFactory.getLogger(RouteSnapshot.class);
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Path file;
    private final RouteTable table;
    private long savedVersion = -1;
    private long notBeforeNanos = System.nanoTime();

    RouteSnapshot(Path file, RouteTable table) {
        this.file = file;
        this.table = table;
    }

    /** Registers what the file holds; a missing or damaged file costs a log line, not the start. */
    void load(long nowNanos) {
        int count = 0;
        var texts = new SharedTexts();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                RegistryMessage message = RegistryMessage.parse(line.getBytes(StandardCharsets.UTF_8), texts);
                if (!table.rules().sharding().accepts(message.isolationSegment())) {
                    continue;
                }
                EndpointInfo info = EndpointInfo.of(message, table.rules().http2());
                for (String uri : message.uris()) {
                    table.register(uri, info, nowNanos);
                }
                count++;
            }
            log.atInfo()
                    .addKeyValue("endpoints", count)
                    .addKeyValue("file", file)
                    .log("route-snapshot-loaded");
        } catch (NoSuchFileException e) {
            log.atInfo().addKeyValue("file", file).log("route-snapshot-missing");
        } catch (IOException | RegistryMessageException e) {
            log.atError().addKeyValue("file", file).setCause(e).log("route-snapshot-unreadable");
        }
    }

    /**
     * Saves if anything has changed since the last time, and not so often that saving a large table takes up more than a
     * twentieth of a CPU.
     */
    synchronized void saveChanges(long nowNanos) {
        if (table.version() == savedVersion || nowNanos - notBeforeNanos < 0) {
            return;
        }
        save();
        long end = System.nanoTime();
        notBeforeNanos = end + 20 * (end - nowNanos);
    }

    /** Replaces the file as a whole, so that a crash leaves the old or the new one. */
    synchronized void save() {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        long version = table.version();
        try {
            try (OutputStream out = new BufferedOutputStream(new FileOutputStream(next.toFile()), BUFFER_BYTES)) {
                write(out);
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            savedVersion = version;
        } catch (IOException e) {
            log.atError().addKeyValue("file", file).setCause(e).log("route-snapshot-not-written");
        }
    }

    private void write(OutputStream out) {
        table.forEach((uri, pool) -> {
            String path = pool.contextPath().equals("/") ? "" : pool.contextPath();
            String written = pool.host() + path;
            try {
                for (Endpoint endpoint : pool.endpoints()) {
                    out.write(message(written, endpoint.info()).toEmitterJson());
                    out.write('\n');
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static RegistryMessage message(String uri, EndpointInfo info) {
        return RegistryMessage.builder(info.host(), List.of(uri))
                .port(info.tls() ? 0 : info.port())
                .tlsPort(info.tls() ? info.port() : 0)
                .protocol(info.protocol())
                .app(info.app())
                .staleThresholdInSeconds(info.staleAfterSeconds())
                .privateInstanceId(info.instanceId())
                .privateInstanceIndex(info.instanceIndex())
                .isolationSegment(info.isolationSegment())
                .serverCertDomainSan(info.serverCertDomainSan())
                .tags(info.tags())
                .routeServiceUrl(info.routeServiceUrl())
                .endpointUpdatedAtNs(info.updatedAtNs())
                .availabilityZone(info.availabilityZone())
                .options(info.options())
                .build();
    }
}
