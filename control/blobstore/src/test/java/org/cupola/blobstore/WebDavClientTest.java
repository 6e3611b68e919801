package org.cupola.blobstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import org.cupola.platform.config.Secret;
import org.cupola.protocol.blobstore.BlobKey;
import org.cupola.protocol.blobstore.BlobLimits;
import org.cupola.protocol.blobstore.BlobstoreException;
import org.cupola.protocol.blobstore.LinkSigner;
import org.cupola.protocol.blobstore.WebDavBlobstore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The platform's client against our server, and against the original's: nginx with WebDAV. */
@ParameterizedClass
@EnumSource(WebDavClientTest.Server.class)
class WebDavClientTest {
    private static final BlobKey DROPLET =
            BlobKey.of("ABCD1234-0000-4000-8000-000000000000", "da39a3ee5e6b4b0d3255bfef95601890afd80709");

    enum Server {
        OURS,
        NGINX
    }

    private final Server server;

    @TempDir
    private Path directory;

    private AutoCloseable running = () -> {};
    private int port;
    private WebDavBlobstore store = RunningBlobstore.client(1, 1, "");

    WebDavClientTest(Server server) {
        this.server = server;
    }

    @BeforeEach
    void start() throws IOException {
        switch (server) {
            case OURS -> {
                var ours = new RunningBlobstore(directory, "");
                running = ours;
                port = ours.component.internalPort();
            }
            case NGINX -> {
                var nginx = new NginxBlobstore(directory, "blobstore-user", "pass-word", RunningBlobstore.SECRET);
                running = nginx;
                port = nginx.port;
            }
        }
        store = RunningBlobstore.client(port, port, "");
    }

    @AfterEach
    void stop() throws Exception {
        running.close();
    }

    @Test
    void putsFindsReadsAndDeletes() throws Exception {
        assertThat(store.exists(DROPLET)).isFalse();
        assertThat(store.open(DROPLET)).isEmpty();
        assertThat(store.attributes(DROPLET)).isEmpty();
        store.delete(DROPLET);

        put(DROPLET, "one");
        put(DROPLET, "content");

        assertThat(store.exists(DROPLET)).isTrue();
        assertThat(content(DROPLET)).isEqualTo("content");
        var attributes = store.attributes(DROPLET).orElseThrow();
        assertThat(attributes.length()).isEqualTo(7);
        assertThat(attributes.etag()).isNotEmpty().doesNotContain("\"");
        assertThat(attributes.lastModified())
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
        assertThat(directory.resolve("store/cc-droplets/ab/cd/" + DROPLET.value()))
                .hasContent("content");
        Path file = directory.resolve("file");
        assertThat(store.download(DROPLET, file)).isTrue();
        assertThat(file).hasContent("content");
        assertThat(store.put(new BlobKey("copy-of-file"), file)).isTrue();

        store.delete(DROPLET);
        assertThat(store.exists(DROPLET)).isFalse();
    }

    @Test
    void copiesServerSide() throws Exception {
        var copy = BlobKey.of("ffff0000-guid", "sha");
        put(DROPLET, "content");

        store.copy(DROPLET, copy);
        store.delete(DROPLET);

        assertThat(content(copy)).isEqualTo("content");
        assertThatThrownBy(() -> store.copy(DROPLET, copy))
                .isInstanceOfSatisfying(
                        BlobstoreException.class,
                        e -> assertThat(e.kind()).isEqualTo(BlobstoreException.Kind.NOT_FOUND));
        assertThat(content(copy)).as("untouched by a copy of nothing").isEqualTo("content");
    }

