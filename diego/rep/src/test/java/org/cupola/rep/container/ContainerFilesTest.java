package org.cupola.rep.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerFilesTest {
    private final ContainerFiles files = new ContainerFiles(Path.of("/cell/c1/root"));

    @ParameterizedTest
    @CsvSource({
        "., /cell/c1/root/home/vcap",
        "app, /cell/c1/root/home/vcap/app",
        "/home/vcap/app, /cell/c1/root/home/vcap/app",
        "/tmp/x, /cell/c1/root/tmp/x",
        "/, /cell/c1/root",
        "/../../etc/passwd, /cell/c1/root/etc/passwd",
        "../../../../etc/passwd, /cell/c1/root/etc/passwd",
    })
    void pathsOfTheContainerStayBelowItsFolder(String path, String host) {
        assertThat(files.onHost(path)).isEqualTo(Path.of(host));
    }

    @ParameterizedTest
    @CsvSource({
        "cd /home/vcap/app && run, cd /cell/c1/root/home/vcap/app && run",
        "/home/vcap, /cell/c1/root/home/vcap",
        "-Dx=/home/vcap/tmp, -Dx=/cell/c1/root/home/vcap/tmp",
        "'/home/vcap:/home/vcap/app', '/cell/c1/root/home/vcap:/cell/c1/root/home/vcap/app'",
        "/home/vcapital, /home/vcapital",
        "/my/home/vcap, /my/home/vcap",
        "nothing, nothing",
    })
    void textNamesTheHomeFolderWhereItReallyIs(String text, String rewritten) {
        assertThat(files.rewrite(text)).isEqualTo(rewritten);
    }

    @Test
    void mountsTakeThePlaceOfWhatIsThere(@TempDir Path folder) throws IOException {
        Path host = Files.createDirectory(folder.resolve("host"));
        Files.writeString(host.resolve("file"), "from the host");
        var made = new ContainerFiles(folder.resolve("root"));
        made.make();
        Files.createDirectories(made.onHost("/tmp/lifecycle/old"));

        made.link(new BindMount(host, "/tmp/lifecycle"));
        made.link(new BindMount(host, "/etc/deep/down"));

        assertThat(made.onHost("/tmp/lifecycle/file")).hasContent("from the host");
        assertThat(made.onHost("/tmp/lifecycle/old")).doesNotExist();
        assertThat(made.onHost("/etc/deep/down/file")).hasContent("from the host");
    }
}
