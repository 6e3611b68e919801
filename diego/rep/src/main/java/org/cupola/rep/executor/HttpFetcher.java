package org.cupola.rep.executor;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;

/**
 * Gets and sends files over HTTP. What may pass by itself (no connection, a status of 500 and above) is tried again up to
 * four times with a growing pause; the rest fails at once. Blocking; any thread.
 */
final class HttpFetcher implements AutoCloseable {
    private static final int ATTEMPTS = 4;
    private static final int UPLOAD_ATTEMPTS = 3;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final int JITTER_MILLIS = 200;
    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(10);

    private final HttpClient client;
    private final RandomGenerator random;

    HttpFetcher(SSLContext tls, RandomGenerator random) {
        this.client = HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
        this.random = random;
    }

    /** What tells one version of a resource from another; either may be empty. */
    record Validators(String etag, String lastModified) {
        static final Validators NONE = new Validators("", "");

        boolean isNone() {
            return etag.isEmpty() && lastModified.isEmpty();
        }
    }

    /** @param changed false when the server says that what the caller has is the newest */
    record Fetched(boolean changed, Validators validators) {}

    /**
     * Fetches into a file, unless the server still has what the caller knows.
     *
     * @throws IOException after the last attempt, without the URL, which may carry a secret
     */
    Fetched fetch(URI url, Path file, Validators known, Checksum checksum, Cancellation cancellation)
            throws IOException {
        if (!"http".equals(url.getScheme()) && !"https".equals(url.getScheme())) {
            throw new IOException("unsupported URL scheme: " + url.getScheme() + " (expected: http or https)");
        }
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            try {
                return fetchOnce(url, file, known, checksum, cancellation);
            } catch (Refused e) {
                throw new IOException(e.getMessage(), e);
            } catch (IOException e) {
                if (attempt == ATTEMPTS || cancellation.await(pause.plusMillis(random.nextInt(JITTER_MILLIS)))) {
                    throw e;
                }
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }
    }

    /** Trying again would not help. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String message, Throwable cause) {
            super(message, cause);
        }

        Refused(String message) {
            super(message);
        }
    }

    private Fetched fetchOnce(URI url, Path file, Validators known, Checksum checksum, Cancellation cancellation)
            throws IOException {
        var request = HttpRequest.newBuilder(url).timeout(REQUEST_TIMEOUT);
        if (!known.etag().isEmpty()) {
            request.header("If-None-Match", known.etag());
        }
        if (!known.lastModified().isEmpty()) {
            request.header("If-Modified-Since", known.lastModified());
        }
        HttpResponse<InputStream> response =
                send(request.build(), HttpResponse.BodyHandlers.ofInputStream(), cancellation);
        try (InputStream body = response.body()) {
            if (response.statusCode() == 304 && !known.isNone()) {
                return new Fetched(false, known);
            }
            if (response.statusCode() != 200) {
                String message = "status code " + response.statusCode();
                throw response.statusCode() >= 500 ? new IOException(message) : new Refused(message);
            }
            copy(body, file, cancellation);
        }
        try {
            checksum.verify(file);
        } catch (IOException e) {
            throw new Refused(String.valueOf(e.getMessage()), e);
        }
        return new Fetched(
                true,
                new Validators(
                        response.headers().firstValue("ETag").orElse(""),
                        response.headers().firstValue("Last-Modified").orElse("")));
    }

    private static void copy(InputStream body, Path file, Cancellation cancellation) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            byte[] buffer = new byte[64 * 1024];
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                if (cancellation.isCancelled()) {
                    throw new Refused(StepFailure.CANCELLED);
                }
                out.write(buffer, 0, count);
            }
        }
    }

    /** @throws IOException after the last attempt, without the URL */
    void upload(URI url, Path file, byte[] md5, byte[] sha256, Cancellation cancellation) throws IOException {
        var base64 = java.util.Base64.getEncoder();
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(REQUEST_TIMEOUT)
                .header("Content-Type", "application/octet-stream")
                .header("Content-MD5", base64.encodeToString(md5))
                .header("Content-Digest", "sha-256=:" + base64.encodeToString(sha256) + ":")
                .POST(HttpRequest.BodyPublishers.ofFile(file))
                .build();
        for (int attempt = 1; ; attempt++) {
            try {
                int status = send(request, HttpResponse.BodyHandlers.discarding(), cancellation)
                        .statusCode();
                if (status >= 400) {
                    throw new IOException("Upload failed: Status code " + status);
                }
                return;
            } catch (IOException e) {
                if (attempt == UPLOAD_ATTEMPTS || cancellation.isCancelled()) {
                    throw e;
                }
            }
        }
    }

    private <T> HttpResponse<T> send(
            HttpRequest request, HttpResponse.BodyHandler<T> handler, Cancellation cancellation) throws IOException {
        CompletableFuture<HttpResponse<T>> response = client.sendAsync(request, handler);
        try {
            CompletableFuture.anyOf(response, cancellation.wished()).get();
            if (!response.isDone()) {
                response.cancel(true);
                throw new Refused(StepFailure.CANCELLED);
            }
            return response.get();
        } catch (ExecutionException e) {
            Throwable cause = Optional.ofNullable(e.getCause()).orElse(e);
            throw new IOException(cause.getClass().getSimpleName() + ": " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refused("interrupted", e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
