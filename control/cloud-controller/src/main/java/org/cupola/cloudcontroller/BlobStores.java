package org.cupola.cloudcontroller;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.protocol.blobstore.BlobKey;
import org.cupola.protocol.blobstore.BlobLimits;
import org.cupola.protocol.blobstore.BlobstoreClient;
import org.cupola.protocol.blobstore.DirectoryBlobstore;
import org.cupola.protocol.blobstore.RetryingBlobstore;
import org.cupola.protocol.blobstore.WebDavBlobstore;

/** The stores of this Cloud Controller. Immutable; any thread. */
record BlobStores(BlobstoreClient packages, BlobstoreClient droplets, BlobstoreClient resources) {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    static BlobStores open(CloudControllerConfig.Blobs config) {
        return new BlobStores(
                open(config.packages(), "", BlobLimits.NONE),
                open(config.droplets(), "", BlobLimits.NONE),
                open(
                        config.resources(),
                        "app_bits_cache",
                        new BlobLimits(config.minFileBytes(), Math.max(config.minFileBytes(), config.maxFileBytes()))));
    }

    private static BlobstoreClient open(CloudControllerConfig.BlobSetting setting, String folder, BlobLimits limits) {
        return setting.webDav()
                .map(webDav -> webDav(webDav, setting.directory(), folder, limits))
                .orElseGet(() -> new DirectoryBlobstore(
                        setting.localRoot().orElse(Path.of("")).resolve(setting.directory()), folder, limits));
    }

    private static BlobstoreClient webDav(
            CloudControllerConfig.WebDav webDav, String directory, String folder, BlobLimits limits) {
        List<X509Certificate> authorities =
                webDav.authority().map(Pem::certificates).orElse(List.of());
        HttpClient http = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .sslContext(TlsContexts.jdk(Optional.empty(), authorities))
                .build();
        return new RetryingBlobstore(new WebDavBlobstore(
                new WebDavBlobstore.Settings(
                        webDav.privateEndpoint(),
                        webDav.publicEndpoint(),
                        directory,
                        folder,
                        webDav.user(),
                        webDav.password()),
                limits,
                http));
    }

    static BlobKey packageKey(String guid) {
        return new BlobKey(guid);
    }

    /** Of a droplet that has bits. */
    static BlobKey dropletKey(Droplet droplet) {
        return BlobKey.of(droplet.guid(), String.valueOf(droplet.sha1()));
    }
}
