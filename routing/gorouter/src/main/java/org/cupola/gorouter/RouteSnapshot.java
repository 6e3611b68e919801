package org.cupola.gorouter;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.EndpointInfo;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RegistryMessageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the routes in a file over a restart, a register message per line, so that a new router serves at once what the
 * old one knew. What nobody confirms within the prune threshold is dropped as usual; endpoints with TLS show at their
 * first connection whether they are still who they were. One thread at a time.
 */
final class RouteSnapshot {
    private static final Logger log = LoggerFactory.getLogger(RouteSnapshot.class);

    private final Path file;
    private final RouteTable table;

    RouteSnapshot(Path file, RouteTable table) {
        this.file = file;
        this.table = table;
    }

    /** Registers what the file holds; a missing or damaged file costs a log line, not the start. */
    void load(long nowNanos) {
        int count = 0;
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                RegistryMessage message = RegistryMessage.parse(line.getBytes(StandardCharsets.UTF_8));
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

    /** Replaces the file as a whole, so that a crash leaves the old or the new one. */
    void save() {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            write(next);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.atError().addKeyValue("file", file).setCause(e).log("route-snapshot-not-written");
        }
    }

    private void write(Path next) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(next, StandardCharsets.UTF_8)) {
            for (byte[] line : messages()) {
                out.write(new String(line, StandardCharsets.UTF_8));
                out.write('\n');
            }
        }
    }

    private List<byte[]> messages() {
        List<byte[]> lines = new ArrayList<>(table.routeCount());
        table.forEach((uri, pool) -> {
            String path = pool.contextPath().equals("/") ? "" : pool.contextPath();
            String written = pool.host() + path;
            for (Endpoint endpoint : pool.endpoints()) {
                lines.add(message(written, endpoint.info()).toEmitterJson());
            }
        });
        return lines;
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
