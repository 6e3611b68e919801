package org.cupola.rep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Who holds the cell's presence. The name is kept beside the containers, so that a cell which was killed takes its own presence over at once
 * and does not wait until it has expired; the lock on that folder keeps two cells from being the same.
 */
final class PresenceOwner {
    private PresenceOwner() {}

    static String of(Path folder) throws IOException {
        Path file = folder.resolve("presence-owner");
        try {
            return UUID.fromString(Files.readString(file).strip()).toString();
        } catch (NoSuchFileException | IllegalArgumentException e) {
            String fresh = UUID.randomUUID().toString();
            Files.writeString(file, fresh);
            return fresh;
        }
    }
}
