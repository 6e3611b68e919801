package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The {@code cf} command with a home of its own. */
record CfCommand(Path program, Path home) {
    /** Its output; fails when it does. */
    String run(String... arguments) throws Exception {
        Path output = Files.createTempFile(home, "cf", ".txt");
        Process process = start(output, arguments);
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        String text = Files.readString(output);
        assertThat(process.exitValue()).describedAs(text).isZero();
        return text;
    }

    /** Runs it until its output has the text, doing something again and again meanwhile. */
    void followUntil(String text, Runnable meanwhile, String... arguments) throws Exception {
        Path output = Files.createTempFile(home, "cf", ".txt");
        Process process = start(output, arguments);
        try {
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
                meanwhile.run();
                return Files.readString(output).contains(text);
            });
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private Process start(Path output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().put("CF_HOME", home.toString());
        builder.environment().put("CF_COLOR", "false");
        return builder.start();
    }
}
