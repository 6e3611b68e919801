package org.cupola.rep.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.cupola.platform.testing.RealParts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchivesTest {
    @TempDir
    Path place;

    private Path target;

    @BeforeEach
    void makeTarget() throws IOException {
        target = Files.createDirectory(place.resolve("target"));
    }

    private void unpack(byte[] archive) throws IOException {
        Path file = place.resolve("archive");
        Files.write(file, archive);
        Archives.unpack(file, target);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    @Test
    void unpacksGzippedTarWithModesAndLinks() throws IOException {
        unpack(gzip(new TarBuilder()
                .folder("./")
                .folder("./bin/")
                .file("./bin/run", "#!/bin/sh\n", 0755)
                .file("./deep/without/folders/file.txt", "hello")
                .symbolicLink("./current", "bin/run")
                .symbolicLink("./shell", "/bin/sh")
                .hardLink("./copy", "./bin/run")
                .build()));

        assertThat(target.resolve("bin/run")).hasContent("#!/bin/sh\n").isExecutable();
        assertThat(target.resolve("deep/without/folders/file.txt")).hasContent("hello");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(target.resolve("deep/without/folders/file.txt"))))
                .isEqualTo("rw-r--r--");
        assertThat(Files.readSymbolicLink(target.resolve("current"))).isEqualTo(Path.of("bin/run"));
        assertThat(Files.readSymbolicLink(target.resolve("shell"))).isEqualTo(Path.of("/bin/sh"));
        assertThat(target.resolve("copy")).hasContent("#!/bin/sh\n");
    }

    @Test
    void unpacksWhatTheSystemsTarWrites() throws Exception {
        Path tar = RealParts.require("tar");
        Path source = Files.createDirectory(place.resolve("source"));
        String longName = "n".repeat(90) + "/" + "m".repeat(120) + "/" + "f".repeat(120) + ".txt";
        Files.createDirectories(source.resolve(longName).getParent());
        Files.writeString(source.resolve(longName), "far away");
        for (String format : List.of("gnu", "pax")) {
            Path archive = place.resolve(format + ".tar");
            Process process = new ProcessBuilder(tar.toString(), "--format=" + format, "-cf", archive.toString(), ".")
                    .directory(source.toFile())
                    .inheritIO()
                    .start();
            assertThat(process.waitFor()).isZero();

            Archives.unpack(archive, target.resolve(format));

            assertThat(target.resolve(format).resolve(longName)).hasContent("far away");
        }
    }

    @Test
    void unpacksZip() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("folder/"));
            zip.putNextEntry(new ZipEntry("folder/file"));
            zip.write("zipped".getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        }

        unpack(bytes.toByteArray());

        assertThat(target.resolve("folder/file")).hasContent("zipped");
    }

    @Test
    void readsLongNamesOfBothKinds() throws IOException {
        unpack(new TarBuilder()
                .gnuLongName("gnu/" + "g".repeat(150))
                .file("short", "one")
                .pax("path", "pax/" + "p".repeat(150))
                .file("short", "two")
                .file("plain", "three")
                .build());

        assertThat(target.resolve("gnu/" + "g".repeat(150))).hasContent("one");
        assertThat(target.resolve("pax/" + "p".repeat(150))).hasContent("two");
        assertThat(target.resolve("plain")).hasContent("three");
    }

    @Test
    void replacesFilesAndKeepsFolders() throws IOException {
        Files.createDirectory(target.resolve("kept"));
        Files.writeString(target.resolve("kept/mine"), "mine");
        Files.writeString(target.resolve("file"), "old");

        unpack(new TarBuilder().folder("kept/").file("file", "new").build());

        assertThat(target.resolve("kept/mine")).hasContent("mine");
        assertThat(target.resolve("file")).hasContent("new");
    }

    @Test
    void refusesNamesThatLeadOut() {
        assertThatThrownBy(() -> unpack(new TarBuilder().file("../evil", "x").build()))
                .hasMessage("../evil: leads out of the folder it is unpacked to");
        assertThatThrownBy(
                        () -> unpack(new TarBuilder().file("a/../../evil", "x").build()))
                .hasMessageContaining("leads out");
        assertThat(place.resolve("evil")).doesNotExist();
    }

    @Test
    void absoluteNamesStayInside() throws IOException {
        unpack(new TarBuilder().file("/etc/evil", "x").build());

        assertThat(target.resolve("etc/evil")).hasContent("x");
    }

    @Test
    void refusesToWriteThroughALinkThatLeadsOut() throws IOException {
        Path outside = Files.createDirectory(place.resolve("outside"));

        assertThatThrownBy(() -> unpack(new TarBuilder()
                        .symbolicLink("door", outside.toString())
                        .file("door/evil", "x")
                        .build()))
                .hasMessage("door/evil: leads out of the folder it is unpacked to");
        assertThatThrownBy(() -> unpack(new TarBuilder()
                        .symbolicLink("door", outside.toString())
                        .file("door/deep/down/evil", "x")
                        .build()))
                .hasMessageContaining("leads out");
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void aFileInThePlaceOfALinkReplacesTheLinkAndNotItsTarget() throws IOException {
        Path outside = Files.writeString(place.resolve("outside.txt"), "safe");

        unpack(new TarBuilder()
                .symbolicLink("file", outside.toString())
                .file("file", "x")
                .build());

        assertThat(outside).hasContent("safe");
        assertThat(target.resolve("file")).hasContent("x");
    }

    @Test
    void refusesHardLinksToTheOutside() throws IOException {
        Files.writeString(place.resolve("secret"), "secret");

        assertThatThrownBy(() ->
                        unpack(new TarBuilder().hardLink("mine", "../secret").build()))
                .hasMessageContaining("leads out");
    }

    @Test
    void refusesDevicesAndWhatIsNoArchive() {
        assertThatThrownBy(() -> unpack(new TarBuilder().device("null").build()))
                .hasMessage("null: neither file, folder nor link");
        assertThatThrownBy(() -> unpack("just text".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("not a tar, tgz or zip archive");
    }

    @Test
    void noticesDamage() {
        byte[] whole = new TarBuilder().file("file", "x".repeat(2000)).build();
        byte[] damaged = whole.clone();
        damaged[0] = 'X';

        assertThatThrownBy(() -> unpack(Arrays.copyOf(whole, 1024))).hasMessageContaining("ends within");
        assertThatThrownBy(() -> unpack(damaged)).hasMessageContaining("damaged");
        assertThatThrownBy(() -> unpack(Arrays.copyOf(gzip(whole), 40))).isInstanceOf(IOException.class);
    }
}
