package org.cupola.rep.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.rep.container.TarBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadCacheTest {
    @TempDir
    Path folder;

    private final List<String> answers = new CopyOnWriteArrayList<>();
    private final Cancellation cancellation = new Cancellation();
    private HttpServer server;
    private DownloadCache cache;
    private volatile byte[] content = "version one".getBytes(StandardCharsets.UTF_8);
    private volatile String etag = "\"1\"";
    private volatile int failures;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 10);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/file", exchange -> {
            int status = 200;
            if (failures > 0) {
                failures--;
                status = 503;
            } else if (!etag.isEmpty()
                    && etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                status = 304;
            }
            answers.add(exchange.getRequestMethod() + " " + status);
            if (!etag.isEmpty()) {
                exchange.getResponseHeaders().add("ETag", etag);
            }
            exchange.sendResponseHeaders(status, status == 200 ? content.length : -1);
            if (status == 200) {
                exchange.getResponseBody().write(content);
            }
            exchange.close();
        });
        server.start();
        cache = cache(1000);
        cache.recover();
    }

    @AfterEach
    void stop() {
        cache.close();
        server.stop(0);
    }

    private DownloadCache cache(long maxBytes) {
        return new DownloadCache(
                folder, maxBytes, 2, new HttpFetcher(TlsContexts.jdk(Optional.empty(), List.of()), new Random(1)));
    }

    private URI url() {
        return url("/file");
    }

    private URI url(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private DownloadCache.Lease fetch(String key) throws IOException {
        return cache.fetch(url(), key, Checksum.NONE, cancellation);
    }

    private long filesKept() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    @Test
    void keepsWhatHasAKeyAndAsksWhetherItIsStillRight() throws IOException {
        try (var first = fetch("key");
                var second = fetch("key")) {
            assertThat(first.content()).hasContent("version one");
            assertThat(second.content()).isEqualTo(first.content());
        }
        assertThat(answers).containsExactly("GET 200", "GET 304");
        assertThat(cache.sizeBytes()).isEqualTo(11);
    }

    @Test
    void aNewerVersionDoesNotPullTheOldOneFromUnderItsUsers() throws IOException {
        var old = fetch("key");
        content = "version two!".getBytes(StandardCharsets.UTF_8);
        etag = "\"2\"";

        try (var fresh = fetch("key")) {
            assertThat(fresh.content()).hasContent("version two!");
            assertThat(old.content()).hasContent("version one");
            old.close();
            old.close();
            assertThat(old.content()).doesNotExist();
            assertThat(fresh.content()).exists();
        }
    }

    @Test
    void keepsNothingWithoutAKeyOrWithoutAValidator() throws IOException {
        try (var unnamed = fetch("")) {
            assertThat(unnamed.content()).hasContent("version one");
        }
        etag = "";
        try (var unvalidated = fetch("key")) {
            assertThat(unvalidated.content()).hasContent("version one");
        }

        assertThat(filesKept()).isZero();
    }

    @Test
    void aKnownChecksumNeedsNoRequest() throws IOException {
        var sum = new Checksum("sha256", HexFormat.of().formatHex(sha256()));
        cache.fetch(url(), "key", sum, cancellation).close();
        cache.fetch(url(), "key", sum, cancellation).close();

        assertThat(answers).containsExactly("GET 200");
    }

    private byte[] sha256() throws IOException {
        Path file = Files.createTempFile("sum", "");
        Files.write(file, content);
        byte[] sum = Checksum.digest("SHA-256", file);
        Files.delete(file);
        return sum;
    }

    @Test
    void refusesAWrongChecksumAtOnce() throws IOException {
        assertThatThrownBy(() -> cache.fetch(url(), "key", new Checksum("md5", "00"), cancellation))
                .hasMessageStartingWith("checksum mismatch: md5 is ");
        assertThatThrownBy(() -> cache.fetch(url(), "key", new Checksum("crc", "00"), cancellation))
                .hasMessage("checksum algorithm: crc (expected: md5, sha1 or sha256)");

        assertThat(answers).hasSize(2);
        assertThat(filesKept()).isZero();
    }

    @Test
    void triesAgainWhatMayPass() throws IOException {
        failures = 1;

        try (var lease = fetch("key")) {
            assertThat(lease.content()).hasContent("version one");
        }
        assertThat(answers).containsExactly("GET 503", "GET 200");
    }

    @Test
    void doesNotTryAgainWhatCannotPass() {
        assertThatThrownBy(() -> cache.fetch(url("/nothing"), "key", Checksum.NONE, cancellation))
                .hasMessage("status code 404");
        assertThatThrownBy(() -> cache.fetch(URI.create("file:///etc/passwd"), "key", Checksum.NONE, cancellation))
                .hasMessage("unsupported URL scheme: file (expected: http or https)");
    }

    @Test
    void givesUpWhenCancelled() throws InterruptedException {
        var inside = new CountDownLatch(1);
        server.createContext("/slow", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            inside.countDown();
            cancellation.await(java.time.Duration.ofSeconds(20));
            exchange.getResponseBody().write(new byte[99]);
            exchange.close();
        });
        Thread.ofVirtual().start(() -> {
            try {
                inside.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            cancellation.cancel();
        });

        assertThatThrownBy(() -> cache.fetch(url("/slow"), "key", Checksum.NONE, cancellation))
                .hasMessage("cancelled");
    }

    @Test
    void evictsWhatWasUnusedTheLongestButNothingInUse() throws IOException {
        cache.close();
        cache = cache(25);
        fetch("a").close();
        var b = fetch("b");
        fetch("a").close();
        assertThat(cache.sizeBytes()).isEqualTo(22);

        fetch("c").close();

        assertThat(b.content()).exists();
        assertThat(cache.sizeBytes()).isEqualTo(22);
        answers.clear();
        fetch("c").close();
        fetch("a").close();
        assertThat(answers).containsExactly("GET 304", "GET 200");
        b.close();
    }

    @Test
    void unpacksArchivesForSharing() throws IOException {
        content = new TarBuilder().file("bin/tool", "tool", 0755).build();

        try (var lease = cache.fetchUnpacked(url(), "key", Checksum.NONE, cancellation);
                var again = cache.fetchUnpacked(url(), "key", Checksum.NONE, cancellation)) {
            assertThat(lease.content().resolve("bin/tool")).hasContent("tool").isExecutable();
            assertThat(again.content()).isEqualTo(lease.content());
            assertThat(lease.sizeBytes()).isEqualTo(content.length);
        }
    }

    @Test
    void aDamagedArchiveLeavesNothing() throws IOException {
        content = Arrays.copyOf(
                new TarBuilder().file("bin/tool", "x".repeat(5000)).build(), 1500);

        assertThatThrownBy(() -> cache.fetchUnpacked(url(), "key", Checksum.NONE, cancellation))
                .isInstanceOf(IOException.class);
        assertThat(filesKept()).isZero();
    }

    @Test
    void survivesARestartWithoutWhatIsNotWhole() throws IOException {
        fetch("key").close();
        Files.writeString(folder.resolve("999"), "half a download");
        Files.writeString(folder.resolve("998.json"), "{}");
        cache.close();
        cache = cache(1000);
        cache.recover();
        answers.clear();

        try (var lease = fetch("key")) {
            assertThat(lease.content()).hasContent("version one");
        }
        assertThat(answers).containsExactly("GET 304");
        assertThat(filesKept()).isEqualTo(2);
    }
}
