package org.cupola.rep.executor;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Semaphore;
import org.cupola.protocol.bbs.proto.UploadAction;
import org.cupola.rep.container.Container;

/**
 * Sends a file of the container to a server.
 *
 * @param uploads the cell's limit of uploads at once
 */
record UploadStep(Container container, UploadAction action, HttpFetcher fetcher, Semaphore uploads, LogStream log)
        implements Step {
    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        cancellation.throwIfCancelled();
        String name = action.getArtifact();
        if (!name.isEmpty()) {
            log.out("Uploading " + name + "...");
        }
        uploads.acquireUninterruptibly();
        try {
            long size = upload(cancellation);
            if (!name.isEmpty()) {
                log.out("Uploaded " + name + " (" + ByteSize.format(size) + ")");
            }
        } catch (IOException | IllegalArgumentException e) {
            cancellation.throwIfCancelled();
            // The address may carry a secret, and so may what an exception says of it.
            throw new StepFailure(
                    name.isEmpty() ? "Failed to upload payload" : "Failed to upload payload for " + name, e);
        } finally {
            uploads.release();
        }
        ready.run();
    }

    private long upload(Cancellation cancellation) throws IOException {
        Path copy = Files.createTempFile("upload", "");
        try {
            try (InputStream content = container.read(action.getFrom())) {
                Files.copy(content, copy, StandardCopyOption.REPLACE_EXISTING);
            }
            fetcher.upload(
                    URI.create(action.getTo()),
                    copy,
                    Checksum.digest("MD5", copy),
                    Checksum.digest("SHA-256", copy),
                    cancellation);
            return Files.size(copy);
        } finally {
            Files.deleteIfExists(copy);
        }
    }
}
