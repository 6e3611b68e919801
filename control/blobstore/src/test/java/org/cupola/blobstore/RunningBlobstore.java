package org.cupola.blobstore;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import org.cupola.platform.config.Secret;
import org.cupola.protocol.blobstore.BlobLimits;
import org.cupola.protocol.blobstore.WebDavBlobstore;

/** A blobstore on free ports, without TLS. */
final class RunningBlobstore implements AutoCloseable {
    static final String SECRET = "link-secret";
    static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    final BlobstoreComponent component;
    final Path store;

    RunningBlobstore(Path directory, String more) {
        try {
            this.store = directory.resolve("store");
            Path file = directory.resolve("blobstore.yml");
            Files.writeString(file, """
                    system_domain: sys.example.com
                    blobstore:
                      directory: %s
                      address: 127.0.0.1
                      port: 0
                      tls: {port: 0}
                      admin_users:
                        - {username: blobstore-user, password: "pass-word"}
                      secure_link: {secret: %s}
                      internal_access_rules: ["allow 127.0.0.0/8;"]
                    """.formatted(store, SECRET) + more);
            this.component = new BlobstoreComponent(BlobstoreConfig.read(file), Clock.systemUTC());
            component.start();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static WebDavBlobstore client(int privatePort, int publicPort, String root) {
        return new WebDavBlobstore(
                new WebDavBlobstore.Settings(
                        URI.create("http://127.0.0.1:" + privatePort),
                        URI.create("http://127.0.0.1:" + publicPort),
                        "cc-droplets",
                        root,
                        "blobstore-user",
                        new Secret("pass-word")),
                BlobLimits.NONE,
                HTTP);
    }

    WebDavBlobstore client(String root) {
        return client(component.internalPort(), component.publicPort(), root);
    }

    HttpResponse<String> admin(String method, String path, String body, String... headers) {
        return send(component.internalPort(), method, path, body, authorized(headers));
    }

    static String[] authorized(String... headers) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Authorization";
        all[headers.length + 1] = "Basic "
                + Base64.getEncoder().encodeToString("blobstore-user:pass-word".getBytes(StandardCharsets.UTF_8));
        return all;
    }

    static HttpResponse<String> send(int port, String method, String path, String body, String... headers) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends exactly these bytes and reads all that comes back until the server closes. */
    static String raw(int port, String bytes) throws IOException {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            InputStream input = socket.getInputStream();
            return new String(input.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() {
        component.close();
    }
}
