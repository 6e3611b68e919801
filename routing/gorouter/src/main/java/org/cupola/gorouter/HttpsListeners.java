package org.cupola.gorouter;

import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.gorouter.proxy.DataPlane;
import org.cupola.gorouter.proxy.FrontendTls;
import org.cupola.gorouter.proxy.Http3Tls;
import org.cupola.gorouter.proxy.LogSources;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTPS port and, where it is wanted, HTTP/3 on the UDP port of the same number. Any thread. */
final class HttpsListeners implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LogSources.ROUTER);

    private static final long AGAIN_SECONDS = 1;

    private final FrontendTls certificates;
    private final @Nullable Http3Tls http3;
    private final int port;

    private HttpsListeners(FrontendTls certificates, @Nullable Http3Tls http3, int port) {
        this.certificates = certificates;
        this.http3 = http3;
        this.port = port;
    }

    /**
     * Begins to listen.
     *
     * @throws IllegalStateException when HTTP/3 is wanted and there is no library for it
     */
    static HttpsListeners open(
            GorouterConfig config, GorouterConfig.FrontendTls tls, DataPlane plane, ScheduledExecutorService timers)
            throws IOException, InterruptedException {
        Http3Tls http3 = null;
        if (config.beyond().http3().isPresent()) {
            Http3Tls.requireLibrary();
            http3 = new Http3Tls(Http3Certificates.of(tls));
        }
        var certificates =
                new FrontendTls(FrontendCertificates.of(tls, config.frontend().http2()));
        String host = config.beyond().host();
        try {
            int port = plane.listen(
                    new InetSocketAddress(host, tls.port()), config.beyond().takeOver(), certificates);
            log.atInfo().addKeyValue("address", host + ":" + port).log("tls-listener-started");
            if (http3 != null) {
                listen(config, new InetSocketAddress(host, port), http3, plane, timers);
            }
            return new HttpsListeners(certificates, http3, port);
        } catch (IOException | InterruptedException | RuntimeException e) {
            certificates.close();
            throw e;
        }
    }

    /**
     * A packet does not say whose connection it belongs to, so two processes cannot share a UDP port: who takes over waits
     * until the other one has drained, while clients come by TCP.
     */
    private static void listen(
            GorouterConfig config,
            InetSocketAddress address,
            Http3Tls http3,
            DataPlane plane,
            ScheduledExecutorService timers)
            throws IOException, InterruptedException {
        try {
            plane.listenHttp3(address, http3, advertisedPort(config, address));
            log.atInfo()
                    .addKeyValue("address", address.getHostString() + ":" + address.getPort())
                    .log("http3-listener-started");
        } catch (IOException e) {
            if (!config.beyond().takeOver()) {
                throw e;
            }
            log.atInfo().addKeyValue("reason", e.getMessage()).log("http3-port-not-ours-yet");
            timers.schedule(
                    () -> {
                        listen(config, address, http3, plane, timers);
                        return null;
                    },
                    AGAIN_SECONDS,
                    TimeUnit.SECONDS);
        }
    }

    private static int advertisedPort(GorouterConfig config, InetSocketAddress address) {
        int configured = config.beyond().http3().orElseThrow().advertisedPort();
        return configured == 0 ? address.getPort() : configured;
    }

    /** The port in use. */
    int port() {
        return port;
    }

    /** @throws RuntimeException when they are of no use; everything stays as it was */
    Replacement replacement(GorouterConfig changed) {
        GorouterConfig.FrontendTls tls = changed.frontend()
                .tls()
                .orElseThrow(() -> new IllegalArgumentException(
                        "enable_ssl: false (expected: true, as when the router was started)"));
        Runnable quic = http3 == null ? () -> {} : http3.replacement(Http3Certificates.of(tls));
        List<FrontendTls.Certificate> read =
                FrontendCertificates.of(tls, changed.frontend().http2());
        return new Replacement(
                () -> {
                    certificates.replace(read);
                    quic.run();
                },
                () -> read.forEach(certificate -> ReferenceCountUtil.release(certificate.context())));
    }

    /** To be called when no connection comes any more. */
    @Override
    public void close() {
        certificates.close();
    }
}
