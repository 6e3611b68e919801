package org.cupola.blobstore;

import io.netty.channel.EventLoopGroup;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.net.Transport;
import org.cupola.protocol.blobstore.LinkSigner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The blobstore: opens its listeners over its directory. */
public final class BlobstoreComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(BlobstoreComponent.class);
    private static final Duration DRAIN = Duration.ofSeconds(10);
    private final BlobstoreConfig config;
    private final Clock clock;
    private final List<BlobListener> listeners = new ArrayList<>();
    private @Nullable EventLoopGroup loops;
    private @Nullable ExecutorService threads;
    private volatile int internalPort = -1;
    private volatile int publicTlsPort = -1;
    private volatile int publicPort = -1;

    public BlobstoreComponent(BlobstoreConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "blobstore";
    }

    @Override
    public synchronized void start() throws Exception {
        Files.createDirectories(config.directory());
        Transport transport = Transport.preferred();
        EventLoopGroup group = transport.eventLoops("blobstore", 2);
        loops = group;
        ExecutorService executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("blobstore-", 0).factory());
        threads = executor;
        try {
            var files = new StoredFiles(config.directory().toAbsolutePath().normalize(), config.maxUploadBytes());
            var signer = new LinkSigner(config.linkSecret());
            AccessRules rules = AccessRules.of(config.accessRules());
            var internal =
                    new BlobService(files, signer, new BlobService.Door.Internal(rules, config.adminUsers()), clock);
            var visitors = new BlobService(files, signer, new BlobService.Door.Public(config.publicHost()), clock);
            internalPort = open(config.internal(), internal, transport, group, executor);
            BlobstoreConfig.Listener tls = config.publicTls();
            if (tls != null) {
                publicTlsPort = open(tls, visitors, transport, group, executor);
            }
            BlobstoreConfig.Listener plain = config.publicPlain();
            if (plain != null) {
                publicPort = open(plain, visitors, transport, group, executor);
            }
            log.atInfo()
                    .addKeyValue("directory", config.directory())
                    .addKeyValue("internal_port", internalPort)
                    .addKeyValue("public_tls_port", publicTlsPort)
                    .addKeyValue("public_port", publicPort)
                    .log("started");
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private int open(
            BlobstoreConfig.Listener listener,
            BlobService service,
            Transport transport,
            EventLoopGroup group,
            ExecutorService executor) {
        BlobListener opened = BlobListener.open(listener, service, transport, group, executor);
        listeners.add(opened);
        return opened.port();
    }

    public int internalPort() {
        return internalPort;
    }

    /** -1 without such a listener. */
    public int publicTlsPort() {
        return publicTlsPort;
    }

    /** -1 without such a listener. */
    public int publicPort() {
        return publicPort;
    }

    /** Lets running exchanges end for a while. */
    @Override
    public synchronized void close() {
        listeners.forEach(BlobListener::stopAccepting);
        ExecutorService executor = threads;
        if (executor != null) {
            executor.shutdown();
            try {
                if (!executor.awaitTermination(DRAIN.toSeconds(), TimeUnit.SECONDS)) {
                    executor.shutdownNow();
                }
            } catch (InterruptedException e) {
                executor.shutdownNow();
                Thread.currentThread().interrupt();
            }
        }
        listeners.forEach(BlobListener::closeConnections);
        listeners.clear();
        EventLoopGroup group = loops;
        if (group != null) {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        }
        threads = null;
        loops = null;
    }
}
