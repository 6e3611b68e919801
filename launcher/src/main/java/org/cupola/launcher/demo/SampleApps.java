package org.cupola.launcher.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The sample apps as zip files, ready to upload: their class files and a Procfile. */
public final class SampleApps {
    private static final String JAVA = "java -Xmx32m -Xss256k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp . ";

    private SampleApps() {}

    /** Answers {@code hello from instance N} to every GET. */
    public static byte[] http() {
        return zip("org.cupola.samples.HelloHttp");
    }

    /** Echoes every byte. */
    public static byte[] tcp() {
        return zip("org.cupola.samples.EchoTcp");
    }

    private static byte[] zip(String mainClass) {
        String file = mainClass.replace('.', '/') + ".class";
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes);
                InputStream code = SampleApps.class.getClassLoader().getResourceAsStream(file)) {
            if (code == null) {
                throw new IllegalStateException(file + " is not on the class path");
            }
            zip.putNextEntry(new ZipEntry("Procfile"));
            // exec makes the app itself the process that gets the signals.
            zip.write(("web: exec " + JAVA + mainClass + "\n").getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry(file));
            code.transferTo(zip);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
