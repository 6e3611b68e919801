package org.cupola.gorouter;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.cupola.gorouter.GorouterConfig.Beyond;
import org.cupola.gorouter.GorouterConfig.Http3;
import org.cupola.gorouter.GorouterConfig.TlsLimits;
import org.cupola.gorouter.protection.RouteLimits;
import org.cupola.gorouter.protection.RouteLimitsReader;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.net.Transport;

/** Reads the keys of {@code gorouter.yml} that are our own. */
final class BeyondReader {
    private final ConfigReader root;
    private final ConfigReader own;
    private final boolean ssl;
    private final TlsLimits limits;

    BeyondReader(ConfigReader root, boolean ssl, TlsLimits limits) {
        this.root = root;
        this.own = root.object("cupola");
        this.ssl = ssl;
        this.limits = limits;
    }

    Beyond read() {
        int threads = root.integer("go_max_procs", -1, -1, 1024);
        Optional<Path> snapshot = own.file("snapshot_file");
        return new Beyond(
                root.string("listen_address", "0.0.0.0"),
                threads > 0 ? threads : Runtime.getRuntime().availableProcessors(),
                own.bool("take_over", false),
                snapshot,
                transport(),
                own.duration("watch_interval", Duration.ofSeconds(5)),
                own.bool("drop_missing", true),
                own.value("route_defaults")
                        .map(limits -> RouteLimitsReader.configuration(
                                limits, problem -> root.note("cupola.route_defaults: " + problem)))
                        .orElse(RouteLimits.NONE),
                MetricsReader.series(own.object("metrics")),
                http3());
    }

    private Transport transport() {
        Transport preferred = Transport.preferred();
        String wanted = own.choice("transport", preferred.key(), Transport.keys());
        Transport transport = Transport.ofKey(wanted);
        if (!transport.isAvailable()) {
            own.refuse("transport", wanted, "one that this machine has, such as " + preferred.key());
            return preferred;
        }
        return transport;
    }

    private Optional<Http3> http3() {
        int advertised = own.integer("http3_advertised_port", 0, 0, 65535);
        if (!own.bool("enable_http3", false)) {
            return Optional.empty();
        }
        if (!ssl) {
            root.note("cupola.enable_http3: true needs enable_ssl: true, whose certificates it serves");
        } else if (!limits.maxVersion().equals("TLSv1.3")) {
            root.note("cupola.enable_http3: true needs max_tls_version: TLSv1.3, as QUIC knows no other");
        }
        if (root.bool("enable_proxy", false)) {
            root.note("cupola.enable_http3: true does not go with enable_proxy: true, as UDP carries no PROXY header:"
                    + " all clients would have the load balancer's address");
        }
        return Optional.of(new Http3(advertised));
    }
}
