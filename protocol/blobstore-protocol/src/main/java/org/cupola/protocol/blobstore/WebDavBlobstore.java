package org.cupola.protocol.blobstore;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.cupola.platform.config.Secret;

/**
 * A store on a WebDAV server as the platform runs it: {@code /admin/<directory>/<path>} with a name and a password, links
 * signed by the server's {@code /sign}. Sends HTTP/1.1. Any thread.
 */
public final class WebDavBlobstore implements BlobstoreClient {
    private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(2);
    private final Settings settings;
    private final BlobLimits limits;
    private final HttpClient http;
    private final InstantSource clock;

    /**
     * Which store, and where.
     *
     * @param privateEndpoint for this client and for links of components, such as {@code https://blobstore.service.cf.internal:4443}
     * @param publicEndpoint  for links of users
     * @param directory       of the server, such as {@code cc-droplets}
     * @param root            folder below it, for stores that share a directory, or empty
     */
    public record Settings(
            URI privateEndpoint, URI publicEndpoint, String directory, String root, String user, Secret password) {}

    /** @param http with a connect timeout, and trust in the server's certificate */
    public WebDavBlobstore(Settings settings, BlobLimits limits, HttpClient http, InstantSource clock) {
        this.settings = settings;
        this.limits = limits;
        this.http = http;
        this.clock = clock;
    }

    /** On the system's clock. */
    public WebDavBlobstore(Settings settings, BlobLimits limits, HttpClient http) {
        this(settings, limits, http, Clock.systemUTC());
    }

    @Override
    public boolean isLocal() {
        return false;
    }

    @Override
    public boolean exists(BlobKey key) throws IOException {
        return attributes(key).isPresent();
    }

    @Override
    public Optional<BlobAttributes> attributes(BlobKey key) throws IOException {
        HttpRequest request = admin(key.path())
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<Void> response = send(request, HttpResponse.BodyHandlers.discarding());
        return switch (response.statusCode()) {
            case 200 ->
                Optional.of(new BlobAttributes(
                        header(response, "etag").replace("\"", ""),
                        time(header(response, "last-modified")),
                        response.headers().firstValueAsLong("content-length").orElse(0)));
            case 404 -> Optional.empty();
            default -> throw unexpected(request, response);
        };
    }

    @Override
    public boolean put(BlobKey key, Path file) throws IOException {
        if (!limits.allow(Files.size(file))) {
            return false;
        }
        upload(key, HttpRequest.BodyPublishers.ofFile(file));
        return true;
    }

    @Override
    public boolean put(BlobKey key, InputStream content, long length) throws IOException {
        if (!limits.allow(length)) {
            return false;
        }
        var body = HttpRequest.BodyPublishers.fromPublisher(
                HttpRequest.BodyPublishers.ofInputStream(() -> content), Math.max(1, length));
        upload(key, length == 0 ? HttpRequest.BodyPublishers.noBody() : body);
        return true;
    }

    private void upload(BlobKey key, HttpRequest.BodyPublisher body) throws IOException {
        HttpRequest request = admin(key.path()).PUT(body).build();
        HttpResponse<Void> response = send(request, HttpResponse.BodyHandlers.discarding());
        requireWritten(request, response);
    }

    private static void requireWritten(HttpRequest request, HttpResponse<?> response) throws BlobstoreException {
        switch (response.statusCode()) {
            case 201, 204 -> {}
            case 404 ->
                throw new BlobstoreException(
                        BlobstoreException.Kind.NOT_FOUND,
                        "no blob " + request.uri().getPath());
            default -> throw unexpected(request, response);
        }
    }

    @Override
    public Optional<InputStream> open(BlobKey key) throws IOException {
        HttpRequest request = admin(key.path()).GET().build();
        HttpResponse<InputStream> response = send(request, HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() == 200) {
            return Optional.of(response.body());
        }
        response.body().close();
        if (response.statusCode() == 404) {
            return Optional.empty();
        }
        throw unexpected(request, response);
    }

    @Override
    public boolean download(BlobKey key, Path file) throws IOException {
        Optional<InputStream> content = open(key);
        if (content.isEmpty()) {
            return false;
        }
        try (InputStream input = content.get()) {
            Files.copy(input, file, StandardCopyOption.REPLACE_EXISTING);
            return true;
        }
    }

    @Override
    public void copy(BlobKey from, BlobKey to) throws IOException {
        if (!exists(from)) {
            throw new BlobstoreException(BlobstoreException.Kind.NOT_FOUND, "no blob " + from);
        }
        // An empty blob first: the original's server makes no directories for a copy.
        upload(to, HttpRequest.BodyPublishers.noBody());
        HttpRequest request = admin(from.path())
                .method("COPY", HttpRequest.BodyPublishers.noBody())
                .header("Destination", adminUri(to.path()).toString())
                .build();
        try {
            requireWritten(request, send(request, HttpResponse.BodyHandlers.discarding()));
        } catch (IOException e) {
            delete(to);
            throw e;
        }
    }

