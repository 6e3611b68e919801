package org.cupola.routingapi;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Scanner;
import java.util.concurrent.CountDownLatch;

/** A Routing API as a process of its own, for tests that kill it: prints its plain port and runs until it is killed. */
final class ForkedApi {
    private ForkedApi() {}

    public static void main(String[] arguments) throws Exception {
        var component = new RoutingApiComponent(
                RoutingApiConfig.read(Path.of(arguments[0]), "127.0.0.1", true), InstantSource.system());
        component.start();
        System.out.println("PORT " + component.httpPort());
        new CountDownLatch(1).await(); // until it is killed
    }

    /** Starts one with the class path of this JVM. */
    static Process start(Path config) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ForkedApi.class.getName(),
                        config.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    static int port(Process process) throws Exception {
        try (var scanner = new Scanner(process.getInputStream(), StandardCharsets.UTF_8)) {
            while (scanner.hasNextLine()) {
                String line = scanner.nextLine();
                if (line.startsWith("PORT ")) {
                    return Integer.parseInt(line.substring("PORT ".length()));
                }
            }
        }
        throw new IllegalStateException("the process ended before it was ready");
    }
}
