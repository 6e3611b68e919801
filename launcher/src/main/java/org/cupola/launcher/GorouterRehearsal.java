package org.cupola.launcher;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.cupola.gorouter.GorouterComponent;
import org.cupola.gorouter.GorouterConfig;
import org.cupola.launcher.up.DataDirectory;
import org.cupola.nats.NatsComponent;
import org.cupola.nats.NatsConfig;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.lifecycle.Foreground;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import org.cupola.platform.telemetry.Logging;

/**
 * The router alone, with a broker, a backend and clients of every kind for a moment: what the JVM keeps of it is a tenth of
 * what it keeps of the whole platform, and is all that {@code cupola gorouter} needs. Certificates come from the JDK's
 * keytool, since those classes that would make them here cannot be kept and would be loaded at every start.
 */
final class GorouterRehearsal implements AutoCloseable {
    private static final String HOST = "rehearsal.localhost";
    private static final char[] PASSWORD = "rehearsal".toCharArray();
    private static final int REQUESTS = 300;

    private final Path data;
    private final NatsComponent nats;
    private final ServerSocket backend = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());

    /** Rehearses in a temporary directory; 0. Blocks for about a second. */
    static int run() throws Exception {
        Path data = Files.createTempDirectory("cupola-rehearse");
        try (var rehearsal = new GorouterRehearsal(data)) {
            rehearsal.perform();
            return 0;
        } finally {
            DataDirectory.delete(data);
        }
    }

    private GorouterRehearsal(Path data) throws Exception {
        this.data = data;
        this.nats = new NatsComponent(NatsConfig.of(Map.of("net", "127.0.0.1", "port", -1L)), Clock.systemUTC());
    }

    private void perform() throws Exception {
        nats.start();
        Thread.ofVirtual().start(this::serve);
        Path file = Files.writeString(data.resolve("gorouter.yml"), yaml());
        Logging.configure(GorouterConfig.LOGS_OF_READING);
        GorouterConfig config = GorouterConfig.read(file);
        Logging.configure(config.logs().settings());
        try (GorouterComponent router = GorouterCommand.router(config, file, new Ending())) {
            Foreground.run(new Performance(router), Duration.ofSeconds(10), () -> {});
        }
    }

    /** Everything that a router does in its first moments, as its start, after which it is over. */
    private final class Performance implements Component {
        private final GorouterComponent router;

        private Performance(GorouterComponent router) {
            this.router = router;
        }

        @Override
        public String name() {
            return router.name();
        }

        @Override
        public void start() throws Exception {
            router.start();
            register(router);
            askAll(router);
        }

        @Override
        public CompletionStage<Void> failure() {
            return CompletableFuture.completedStage(null);
        }

        @Override
        public void close() {
            router.close();
        }
    }

    private void register(GorouterComponent router) throws IOException, InterruptedException {
        try (var client = new Socket(InetAddress.getLoopbackAddress(), nats.port())) {
            String message = "{\"host\":\"127.0.0.1\",\"port\":" + backend.getLocalPort() + ",\"uris\":[\"" + HOST
                    + "\"],\"app\":\"app\",\"private_instance_id\":\"instance\",\"tags\":{\"component\":\"app\"}}";
            send(
                    client,
                    "CONNECT {\"verbose\":false}\r\nPUB router.register " + message.length() + "\r\n" + message
                            + "\r\nPING\r\n");
            client.getInputStream().read();
            while (router.table().routeCount() == 0) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            Logging.level(LogLevel.ERROR); // a line for each of so many routes would be all that is rehearsed
            new ManyRoutes(client, router.table()).comeAndGo();
            Logging.level(LogLevel.INFO);
        }
    }

    private static void askAll(GorouterComponent router) throws Exception {
        try (var client = new Socket(InetAddress.getLoopbackAddress(), router.statusPort())) {
            ask(client, "/health", REQUESTS / 50);
        }
        try (var client = new Socket(InetAddress.getLoopbackAddress(), router.port())) {
            ask(client, "/", REQUESTS);
        }
        try (SSLSocket client = secure(router.tlsPort(), "http/1.1")) {
            ask(client, "/", REQUESTS);
        }
        try (SSLSocket client = secure(router.tlsPort(), "h2")) {
            askInHttp2(client);
        }
    }

    private void serve() {
        while (!backend.isClosed()) {
            try {
                Socket connection = backend.accept();
                Thread.ofVirtual().start(() -> answer(connection));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private static void answer(Socket connection) {
        try (connection) {
            InputStream in = connection.getInputStream();
            var buffer = new byte[4096];
            while (in.read(buffer) > 0) { // a request of these is in one piece
                send(connection, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");
            }
        } catch (IOException e) {
            // the router has gone
        }
    }

    private static void ask(Socket client, String path, int times) throws IOException {
        var buffer = new byte[4096];
        for (int i = 0; i < times; i++) {
            send(client, "GET " + path + " HTTP/1.1\r\nHost: " + HOST + "\r\nUser-Agent: rehearsal\r\n\r\n");
            if (client.getInputStream().read(buffer) < 0) {
                throw new IOException(path + ": no answer");
            }
        }
    }

    /** One request, in frames: preface, empty settings, headers without compression. */
    private static void askInHttp2(SSLSocket client) throws IOException {
        var fields = new StringBuilder("\u0082\u0084\u0087"); // GET, /, https
        fields.append("\u0001").append((char) HOST.length()).append(HOST); // :authority
        send(client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, "") + frame(1, 5, 1, fields.toString()));
        InputStream in = client.getInputStream();
        while (true) {
            byte[] head = in.readNBytes(9);
            if (head.length < 9) {
                throw new IOException("HTTP/2: no answer");
            }
            in.skipNBytes((head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | (head[2] & 0xff));
            if (head[8] == 1 && (head[4] & 1) != 0) {
                return; // the end of our stream
            }
        }
    }

    private static String frame(int type, int flags, int stream, String payload) {
        return "\0\0" + (char) payload.length() + (char) type + (char) flags + "\0\0\0" + (char) stream + payload;
    }

    private static void send(Socket to, String bytes) throws IOException {
        to.getOutputStream().write(bytes.getBytes(ISO_8859_1));
        to.getOutputStream().flush();
    }

    private static SSLSocket secure(int port, String protocol) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anyone()}, null);
        var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        return socket;
    }

    private String yaml() throws Exception {
        Path store = data.resolve("keys.p12");
        int code = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + HOST,
                        "-ext",
                        "SAN=dns:" + HOST,
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("keytool.log").toFile())
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("keytool: " + Files.readString(data.resolve("keytool.log")));
        }
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
        String alias = keys.aliases().nextElement();
        return """
                port: 0
                listen_address: 127.0.0.1
                enable_ssl: true
                ssl_port: 0
                client_cert_validation: none
                min_tls_version: TLSv1.2
                max_tls_version: TLSv1.3
                cipher_suites: ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256
                status: {host: 127.0.0.1, port: 0, user: user, pass: pass, routes: {port: 0}}
                route_services_internal_server_port: 0
                start_response_delay_interval: 0s
                disable_keep_alives: false
                access_log: {file: %s}
                logging: {level: info}
                nats: {hosts: [{hostname: 127.0.0.1, port: %d}]}
                tls_pem:
                - cert_chain: |
                    %s
                  private_key: |
                    %s
                """.formatted(
                        data.resolve("access.log"),
                        nats.port(),
                        pem("CERTIFICATE", keys.getCertificate(alias).getEncoded()),
                        pem("PRIVATE KEY", keys.getKey(alias, PASSWORD).getEncoded()));
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n    "
                + Base64.getMimeEncoder(64, "\n    ".getBytes(ISO_8859_1)).encodeToString(der)
                + "\n    -----END " + what + "-----";
    }

    @Override
    public void close() throws IOException {
        backend.close();
        nats.close();
    }

    /** Whoever answers is our own router. */
    private static final class Anyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
