package org.cupola.blobstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.Secret;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.protocol.blobstore.BlobKey;
import org.cupola.protocol.blobstore.BlobLimits;
import org.cupola.protocol.blobstore.BlobstoreClient.Audience;
import org.cupola.protocol.blobstore.BlobstoreException;
import org.cupola.protocol.blobstore.LinkSigner;
import org.cupola.protocol.blobstore.WebDavBlobstore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobstoreComponentTest {
    private static final int LARGE = 64 * 1024 * 1024;

    @TempDir
    private Path directory;

    @Test
    void listsWhatItKeeps() throws Exception {
        try (var running = new RunningBlobstore(directory, "")) {
            WebDavBlobstore store = running.client("");
            for (String key : List.of("abcd1", "abce2/x", "ff00")) {
                store.put(new BlobKey(key), new ByteArrayInputStream(new byte[1]), 1);
            }

            assertThat(store.list("")).extracting(BlobKey::value).containsExactlyInAnyOrder("abcd1", "abce2/x", "ff00");
            assertThat(store.list("ab/ce")).extracting(BlobKey::value).containsExactly("abce2/x");
            assertThat(store.list("a")).hasSize(2);
            var listing = running.admin("PROPFIND", "/admin/cc-droplets/ab/cd/", "");
            assertThat(listing.statusCode()).isEqualTo(207);
            assertThat(listing.body())
                    .contains("<D:displayname>cd</D:displayname>", "<D:resourcetype><D:collection/></D:resourcetype>")
                    .contains("<D:href>/admin/cc-droplets/ab/cd/abcd1</D:href>", "<D:resourcetype></D:resourcetype>");
        }
    }

    @Test
    void leavesNoEmptyShardDirectories() throws Exception {
        try (var running = new RunningBlobstore(directory, "")) {
            WebDavBlobstore store = running.client("");
            store.put(new BlobKey("abcd1"), new ByteArrayInputStream(new byte[1]), 1);

            store.delete(new BlobKey("abcd1"));

            assertThat(running.store.resolve("cc-droplets")).isEmptyDirectory();
        }
    }

    @Test
    void signsLinksForUsersAndForComponents() throws Exception {
        try (var running = new RunningBlobstore(directory, "")) {
            WebDavBlobstore store = running.client("");
            var key = new BlobKey("abcd1");
            store.put(key, new ByteArrayInputStream("content".getBytes(StandardCharsets.UTF_8)), 7);

            URI internal = store.downloadLink(key, Audience.INTERNAL, Duration.ofHours(1))
                    .orElseThrow();
            URI visitors = store.downloadLink(key, Audience.PUBLIC, Duration.ofHours(1))
                    .orElseThrow();

            assertThat(internal.getPort()).isEqualTo(running.component.internalPort());
            assertThat(get(internal).body()).isEqualTo("content");
            assertThat(visitors.getPort()).isEqualTo(running.component.publicPort());
            assertThat(get(visitors).statusCode()).as("under another name").isEqualTo(404);
            String target = visitors.getRawPath() + "?" + visitors.getRawQuery();
            assertThat(visit(running, "GET " + target))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("content");
            assertThat(visit(running, "HEAD " + target))
                    .contains("content-length: 7")
                    .endsWith("\r\n\r\n");
            assertThat(visit(running, "PUT " + target)).startsWith("HTTP/1.1 405 ");
            assertThat(visit(running, "GET /admin/cc-droplets/ab/cd/abcd1")).startsWith("HTTP/1.1 404 ");
            assertThat(visit(running, "GET /sign?path=/x&expires=1")).startsWith("HTTP/1.1 404 ");
        }
    }

    private static HttpResponse<String> get(URI uri) throws Exception {
        return RunningBlobstore.HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String visit(RunningBlobstore running, String line) throws Exception {
        return RunningBlobstore.raw(
                running.component.publicPort(),
                line + " HTTP/1.1\r\nHost: blobstore.sys.example.com\r\nConnection: close\r\n\r\n");
    }

    @Test
    void answersTheSignersBodyAsTheOriginalDoes() {
        try (var running = new RunningBlobstore(directory, "")) {
            String expected = new LinkSigner(new Secret(RunningBlobstore.SECRET))
                    .sign("/read/cc-droplets/ab/cd/abcd", Instant.ofEpochSecond(2_000_000_000));
            var read = running.admin("GET", "/sign?expires=2000000000&path=/cc-droplets/ab/cd/abcd", "");
            var write = running.admin("GET", "/sign_for_put?expires=2000000000&path=/cc-droplets/ab/cd/abcd", "");

            assertThat(read.body()).isEqualTo("http://blobstore.service.cf.internal" + expected);
            assertThat(write.body())
                    .startsWith("http://blobstore.service.cf.internal/write/cc-droplets/ab/cd/abcd?md5=");
            assertThat(running.admin("GET", "/sign?expires=x&path=/a", "").statusCode())
                    .isEqualTo(400);
            assertThat(running.admin("GET", "/sign?expires=1&path=/../a", "").statusCode())
                    .isEqualTo(400);
            int port = running.component.internalPort();
            assertThat(RunningBlobstore.send(port, "GET", "/sign?expires=1&path=/a", "")
                            .statusCode())
                    .isEqualTo(401);
            String target = write.body().replaceFirst("^http://[^/]*", "");
            assertThat(RunningBlobstore.send(port, "PUT", target, "uploaded").statusCode())
                    .isEqualTo(201);
            assertThat(running.store.resolve("cc-droplets/ab/cd/abcd")).hasContent("uploaded");
        }
    }

    @Test
    void followsTheLinksOfTheStorageTool() {
        try (var running = new RunningBlobstore(directory, "")) {
            var signer = new LinkSigner(new Secret(RunningBlobstore.SECRET));
            int port = running.component.internalPort();
            String blob = "cc-droplets/ab/cd/abcd";

            var put = RunningBlobstore.send(port, "PUT", signer.signVerb("PUT", blob, Instant.now(), 60), "by tool");
            String link = signer.signVerb("GET", blob, Instant.now(), 60);

            assertThat(put.statusCode()).isEqualTo(201);
            assertThat(RunningBlobstore.send(port, "GET", link, "").body()).isEqualTo("by tool");
            assertThat(RunningBlobstore.send(port, "HEAD", link, "").statusCode())
                    .isEqualTo(200);
            assertThat(RunningBlobstore.send(port, "PUT", link, "x").statusCode())
                    .isEqualTo(403);
            assertThat(RunningBlobstore.send(
                                    port,
                                    "GET",
                                    signer.signVerb("GET", blob, Instant.now().minusSeconds(120), 60),
                                    "")
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void keepsStrangersOut() {
        try (var running = new RunningBlobstore(directory, "")) {
            int port = running.component.internalPort();
            assertThat(RunningBlobstore.send(port, "GET", "/admin/x", "", "Authorization", "Basic eDp5")
                            .statusCode())
                    .isEqualTo(401);
            assertThat(RunningBlobstore.send(port, "GET", "/admin/x", "", "Authorization", "Basic %%%")
                            .statusCode())
                    .isEqualTo(401);
        }
        AccessRules rules = AccessRules.of(List.of("deny 10.0.0.1;", "allow 10.0.0.0/8;", "allow fd00::/8"));
        assertThat(allows(rules, "10.1.2.3")).isTrue();
        assertThat(allows(rules, "10.0.0.1")).isFalse();
        assertThat(allows(rules, "127.0.0.1")).isFalse();
        assertThat(allows(rules, "fd00::1")).isTrue();
        assertThat(allows(AccessRules.of(List.of("allow all;")), "::1")).isTrue();
    }

    private static boolean allows(AccessRules rules, String address) {
        return rules.allows(io.netty.util.NetUtil.createInetAddressFromIpAddressString(address));
    }

    @Test
    void largeBlobsStreamBothWays() throws Exception {
        Path file = directory.resolve("large");
        byte[] block = new byte[1024 * 1024];
        new Random(7).nextBytes(block);
        try (OutputStream output = Files.newOutputStream(file)) {
            for (int i = 0; i < LARGE / block.length; i++) {
                output.write(block);
            }
        }
        try (var running = new RunningBlobstore(directory, "")) {
            WebDavBlobstore store = running.client("");
            var key = new BlobKey("large");

            store.put(key, file);

            assertThat(Files.mismatch(file, running.store.resolve("cc-droplets/" + key.path())))
                    .isEqualTo(-1);
            try (InputStream content = store.open(key).orElseThrow()) {
                assertThat(sha256(content)).isEqualTo(sha256(Files.newInputStream(file)));
            }
        }
    }

    private static String sha256(InputStream content) throws Exception {
        var digest = MessageDigest.getInstance("SHA-256");
        try (content) {
            byte[] buffer = new byte[64 * 1024];
            for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void aReaderThatStopsReadingHoldsNoMemoryAndDisturbsNobody() throws Exception {
        try (var running = new RunningBlobstore(directory, "")) {
            Path blob = running.store.resolve("cc-droplets/la/rg/large");
            Files.createDirectories(blob.getParent());
            Files.write(blob, new byte[LARGE]);
            String target = new LinkSigner(new Secret(RunningBlobstore.SECRET))
                    .sign("/read/cc-droplets/la/rg/large", Instant.now().plusSeconds(60));
            try (var lazy = new Socket("127.0.0.1", running.component.internalPort())) {
                lazy.getOutputStream()
                        .write(("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                assertThat(lazy.getInputStream().read()).isEqualTo('H');

                assertThat(running.admin("HEAD", "/admin/cc-droplets/la/rg/large", "")
                                .statusCode())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void asksForTheBodyOnlyWhenItWantsIt() throws Exception {
        try (var running = new RunningBlobstore(directory, "")) {
            String credentials = RunningBlobstore.authorized()[1];
            String head =
                    "PUT /admin/cc-droplets/ab/new HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n";
            int port = running.component.internalPort();

            assertThat(RunningBlobstore.raw(port, head + "\r\n")).startsWith("HTTP/1.1 401 ");
            try (var socket = new Socket("127.0.0.1", port)) {
                socket.getOutputStream()
                        .write((head + "Connection: close\r\nAuthorization: " + credentials + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(socket.getInputStream().readNBytes(25), StandardCharsets.US_ASCII))
                        .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
                socket.getOutputStream().write("abc".getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .startsWith("HTTP/1.1 201 ");
            }
            assertThat(running.store.resolve("cc-droplets/ab/new")).hasContent("abc");
        }
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        try (var running = new RunningBlobstore(directory, "")) {
            String authorization = "Authorization: " + RunningBlobstore.authorized()[1] + "\r\n";
            String requests = "PUT /admin/s/ab HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n" + authorization + "\r\nhi"
                    + "GET /admin/s/ab HTTP/1.1\r\nHost: a\r\n" + authorization + "\r\n"
                    + "DELETE /admin/s/ab HTTP/1.1\r\nHost: a\r\n" + authorization + "\r\n"
                    + "GET /admin/s/ab HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + authorization + "\r\n";

            String answers = RunningBlobstore.raw(running.component.internalPort(), requests);

            assertThat(answers.lines()
                            .filter(line -> line.contains("HTTP/1.1 "))
                            .map(line -> line.replaceFirst("^.*HTTP/1.1 (\\d+).*", "$1")))
                    .containsExactly("201", "200", "204", "404");
        }
    }

    @Test
    void anUploadThatBreaksOffLeavesNothing() throws Exception {
        try (var running = new RunningBlobstore(directory, "")) {
            running.admin("PUT", "/admin/cc-droplets/ab/cd/abcd", "before");
            try (var socket = new Socket("127.0.0.1", running.component.internalPort())) {
                socket.getOutputStream()
                        .write(
                                ("PUT /admin/cc-droplets/ab/cd/abcd HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\nAuthorization: "
                                                + RunningBlobstore.authorized()[1] + "\r\n\r\nhalf")
                                        .getBytes(StandardCharsets.US_ASCII));
                await().until(() -> files(running.store.resolve("cc-droplets/ab/cd")) == 2);
            }

            await().until(() -> files(running.store.resolve("cc-droplets/ab/cd")) == 1);
            assertThat(running.admin("GET", "/admin/cc-droplets/ab/cd/abcd", "").body())
                    .isEqualTo("before");
        }
    }

    private static long files(Path path) throws Exception {
        try (Stream<Path> files = Files.list(path)) {
            return files.count();
        }
    }

    @Test
    void uploadsAreLimitedWhetherTheyTellTheirLengthOrNot() throws Exception {
        try (var running = new RunningBlobstore(directory, "  max_upload_size: 1k\n")) {
            assertThat(running.admin("PUT", "/admin/s/ab", "x".repeat(1024)).statusCode())
                    .isEqualTo(201);
            assertThat(running.admin("PUT", "/admin/s/cd", "x".repeat(1025)).statusCode())
                    .isEqualTo(413);
            String chunked =
                    "PUT /admin/s/ef HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
                            + "Authorization: " + RunningBlobstore.authorized()[1] + "\r\n\r\n401\r\n"
                            + "x".repeat(1025) + "\r\n0\r\n\r\n";
            assertThat(RunningBlobstore.raw(running.component.internalPort(), chunked))
                    .startsWith("HTTP/1.1 413 ");
            assertThat(running.store.resolve("s/ef")).doesNotExist();
        }
    }

    @Test
    void malformedRequestsAreRefused() throws Exception {
        try (var running = new RunningBlobstore(directory, "")) {
            int port = running.component.internalPort();
            for (String bad : List.of(
                    "GET /admin/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                    "GET /admin/a/%2e%2e/%2e%2e/etc HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                    "GET /read/../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                    "GET /a%00b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                    "PUT /admin/s/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
                    "GET  HTTP/1.1\r\n\r\n")) {
                assertThat(RunningBlobstore.raw(port, bad)).as(bad).startsWith("HTTP/1.1 400 ");
            }
            assertThat(RunningBlobstore.raw(port, "GET / HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 431 ");
        }
    }

    @Test
    void manyClientsAtOnceGetWhatTheyPut() throws Exception {
        try (var running = new RunningBlobstore(directory, "");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            WebDavBlobstore store = running.client("");
            var tasks = IntStream.range(0, 50)
                    .mapToObj(n -> threads.submit(() -> {
                        byte[] content = new byte[10_000 + n];
                        new Random(n).nextBytes(content);
                        var key = new BlobKey("abcd-" + n);
                        store.put(key, new ByteArrayInputStream(content), content.length);
                        try (InputStream back = store.open(key).orElseThrow()) {
                            assertThat(back.readAllBytes()).isEqualTo(content);
                        }
                        store.delete(key);
                        return n;
                    }))
                    .toList();
            for (var task : tasks) {
                task.get();
            }
            assertThat(store.list("")).isEmpty();
        }
    }

    @Test
    void servesByTls() throws Exception {
        var authority = CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
        var identity = authority.issue("blobstore", List.of("127.0.0.1"), Duration.ofDays(1));
        Files.writeString(directory.resolve("crt"), Pem.write(identity.certificate()));
        Files.writeString(directory.resolve("key"), Pem.write(identity.key()));
        Path file = directory.resolve("blobstore.yml");
        Files.writeString(file, """
                temporary_disable_non_tls_endpoints: true
                blobstore:
                  directory: %1$s/store
                  address: 127.0.0.1
                  public_tls_port: 0
                  tls: {port: 0, cert_file: %1$s/crt, private_key_file: %1$s/key}
                  public_tls: {cert_file: %1$s/crt, private_key_file: %1$s/key}
                  admin_users: [{username: u, password: p}]
                  secure_link: {secret: s}
                  internal_access_rules: ["allow all;"]
                """.formatted(directory));
        var trusting = HttpClient.newBuilder()
                .sslContext(TlsContexts.jdk(Optional.empty(), List.of(authority.certificate())))
                .build();
        try (var component = new BlobstoreComponent(BlobstoreConfig.read(file), Clock.systemUTC())) {
            component.start();
            WebDavBlobstore store = tls(component, trusting);
            byte[] content = new byte[3_000_000];
            new Random(3).nextBytes(content);
            var key = new BlobKey("abcd");

            store.put(key, new ByteArrayInputStream(content), content.length);

            try (InputStream back = store.open(key).orElseThrow()) {
                assertThat(back.readAllBytes()).isEqualTo(content);
            }
            URI link = store.downloadLink(key, Audience.PUBLIC, Duration.ofMinutes(1))
                    .orElseThrow();
            assertThat(trusting.send(HttpRequest.newBuilder(link).build(), HttpResponse.BodyHandlers.ofByteArray())
                            .body())
                    .isEqualTo(content);
            assertThat(component.publicPort()).isEqualTo(-1);
            assertThatThrownBy(() -> tls(component, RunningBlobstore.HTTP).exists(key))
                    .isInstanceOf(BlobstoreException.class)
                    .hasMessageContaining("SSL verification failed");
        }
    }

    private static WebDavBlobstore tls(BlobstoreComponent component, HttpClient http) {
        return new WebDavBlobstore(
                new WebDavBlobstore.Settings(
                        URI.create("https://127.0.0.1:" + component.internalPort()),
                        URI.create("https://127.0.0.1:" + component.publicTlsPort()),
                        "cc-packages",
                        "",
                        "u",
                        new Secret("p")),
                BlobLimits.NONE,
                http);
    }

    @Test
    void aTakenPortIsOneClearMessageAndLeavesNothingRunning() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Path file = directory.resolve("blobstore.yml");
            Files.writeString(file, """
                    blobstore:
                      directory: %s
                      address: 127.0.0.1
                      port: %d
                      tls: {port: 0}
                      admin_users: [{username: u, password: p}]
                      secure_link: {secret: s}
                    """.formatted(directory, taken.getLocalPort()));
            var component = new BlobstoreComponent(BlobstoreConfig.read(file), Clock.systemUTC());

            assertThatThrownBy(component::start)
                    .hasMessageStartingWith("cannot listen on 127.0.0.1:" + taken.getLocalPort());
            int internal = component.internalPort();
            assertThatThrownBy(() -> new Socket("127.0.0.1", internal)).isInstanceOf(java.net.ConnectException.class);
        }
    }

    @Test
    void reportsAllProblemsOfItsFileTogether() throws Exception {
        Path file = directory.resolve("blobstore.yml");
        Files.writeString(file, """
                blobstore:
                  port: 70000
                  max_upload_size: lots
                  internal_access_rules: ["allow 10.0.0.0/8;", "let in 1.2.3.4"]
                  tls: {cert: x, private_key: y}
                """);

        assertThatThrownBy(() -> BlobstoreConfig.read(file))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .hasSize(6)
                                .anyMatch(line -> line.startsWith("blobstore.port: 70000"))
                                .anyMatch(line -> line.startsWith("blobstore.max_upload_size: lots (expected: a size"))
                                .anyMatch(line -> line.startsWith("blobstore.internal_access_rules[1]: let in 1.2.3.4"))
                                .anyMatch(line -> line.startsWith("blobstore.tls.cert: "))
                                .anyMatch(line -> line.startsWith("blobstore.admin_users: nobody"))
                                .anyMatch(line -> line.startsWith("blobstore.secure_link.secret: missing")));
    }
}
