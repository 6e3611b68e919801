package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.cupola.platform.testing.RealParts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packages become droplets that the real tar reads. */
class ProcfileStagerTest {
    @TempDir
    Path directory;

    private Stager.Staged stage(Path zip, List<String> buildpacks, String command) throws Exception {
        return new ProcfileStager().stage(new Stager.Request(zip, buildpacks, command, directory));
    }

    private Path zip(Map<String, String> files) throws IOException {
        Path zip = directory.resolve("package.zip");
        Files.write(zip, Cloud.zip(new TreeMap<>(files)));
        return zip;
    }

    private Path unpacked(Path droplet) throws Exception {
        Path target = Files.createDirectory(directory.resolve("unpacked"));
        Process tar = new ProcessBuilder(
                        RealParts.require("tar").toString(), "xzf", droplet.toString(), "-C", target.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
        return target;
    }

    @Test
    void laysFilesOutAsBuildpackDropletsDo() throws Exception {
        String deep = "deep/" + "x".repeat(90) + "/" + "y".repeat(90) + ".txt";
        Stager.Staged staged = stage(
                zip(Map.of("Procfile", "web: ./run\nworker:  ./work \n# comment\n", "run", "hello", deep, "far")),
                List.of(),
                "");

        assertThat(staged.processTypes()).containsOnly(Map.entry("web", "./run"), Map.entry("worker", "./work"));
        Path root = unpacked(staged.droplet());
        assertThat(root.resolve("app/run")).hasContent("hello").isExecutable();
        assertThat(root.resolve("app/" + deep)).hasContent("far");
        assertThat(root.resolve("staging_info.yml"))
                .hasContent("{\"detected_buildpack\":\"\",\"start_command\":\"./run\"}");
        for (String folder : List.of("deps", "profile.d", "tmp", "logs")) {
            assertThat(root.resolve(folder)).isEmptyDirectory();
        }
        try (var droplet = Files.newInputStream(staged.droplet())) {
            assertThat(StagingInfo.startCommand(droplet)).isEqualTo("./run");
        }
    }

    @Test
    void keepsModesAndLinks() throws Exception {
        Path zip = directory.resolve("modes.zip");
        try (FileSystem archive =
                FileSystems.newFileSystem(zip, Map.of("create", true, "enablePosixFileAttributes", true))) {
            Path file = archive.getPath("/data.txt");
            Files.writeString(file, "content");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        }

        Path root = unpacked(stage(zip, List.of(), "cat data.txt").droplet());

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("app/data.txt"))))
                .isEqualTo("rw-r-----");
    }

    @Test
    void needsSomethingToStart() throws Exception {
        Path zip = zip(Map.of("index.html", "hello"));

        assertThat(stage(zip, List.of(), "serve .").processTypes()).containsExactly(Map.entry("web", "serve ."));
        assertThatThrownBy(() -> stage(zip, List.of(), ""))
                .hasMessage("NoAppDetectedError - An app was not successfully detected by any available buildpack");
        assertThatThrownBy(() -> stage(zip, List.of("binary_buildpack"), ""))
                .hasMessage("StagingError - Start command not specified");
    }

    @Test
    void refusesFilesOutsideOfTheApp() throws Exception {
        Path zip = directory.resolve("evil.zip");
        try (OutputStream out = Files.newOutputStream(zip);
                ZipOutputStream archive = new ZipOutputStream(out)) {
            archive.putNextEntry(new ZipEntry("../evil"));
            archive.write("x".getBytes(StandardCharsets.UTF_8));
            archive.closeEntry();
        }

        assertThatThrownBy(() -> stage(zip, List.of(), "run")).hasMessageContaining("outside of the app: ../evil");
    }

    @Test
    void refusesWhatIsNoZip() throws Exception {
        Path file = Files.writeString(directory.resolve("no.zip"), "no zip");

        assertThatThrownBy(() -> stage(file, List.of(), "run"))
                .hasMessageStartingWith("StagingError - The app package is not a zip");
    }
}
