package org.cupola.protocol.blobstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryBlobstoreTest {
    private static final BlobKey GUID = new BlobKey("ABCD1234-0000-4000-8000-000000000000");

    @TempDir
    private Path directory;

    private DirectoryBlobstore store;

    @BeforeEach
    void open() {
        store = new DirectoryBlobstore(directory, "buildpack_cache", BlobLimits.NONE);
    }

    @Test
    void keepsBlobsWhereTheOriginalKeepsThem() throws Exception {
        put(BlobKey.of(GUID.value(), "cflinuxfs4"), "cache");

        assertThat(directory.resolve("buildpack_cache/ab/cd/abcd1234-0000-4000-8000-000000000000/cflinuxfs4"))
                .hasContent("cache");
        assertThat(new DirectoryBlobstore(directory, "", BlobLimits.NONE).list(""))
                .as("of another layout")
                .isEmpty();
    }

    @Test
    void givesBackWhatItWasGiven() throws Exception {
        put(GUID, "one");
        put(GUID, "other");

        assertThat(store.exists(GUID)).isTrue();
        assertThat(content(GUID)).isEqualTo("other");
        BlobAttributes attributes = store.attributes(GUID).orElseThrow();
        assertThat(attributes.length()).isEqualTo(5);
        assertThat(attributes.etag()).isEqualTo("795f3202b17cb6bc3d4b771d8c6c9eaf");
        Path file = directory.resolve("file");
        assertThat(store.download(GUID, file)).isTrue();
        assertThat(file).hasContent("other");
        assertThat(store.downloadLink(GUID, BlobstoreClient.Audience.PUBLIC, Duration.ofHours(1)))
                .isEmpty();
        assertThat(store.isLocal()).isTrue();
    }

    @Test
    void nothingIsNothing() throws Exception {
        assertThat(store.exists(GUID)).isFalse();
        assertThat(store.open(GUID)).isEmpty();
        assertThat(store.attributes(GUID)).isEmpty();
        assertThat(store.download(GUID, directory.resolve("file"))).isFalse();
        assertThat(store.list("")).isEmpty();
        store.delete(GUID);
        store.deleteFolder(GUID);
        store.deleteAll();
        assertThatThrownBy(() -> store.copy(GUID, new BlobKey("efgh")))
                .isInstanceOfSatisfying(
                        BlobstoreException.class,
                        e -> assertThat(e.kind()).isEqualTo(BlobstoreException.Kind.NOT_FOUND));
    }

    @Test
    void aCopyOutlivesItsSource() throws Exception {
        var copy = new BlobKey("efgh-copy");
        put(GUID, "content");
        put(copy, "old");

        store.copy(GUID, copy);
        store.copy(GUID, copy);
        put(GUID, "changed");
        store.delete(GUID);

        assertThat(content(copy)).isEqualTo("content");
        assertThat(store.list("")).containsExactly(copy);
    }

    @Test
    void deletesWithoutATraceAndWithoutTouchingNeighbours() throws Exception {
        var neighbour = new BlobKey("abcd9999");
        put(BlobKey.of(GUID.value(), "one"), "1");
        put(BlobKey.of(GUID.value(), "two"), "2");
        put(neighbour, "3");

        store.deleteFolder(GUID);

        assertThat(store.list("")).containsExactly(neighbour);
        store.delete(neighbour);
        assertThat(directory.resolve("buildpack_cache/ab")).doesNotExist();
    }

    @Test
    void listsByThePathsBeginning() throws Exception {
        for (String key : List.of("abcd1", "abce2", "b1234")) {
            put(new BlobKey(key), key);
        }

        assertThat(store.list("ab/")).extracting(BlobKey::value).containsExactlyInAnyOrder("abcd1", "abce2");
        assertThat(store.list("ab/cd")).extracting(BlobKey::value).containsExactly("abcd1");
        assertThat(store.list("a")).hasSize(2);
        assertThat(store.list("")).hasSize(3);
    }

    @Test
    void onlyAStoreWithItsOwnFolderIsEmptied() throws Exception {
        put(GUID, "content");

        assertThatThrownBy(() -> new DirectoryBlobstore(directory, "", BlobLimits.NONE).deleteAll())
                .isInstanceOf(IllegalStateException.class);
        store.deleteAll();

        assertThat(store.exists(GUID)).isFalse();
    }

    @Test
    void skipsWhatIsTooSmallOrTooLarge() throws Exception {
        var limited = new DirectoryBlobstore(directory, "", new BlobLimits(2, 3));

        assertThat(IntStream.rangeClosed(1, 4).filter(size -> {
                    try {
                        return limited.put(GUID, new ByteArrayInputStream(new byte[size]), size);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }))
                .containsExactly(2, 3);
    }

    @Test
    void aWriteThatBreaksOffChangesNothing() throws Exception {
        put(GUID, "before");

        assertThatThrownBy(() -> store.put(GUID, new ByteArrayInputStream(new byte[3]), 4))
                .hasMessage("3 bytes came (expected: 4)");
        assertThatThrownBy(() -> store.put(
                        GUID,
                        new InputStream() {
                            @Override
                            public int read() throws IOException {
                                throw new IOException("cut");
                            }
                        },
                        4))
                .hasMessage("cut");

        assertThat(content(GUID)).isEqualTo("before");
        try (var files = Files.list(directory.resolve("buildpack_cache/ab/cd"))) {
            assertThat(files).hasSize(1);
        }
    }

    /** A delete removes the empty shard directory in which another write is about to begin. */
    @Test
    void writesAndDeletesInOneShardDoNotDisturbEachOther() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = IntStream.range(0, 8)
                    .mapToObj(n -> threads.submit(() -> {
                        var key = new BlobKey("abcd-" + n);
                        for (int i = 0; i < 500; i++) {
                            put(key, "content");
                            assertThat(content(key)).isEqualTo("content");
                            store.delete(key);
                        }
                        return n;
                    }))
                    .toList();
            for (var task : tasks) {
                task.get();
            }
        }

        assertThat(directory.resolve("buildpack_cache/ab")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "abc",
                "../../etc/passwd",
                "/abcd",
                "abcd/../x",
                "abcd//x",
                "abcd/",
                "ab/cd",
                "abcd\\x",
                "abcd/.x",
                ".abcd",
                "abcd\n",
                "äbcd"
            })
    void keysCannotLeadOutOfTheStore(String key) {
        assertThatThrownBy(() -> new BlobKey(key)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void triesThreeTimesAndThrowsTheLastFailure() {
        var failing = new RetryingBlobstore(new WebDavBlobstore(
                new WebDavBlobstore.Settings(
                        java.net.URI.create("http://127.0.0.1:1"),
                        java.net.URI.create("http://127.0.0.1:1"),
                        "cc-droplets",
                        "",
                        "u",
                        new org.cupola.platform.config.Secret("p")),
                BlobLimits.NONE,
                java.net.http.HttpClient.newHttpClient()));

        assertThatThrownBy(() -> failing.exists(GUID)).isInstanceOfSatisfying(BlobstoreException.class, e -> {
            assertThat(e.kind()).isEqualTo(BlobstoreException.Kind.UNAVAILABLE);
            assertThat(e.getSuppressed()[0].getSuppressed())
                    .as("the first of three")
                    .hasSize(1);
        });
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