    @Test
    void deletesTheFolderOfOneAppAndWholeStores() throws Exception {
        WebDavBlobstore caches = RunningBlobstore.client(port, port, "buildpack_cache");
        var app = new BlobKey("abcd1111");
        store = caches;
        put(BlobKey.of(app.value(), "cflinuxfs4"), "1");
        put(new BlobKey("abcd2222"), "2");

        caches.deleteFolder(app);

        assertThat(caches.exists(BlobKey.of(app.value(), "cflinuxfs4"))).isFalse();
        assertThat(caches.exists(new BlobKey("abcd2222"))).isTrue();
        caches.deleteAll();
        assertThat(caches.exists(new BlobKey("abcd2222"))).isFalse();
        caches.deleteAll();
        assertThatThrownBy(() -> RunningBlobstore.client(port, port, "").deleteAll())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void linksOfOurSignerOpen() throws Exception {
        put(DROPLET, "content");
        var signer = new LinkSigner(new Secret(RunningBlobstore.SECRET));
        String path = "/read/cc-droplets/" + DROPLET.path();

        var good = RunningBlobstore.send(
                port, "GET", signer.sign(path, Instant.now().plusSeconds(60)), "");
        var late = RunningBlobstore.send(
                port, "GET", signer.sign(path, Instant.now().minusSeconds(60)), "");
        var forged = RunningBlobstore.send(
                port,
                "GET",
                new LinkSigner(new Secret("x")).sign(path, Instant.now().plusSeconds(60)),
                "");
        var bare = RunningBlobstore.send(port, "GET", path, "");

        assertThat(good.statusCode()).isEqualTo(200);
        assertThat(good.body()).isEqualTo("content");
        assertThat(late.statusCode()).isEqualTo(410);
        assertThat(forged.statusCode()).isEqualTo(403);
        assertThat(bare.statusCode()).isEqualTo(403);
    }

    @Test
    void answersAsNginxDoes() throws Exception {
        put(DROPLET, "0123456789");
        String path = "/admin/cc-droplets/" + DROPLET.path();

        assertThat(status("GET", path)).isEqualTo(200);
        assertThat(RunningBlobstore.send(port, "GET", path, "").statusCode()).isEqualTo(401);
        assertThat(RunningBlobstore.send(port, "GET", path, "").headers().firstValue("www-authenticate"))
                .contains("Basic realm=\"Blobstore Admin\"");
        var part = RunningBlobstore.send(port, "GET", path, "", RunningBlobstore.authorized("Range", "bytes=2-4"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("234");
        assertThat(part.headers().firstValue("content-range")).contains("bytes 2-4/10");
        var suffix = RunningBlobstore.send(port, "GET", path, "", RunningBlobstore.authorized("Range", "bytes=-3"));
        assertThat(suffix.body()).isEqualTo("789");
        var beyond = RunningBlobstore.send(port, "GET", path, "", RunningBlobstore.authorized("Range", "bytes=10-"));
        assertThat(beyond.statusCode()).isEqualTo(416);
        assertThat(beyond.headers().firstValue("content-range")).contains("bytes */10");
        String tag = part.headers().firstValue("etag").orElseThrow();
        var known = RunningBlobstore.send(port, "GET", path, "", RunningBlobstore.authorized("If-None-Match", tag));
        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(status("GET", "/admin/cc-droplets/")).isEqualTo(403);
        assertThat(status("DELETE", "/admin/cc-droplets/ab")).isEqualTo(409);
        assertThat(status("DELETE", "/admin/cc-droplets/nothing")).isEqualTo(404);
        assertThat(status("PUT", "/admin/cc-droplets/folder/")).isEqualTo(409);
        assertThat(status("COPY", path)).isEqualTo(400);
        assertThat(status("POST", path)).isEqualTo(405);
        assertThat(status("PUT", "/admin/cc-droplets/zz/new")).isEqualTo(201);
        assertThat(status("PUT", "/admin/cc-droplets/zz/new")).isEqualTo(204);
        assertThat(status("GET", "/elsewhere")).isEqualTo(404);
        assertThat(RunningBlobstore.raw(
                        port, "GET /admin/../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
    }

    private int status(String method, String path) {
        return RunningBlobstore.send(port, method, path, "", RunningBlobstore.authorized())
                .statusCode();
    }

    @Test
    void tellsWhyItCannotBeReached() {
        WebDavBlobstore wrong = new WebDavBlobstore(
                new WebDavBlobstore.Settings(
                        java.net.URI.create("http://127.0.0.1:" + port),
                        java.net.URI.create("http://127.0.0.1:" + port),
                        "cc-droplets",
                        "",
                        "blobstore-user",
                        new Secret("wrong")),
                BlobLimits.NONE,
                RunningBlobstore.HTTP);

        assertThatThrownBy(() -> wrong.exists(DROPLET))
                .isInstanceOfSatisfying(
                        BlobstoreException.class, e -> assertThat(e.kind()).isEqualTo(BlobstoreException.Kind.FAILED))
                .hasMessageContaining("answered 401");
        assertThatThrownBy(() -> RunningBlobstore.client(1, 1, "").exists(DROPLET))
                .isInstanceOfSatisfying(
                        BlobstoreException.class,
                        e -> assertThat(e.kind()).isEqualTo(BlobstoreException.Kind.UNAVAILABLE));
    }

    private void put(BlobKey key, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        assertThat(store.put(key, new ByteArrayInputStream(bytes), bytes.length))
                .isTrue();
    }

    private String content(BlobKey key) throws IOException {
        try (InputStream content = store.open(key).orElseThrow()) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
