package org.cupola.bbs;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.json.Json;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.CellPresences;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.proto.CellPresence;
import org.cupola.protocol.bbs.testing.TestLocket;
import tools.jackson.databind.node.ObjectNode;

/** A BBS over its real wire, with Locket, auctioneer and one cell as fakes around it, all by mutual TLS. */
final class TestBbs implements AutoCloseable {
    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
    private static final TlsIdentity IDENTITY = AUTHORITY.issue("diego", List.of("127.0.0.1"), Duration.ofDays(1));

    private final Path directory;
    private final HttpClients clients = HttpClients.create(IDENTITY, List.of(AUTHORITY.certificate()));
    private final TestLocket locket = new TestLocket(listener());
    private final FakePeers peers = new FakePeers(listener());
    private final Clock clock;
    private BbsComponent bbs;

    TestBbs(Path directory, Clock clock, String driver, String connection) throws Exception {
        this.directory = directory;
        this.clock = clock;
        Files.writeString(directory.resolve("ca.crt"), Pem.write(AUTHORITY.certificate()));
        Files.writeString(directory.resolve("diego.crt"), Pem.write(IDENTITY.certificate()));
        Files.writeString(directory.resolve("diego.key"), Pem.write(IDENTITY.key()));
        Files.writeString(configFile(), Json.pretty(config(driver, connection)));
        bbs = new BbsComponent(BbsConfig.read(configFile()), clock);
    }

    static TestBbs onSqlite(Path directory) throws Exception {
        return onSqlite(directory, Clock.systemUTC());
    }

    static TestBbs onSqlite(Path directory, Clock clock) throws Exception {
        return new TestBbs(
                directory, clock, "sqlite", directory.resolve("bbs.db").toString());
    }

    static HttpListener listener() {
        return HttpListener.mutualTls(
                new InetSocketAddress("127.0.0.1", 0), IDENTITY, List.of(AUTHORITY.certificate()));
    }

    static HttpClients strangers() {
        return HttpClients.create(null, List.of(AUTHORITY.certificate()));
    }

    private ObjectNode config(String driver, String connection) {
        String ca = directory.resolve("ca.crt").toString();
        String crt = directory.resolve("diego.crt").toString();
        String key = directory.resolve("diego.key").toString();
        ObjectNode config = (ObjectNode) Json.tree("{}");
        config.put("listen_address", "127.0.0.1:0")
                .put("health_address", "127.0.0.1:0")
                .put("uuid", "bbs-1")
                .put("ca_file", ca)
                .put("cert_file", crt)
                .put("key_file", key)
                .put("locket_address", locket.address())
                .put("locket_ca_cert_file", ca)
                .put("locket_client_cert_file", crt)
                .put("locket_client_key_file", key)
                .put("lock_retry_interval", "200ms")
                .put("auctioneer_address", peers.url())
                .put("auctioneer_ca_cert", ca)
                .put("auctioneer_client_cert", crt)
                .put("auctioneer_client_key", key)
                .put("rep_ca_cert", ca)
                .put("rep_client_cert", crt)
                .put("rep_client_key", key)
                .put("database_driver", driver)
                .put("database_connection_string", connection)
                .put("active_key_label", "key-1");
        config.putObject("encryption_keys").put("key-1", "a passphrase");
        return config;
    }

    Path configFile() {
        return directory.resolve("bbs.json");
    }

    /** Changes the file; to be followed by {@link #restart}. */
    void configure(java.util.function.Consumer<ObjectNode> change) throws IOException {
        ObjectNode config = (ObjectNode) Json.tree(Files.readString(configFile()));
        change.accept(config);
        Files.writeString(configFile(), Json.pretty(config));
    }

    TestBbs start() throws Exception {
        bbs.start();
        return this;
    }

    /** Stops, then starts another on the same database, with the file as it is now. */
    void restart() throws Exception {
        bbs.close();
        bbs = another();
        bbs.start();
    }

    BbsComponent another() throws ConfigException {
        return new BbsComponent(BbsConfig.read(configFile()), clock);
    }

    BbsComponent component() {
        return bbs;
    }

    BbsClient client() {
        return new BbsClient(clients, URI.create("https://127.0.0.1:" + bbs.port()), Duration.ofSeconds(10));
    }

    HttpClients clients() {
        return clients;
    }

    TestLocket locket() {
        return locket;
    }

    FakePeers peers() {
        return peers;
    }

    void cellComes(String cellId) {
        var presence = CellPresence.newBuilder()
                .setCellId(cellId)
                .setRepUrl(peers.url())
                .setZone("z1");
        locket.resources()
                .put(cellId, LocketClient.presenceResource(cellId, "owner", CellPresences.encode(presence.build())));
    }

    @Override
    public void close() {
        clients.close(); // first, because a server that stops waits for connections to drain
        bbs.close();
        locket.close();
        peers.close();
    }
}
