package org.cupola.rep.container;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** One container, from its creation to {@link #destroy}. Thread-safe; every method may block on the operating system. */
public interface Container {
    String handle();

    NetworkInfo network();

    /**
     * Starts a process; its output goes to {@code output}, which is closed at the end of each stream.
     *
     * @throws ContainerException when the program cannot be started
     */
    RunningProcess run(ProcessSpec spec, ProcessOutput output) throws ContainerException;

    /**
     * Unpacks an archive (tar, tgz, zip, told by its first bytes) of the host into a folder of the container, which is made when
     * missing. A relative folder starts at the user's home.
     *
     * @throws IOException also for an archive that is damaged or would write outside the folder
     */
    void unpack(Path archive, String folder, String user) throws IOException;

    /** Writes a small file, making its folders; a reader sees the old content or the new one. */
    void write(String file, byte[] content) throws IOException;

    /** Reads a file of the container. */
    InputStream read(String file) throws IOException;

    /** What the platform ended processes for; none while all is well. */
    Optional<Breach> breach();

    /** Kills every process and removes all files. Safe to call twice. */
    void destroy() throws ContainerException;

    /** A limit that was exceeded. */
    enum Breach {
        OUT_OF_MEMORY("out of memory"),
        OUT_OF_DISK("disk quota exceeded");

        private final String text;

        Breach(String text) {
            this.text = text;
        }

        /** As it stands in a crash reason. */
        public String text() {
            return text;
        }
    }
}
