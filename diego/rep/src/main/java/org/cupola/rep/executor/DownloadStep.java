package org.cupola.rep.executor;

import java.io.IOException;
import java.net.URI;
import org.cupola.protocol.bbs.proto.DownloadAction;
import org.cupola.rep.container.Container;

/** Fetches an archive and unpacks it in the container. */
record DownloadStep(Container container, DownloadAction action, DownloadCache cache, LogStream log) implements Step {
    private static final int MAX_LOGGED_REASON = 1024;

    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        cancellation.throwIfCancelled();
        String name = action.getArtifact();
        if (!name.isEmpty()) {
            log.out("Downloading " + name + "...");
        }
        try (DownloadCache.Lease download = fetch(cancellation)) {
            unpack(download);
            if (!name.isEmpty()) {
                log.out("Downloaded " + name + " (" + ByteSize.format(download.sizeBytes()) + ")");
            }
        }
        ready.run();
    }

    private DownloadCache.Lease fetch(Cancellation cancellation) throws StepFailure {
        try {
            return cache.fetch(
                    URI.create(action.getFrom()),
                    action.getCacheKey(),
                    new Checksum(action.getChecksumAlgorithm(), action.getChecksumValue()),
                    cancellation);
        } catch (IOException | IllegalArgumentException e) {
            cancellation.throwIfCancelled();
            throw failed(named("Downloading", " failed"), e);
        }
    }

    private void unpack(DownloadCache.Lease download) throws StepFailure {
        try {
            container.unpack(download.content(), action.getTo(), action.getUser());
        } catch (IOException e) {
            throw failed(named("Copying", " into the container failed") + ": " + e.getMessage(), e);
        }
    }

    private String named(String verb, String rest) {
        return action.getArtifact().isEmpty() ? verb + rest : verb + " " + action.getArtifact() + rest;
    }

    private StepFailure failed(String reason, Exception cause) {
        log.err(reason.length() > MAX_LOGGED_REASON ? reason.substring(0, MAX_LOGGED_REASON) : reason);
        org.slf4j.LoggerFactory.getLogger(DownloadStep.class)
                .atWarn()
                .addKeyValue("guid", container.handle())
                .addKeyValue("reason", cause.getMessage())
                .log("download-failed");
        return new StepFailure(reason, cause);
    }
}
