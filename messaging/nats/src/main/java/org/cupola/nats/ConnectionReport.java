package org.cupola.nats;

import io.netty.handler.ssl.SslHandler;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSession;
import org.cupola.platform.config.GoDuration;
import org.jspecify.annotations.Nullable;

/** One connection as {@code /connz} shows it. Immutable. */
record ConnectionReport(
        long id,
        String ip,
        int port,
        Instant start,
        Instant lastActivity,
        @Nullable Instant stop,
        @Nullable ClosedReason reason,
        Duration roundTrip,
        long pendingBytes,
        Traffic traffic,
        ConnectOptions options,
        String user,
        @Nullable TlsReport tls,
        int subscriptionCount,
        List<SubscriptionReport> subscriptions) {

    /** What was agreed on in the handshake. */
    record TlsReport(String version, String cipherSuite, List<Map<String, Object>> peers) {}

    /** One subscription. */
    record SubscriptionReport(String subject, String queue, String sid, long messages, long max, long client) {
        static SubscriptionReport of(Subscription subscription) {
            return new SubscriptionReport(
                    subscription.subject().toString(),
                    subscription.queue().toString(),
                    subscription.sid().toString(),
                    subscription.delivered(),
                    subscription.max(),
                    subscription.client().connection().id());
        }

        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("subject", subject);
            putText(json, "qgroup", queue);
            json.put("sid", sid);
            json.put("msgs", messages);
            if (max > 0) {
                json.put("max", max);
            }
            json.put("cid", client);
            return json;
        }
    }

    static ConnectionReport open(ClientConnection client) {
        List<SubscriptionReport> subscriptions = new ArrayList<>();
        client.session()
                .subscriptions()
                .forEach(subscription -> subscriptions.add(SubscriptionReport.of(subscription)));
        return report(client, null, null, subscriptions);
    }

    /** An ended one keeps the number of its subscriptions only. */
    static ConnectionReport closed(ClientConnection client, Instant stop, ClosedReason reason) {
        return report(client, stop, reason, List.of());
    }

    private static ConnectionReport report(
            ClientConnection client,
            @Nullable Instant stop,
            @Nullable ClosedReason reason,
            List<SubscriptionReport> subscriptions) {
        ClientOutput output = client.output();
        return new ConnectionReport(
                client.id(),
                client.address().getAddress().getHostAddress(),
                client.address().getPort(),
                client.start(),
                client.lastActivity(),
                stop,
                reason,
                client.roundTrip(),
                output.pendingBytes(),
                new Traffic(
                        client.session().inMessages(),
                        output.messages(),
                        client.session().inBytes(),
                        output.messageBytes()),
                client.session().options(),
                client.session().userName(),
                tls(client),
                client.session().subscriptions().size(),
                subscriptions);
    }

    private static @Nullable TlsReport tls(ClientConnection client) {
        SslHandler handler = client.channel().pipeline().get(SslHandler.class);
        if (handler == null || !handler.handshakeFuture().isSuccess()) {
            return null;
        }
        SSLSession session = handler.engine().getSession();
        X509Certificate peer = ServerTls.peer(client.channel());
        return new TlsReport(
                session.getProtocol().replace("TLSv", ""),
                session.getCipherSuite(),
                peer == null ? List.of() : List.of(certificate(peer)));
    }

    private static Map<String, Object> certificate(X509Certificate certificate) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("subject", certificate.getSubjectX500Principal().getName());
            json.put(
                    "spki_sha256",
                    HexFormat.of()
                            .formatHex(sha256.digest(certificate.getPublicKey().getEncoded())));
            json.put("cert_sha256", HexFormat.of().formatHex(sha256.digest(certificate.getEncoded())));
            return json;
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was verified can be encoded and hashed", e);
        }
    }

    Duration idle(Instant now) {
        return Duration.between(lastActivity, end(now));
    }

    Duration uptime(Instant now) {
        return Duration.between(start, end(now));
    }

    private Instant end(Instant now) {
        Instant stopped = stop;
        return stopped == null ? now : stopped;
    }

    /** How much of the optional parts to show. */
    enum Subscriptions {
        HIDDEN,
        SUBJECTS,
        DETAILS
    }

    Map<String, Object> json(Instant now, boolean withUser, Subscriptions shown) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cid", id);
        json.put("kind", "Client");
        json.put("type", "nats");
        json.put("ip", ip);
        json.put("port", port);
        json.put("start", start.toString());
        json.put("last_activity", lastActivity.toString());
        if (stop != null) {
            json.put("stop", stop.toString());
        }
        if (reason != null) {
            json.put("reason", reason.toString());
        }
        if (!roundTrip.isZero()) {
            json.put("rtt", GoDuration.format(roundTrip));
        }
        json.put("uptime", MonitorTime.coarse(uptime(now)));
        json.put("idle", MonitorTime.coarse(idle(now)));
        json.put("pending_bytes", pendingBytes);
        json.put("in_msgs", traffic.inMessages());
        json.put("out_msgs", traffic.outMessages());
        json.put("in_bytes", traffic.inBytes());
        json.put("out_bytes", traffic.outBytes());
        json.put("subscriptions", subscriptionCount);
        putText(json, "name", options.name());
        putText(json, "lang", options.language());
        putText(json, "version", options.version());
        TlsReport secured = tls;
        if (secured != null) {
            json.put("tls_version", secured.version);
            json.put("tls_cipher_suite", secured.cipherSuite);
            if (!secured.peers.isEmpty()) {
                json.put("tls_peer_certs", secured.peers);
            }
        }
        if (withUser) {
            putText(json, "authorized_user", user);
            json.put("account", "$G");
        }
        if (shown == Subscriptions.SUBJECTS && !subscriptions.isEmpty()) {
            json.put(
                    "subscriptions_list",
                    subscriptions.stream().map(SubscriptionReport::subject).toList());
        }
        if (shown == Subscriptions.DETAILS && !subscriptions.isEmpty()) {
            json.put(
                    "subscriptions_list_detail",
                    subscriptions.stream().map(SubscriptionReport::json).toList());
        }
        return json;
    }

    private static void putText(Map<String, Object> json, String key, String value) {
        if (!value.isEmpty()) {
            json.put(key, value);
        }
    }
}
