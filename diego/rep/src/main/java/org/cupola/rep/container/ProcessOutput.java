package org.cupola.rep.container;

import java.io.IOException;
import java.io.OutputStream;

/** Where a process' output goes. Each stream is written and closed by one thread. */
public record ProcessOutput(OutputStream stdout, OutputStream stderr) {
    public static ProcessOutput discard() {
        return new ProcessOutput(OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
    }

    void close() throws IOException {
        try (stdout;
                stderr) {
            // both, whatever the first one says
        }
    }
}