    @Override
    public void delete(BlobKey key) throws IOException {
        deletePath(key.path());
    }

    @Override
    public void deleteFolder(BlobKey folder) throws IOException {
        deletePath(folder.path() + "/");
    }

    @Override
    public void deleteAll() throws IOException {
        if (settings.root().isEmpty()) {
            throw new IllegalStateException("a blobstore without a folder of its own is never emptied");
        }
        deletePath("");
    }

    private void deletePath(String path) throws IOException {
        HttpRequest request = admin(path).DELETE().build();
        HttpResponse<Void> response = send(request, HttpResponse.BodyHandlers.discarding());
        switch (response.statusCode()) {
            case 200, 204, 404 -> {}
            case 409 ->
                throw new BlobstoreException(
                        BlobstoreException.Kind.CONFLICT,
                        "conflict at " + request.uri().getPath());
            default -> throw unexpected(request, response);
        }
    }

    @Override
    public List<BlobKey> list(String pathPrefix) throws IOException {
        List<BlobKey> keys = new ArrayList<>();
        int folder = pathPrefix.lastIndexOf('/');
        list(pathPrefix.substring(0, folder + 1), pathPrefix, keys);
        return keys;
    }

    private void list(String folder, String pathPrefix, List<BlobKey> keys) throws IOException {
        HttpRequest request = admin(folder)
                .method("PROPFIND", HttpRequest.BodyPublishers.noBody())
                .header("Depth", "1")
                .build();
        HttpResponse<InputStream> response = send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() == 404) {
                return;
            }
            if (response.statusCode() != 207) {
                throw unexpected(request, response);
            }
            for (PropFind.Entry entry : PropFind.read(body)) {
                String path = folder + entry.name();
                if (entry.directory() && (path.startsWith(pathPrefix) || pathPrefix.startsWith(path))) {
                    list(path + "/", pathPrefix, keys);
                } else if (!entry.directory() && path.startsWith(pathPrefix)) {
                    StoredPaths.key(path).ifPresent(keys::add);
                }
            }
        }
    }

    @Override
    public Optional<URI> downloadLink(BlobKey key, Audience audience, Duration validity) throws IOException {
        long expires = clock.instant().plus(validity).getEpochSecond();
        URI uri = settings.privateEndpoint().resolve("/sign?expires=" + expires + "&path=/" + stored(key.path()));
        HttpRequest request = authorized(uri).GET().build();
        HttpResponse<String> response = send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw unexpected(request, response);
        }
        try {
            URI signed = URI.create(response.body().strip());
            URI endpoint = audience == Audience.PUBLIC ? settings.publicEndpoint() : settings.privateEndpoint();
            return Optional.of(endpoint.resolve(signed.getRawPath() + "?" + signed.getRawQuery()));
        } catch (IllegalArgumentException e) {
            throw new BlobstoreException(BlobstoreException.Kind.FAILED, "the signer answered no URL", e);
        }
    }

    private HttpRequest.Builder admin(String path) {
        return authorized(adminUri(path));
    }

    private URI adminUri(String path) {
        return settings.privateEndpoint().resolve("/admin/" + stored(path));
    }

    /** Keys hold nothing that would have to be encoded. */
    private String stored(String path) {
        String root = settings.root().isEmpty() ? "" : settings.root() + "/";
        return settings.directory() + "/" + root + path;
    }

    private HttpRequest.Builder authorized(URI uri) {
        String credentials = settings.user() + ":" + settings.password().value();
        return HttpRequest.newBuilder(uri)
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(ANSWER_TIMEOUT)
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) throws IOException {
        try {
            return http.send(request, handler);
        } catch (SSLException e) {
            throw unavailable(request, "SSL verification failed", e);
        } catch (ConnectException | HttpTimeoutException e) {
            throw unavailable(request, "cannot be reached", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(request, "interrupted", e);
        }
    }

    private static BlobstoreException unavailable(HttpRequest request, String what, Exception cause) {
        return new BlobstoreException(
                BlobstoreException.Kind.UNAVAILABLE,
                "blobstore " + request.uri().getAuthority() + ": " + what,
                cause);
    }

    private static BlobstoreException unexpected(HttpRequest request, HttpResponse<?> response) {
        var kind = response.statusCode() == 409 ? BlobstoreException.Kind.CONFLICT : BlobstoreException.Kind.FAILED;
        return new BlobstoreException(
                kind, request.method() + " " + request.uri().getPath() + " answered " + response.statusCode());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static Instant time(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeParseException e) {
            return Instant.EPOCH; // a server that does not say
        }
    }
}
