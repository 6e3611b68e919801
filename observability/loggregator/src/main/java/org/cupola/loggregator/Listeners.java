package org.cupola.loggregator;

import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.GrpcServiceBuilder;
import io.grpc.BindableService;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;

/** Gathers what listens where, so that boxes with one address have one listener. Confined to the thread that starts. */
final class Listeners {
    private static final int MAX_MESSAGE_BYTES = 10 * 1024 * 1024;

    private final LoggregatorConfig config;
    private final Map<InetSocketAddress, List<BindableService>> grpc = new LinkedHashMap<>();
    private final Map<InetSocketAddress, List<Consumer<ServerBuilder>>> http = new LinkedHashMap<>();

    Listeners(LoggregatorConfig config) {
        this.config = config;
    }

    void grpc(Optional<InetSocketAddress> address, List<BindableService> services) {
        address.ifPresent(
                at -> grpc.computeIfAbsent(at, key -> new ArrayList<>()).addAll(services));
    }

    void http(Optional<InetSocketAddress> address, Consumer<ServerBuilder> services) {
        address.ifPresent(
                at -> http.computeIfAbsent(at, key -> new ArrayList<>()).add(services));
    }

    /** With mutual TLS, by the address in the configuration. */
    Map<InetSocketAddress, HttpServer> grpcServers() {
        Map<InetSocketAddress, HttpServer> servers = new LinkedHashMap<>();
        grpc.forEach((address, services) -> servers.put(
                address, new HttpServer("loggregator-grpc", mutual(address), builder -> add(builder, services))));
        return servers;
    }

    /** For users, by the address in the configuration. */
    Map<InetSocketAddress, HttpServer> httpServers() {
        Map<InetSocketAddress, HttpServer> servers = new LinkedHashMap<>();
        http.forEach((address, services) ->
                servers.put(address, new HttpServer("loggregator-http", listener(address), builder -> {
                    builder.unloggedExceptionsReportIntervalMillis(0); // as above
                    services.forEach(service -> service.accept(builder));
                })));
        return servers;
    }

    private static void add(ServerBuilder builder, List<BindableService> services) {
        GrpcServiceBuilder grpc = GrpcService.builder().maxRequestMessageLength(MAX_MESSAGE_BYTES);
        services.forEach(grpc::addService);
        // Streams last for as long as their client wants, and carry any number of bytes.
        builder.requestTimeoutMillis(0)
                .maxRequestLength(0)
                .unloggedExceptionsReportIntervalMillis(0) // they also end when a client leaves, which is no news
                .service(grpc.build());
    }

    private HttpListener mutual(InetSocketAddress address) {
        LoggregatorConfig.MutualTls files = config.tls().orElseThrow();
        return HttpListener.mutualTls(
                address, TlsIdentity.read(files.certificate(), files.key()), Pem.certificates(files.authority()));
    }

    private HttpListener listener(InetSocketAddress address) {
        return config.httpTls()
                .map(files -> HttpListener.tls(address, TlsIdentity.read(files.certificate(), files.key())))
                .orElseGet(() -> HttpListener.plain(address));
    }
}
