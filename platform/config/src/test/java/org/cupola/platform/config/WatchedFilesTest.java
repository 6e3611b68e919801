package org.cupola.platform.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFilesTest {
    @TempDir
    private Path folder;

    @Test
    void noticesContentsReplacementsAndAbsence() throws Exception {
        Path file = Files.writeString(folder.resolve("a"), "1");
        var watched = new WatchedFiles(List.of(file));
        assertThat(watched.haveChanged()).isFalse();

        Files.writeString(file, "12");
        assertThat(watched.haveChanged()).isTrue();
        assertThat(watched.haveChanged()).isFalse();
        Files.move(
                Files.writeString(folder.resolve("b"), "34"), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(watched.haveChanged()).isTrue();
        Files.delete(file);
        assertThat(watched.haveChanged()).isTrue();
        assertThat(watched.haveChanged()).isFalse();
    }

    @Test
    void noticesFilesThatComeToAFolder() throws Exception {
        Path certificates = Files.createDirectory(folder.resolve("certificates"));
        var watched = new WatchedFiles(List.of(certificates));

        Files.writeString(certificates.resolve("a.pem"), "1");
        assertThat(watched.haveChanged()).isTrue();
        Files.writeString(certificates.resolve("a.pem"), "12");
        assertThat(watched.haveChanged()).isTrue();
        assertThat(watched.haveChanged()).isFalse();
    }

    @Test
    void doesNotForgetAChangeWhenMoreFilesAreWatched() throws Exception {
        Path first = Files.writeString(folder.resolve("a"), "1");
        Path second = Files.writeString(folder.resolve("b"), "1");
        var watched = new WatchedFiles(List.of(first));
        Files.writeString(first, "12");

        watched.watch(List.of(first, second));

        assertThat(watched.haveChanged()).isTrue();
        assertThat(watched.haveChanged()).isFalse();
    }
}
