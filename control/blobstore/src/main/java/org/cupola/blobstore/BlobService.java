package org.cupola.blobstore;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cupola.protocol.blobstore.LinkSigner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who may do what: administrators everything below {@code /admin/}, holders of a link what it is signed for. Any thread. */
final class BlobService implements ExchangeHandler.Service {
    private static final Logger log = LoggerFactory.getLogger(BlobService.class);
    private static final String ADMIN = "/admin/";
    private static final String READ = "/read/";
    private static final String WRITE = "/write/";
    private static final String SIGNED = "/signed/";
    private final StoredFiles files;
    private final LinkSigner signer;
    private final Door door;
    private final InstantSource clock;

    /** What a listener lets in. */
    sealed interface Door {
        /** Administrators from the given networks, and holders of links. */
        record Internal(AccessRules rules, List<BlobstoreConfig.AdminUser> users) implements Door {}

        /** Holders of links, under this name; empty means under any. */
        record Public(String host) implements Door {}
    }

    BlobService(StoredFiles files, LinkSigner signer, Door door, InstantSource clock) {
        this.files = files;
        this.signer = signer;
        this.door = door;
        this.clock = clock;
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        Optional<Target> target = Target.parse(exchange.target());
        if (target.isEmpty()) {
            StoredFiles.refuse(exchange, 400);
        } else {
            dispatch(exchange, target.get());
        }
        log.atDebug()
                .addKeyValue("method", exchange.method())
                .addKeyValue("path", target.map(Target::path).orElse("?")) // never the query: it opens the blob
                .addKeyValue("status", exchange.status())
                .log("served");
    }

    private void dispatch(Exchange exchange, Target target) throws IOException {
        switch (door) {
            case Door.Internal internal -> {
                if (!internal.rules().allows(exchange.peer().getAddress())) {
                    StoredFiles.refuse(exchange, 403);
                } else if (target.path().startsWith(ADMIN)) {
                    admin(exchange, target, internal.users());
                } else if (Set.of("/sign", "/sign_for_put").contains(target.path())) {
                    sign(exchange, target, internal.users());
                } else {
                    link(exchange, target);
                }
            }
            case Door.Public(String host) -> {
                if (host.isEmpty() || host.equals(name(exchange))) {
                    link(exchange, target);
                } else {
                    StoredFiles.refuse(exchange, 404);
                }
            }
        }
    }

    private static String name(Exchange exchange) {
        return exchange.header(HttpHeaderNames.HOST).replaceFirst(":\\d*$", "").toLowerCase(Locale.ROOT);
    }

    private void admin(Exchange exchange, Target target, List<BlobstoreConfig.AdminUser> users) throws IOException {
        if (!isAdmin(exchange, users)) {
            askForPassword(exchange, "Blobstore Admin");
            return;
        }
        String path = target.after(ADMIN);
        switch (exchange.method()) {
            case "GET", "HEAD" -> files.read(exchange, path);
            case "PUT" -> files.write(exchange, path);
            case "DELETE" -> files.delete(exchange, path);
            case "COPY" -> files.copy(exchange, path, StoredFiles.destination(exchange.header("destination"), ADMIN));
            case "PROPFIND" -> files.list(exchange, path, ADMIN);
            default -> StoredFiles.refuse(exchange, 405);
        }
    }

    /** Answers a URL whose path and query open a blob; the host is for the caller to replace. */
    private void sign(Exchange exchange, Target target, List<BlobstoreConfig.AdminUser> users) throws IOException {
        if (!isAdmin(exchange, users)) {
            askForPassword(exchange, "Blobstore Signing");
            return;
        }
        String path = target.parameter("path");
        String expires = target.parameter("expires");
        boolean clean = Target.parse(path.replace("%", "%25")).isPresent();
        if (!exchange.method().equals("GET") || !clean || !expires.matches("\\d{1,12}")) {
            StoredFiles.refuse(exchange, exchange.method().equals("GET") ? 400 : 405);
            return;
        }
        String prefix = target.path().equals("/sign") ? "/read" : "/write";
        String signed = signer.sign(prefix + path, Instant.ofEpochSecond(Long.parseLong(expires)));
        exchange.respond(200, Map.of("content-type", "text/plain"), "http://blobstore.service.cf.internal" + signed);
    }

    private void link(Exchange exchange, Target target) throws IOException {
        boolean reads = Set.of("GET", "HEAD").contains(exchange.method());
        boolean writes = exchange.method().equals("PUT");
        if (target.path().startsWith(READ)) {
            follow(exchange, reads, plain(target), () -> files.read(exchange, target.after(READ)));
        } else if (target.path().startsWith(WRITE)) {
            follow(exchange, writes, plain(target), () -> files.write(exchange, target.after(WRITE)));
        } else if (target.path().startsWith(SIGNED)) {
            String blob = target.after(SIGNED);
            follow(exchange, reads || writes, verb(exchange, target, blob), () -> {
                if (writes) {
                    files.write(exchange, blob);
                } else {
                    files.read(exchange, blob);
                }
            });
        } else {
            StoredFiles.refuse(exchange, 404);
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void follow(Exchange exchange, boolean methodFits, LinkSigner.Verdict verdict, Action action)
            throws IOException {
        if (!methodFits) {
            StoredFiles.refuse(exchange, 405);
            return;
        }
        switch (verdict) {
            case GOOD -> action.run();
            case FORGED -> StoredFiles.refuse(exchange, 403);
            case EXPIRED -> StoredFiles.refuse(exchange, 410);
        }
    }

    private LinkSigner.Verdict plain(Target target) {
        return signer.verify(target.path(), target.parameter("md5"), target.parameter("expires"), clock.instant());
    }

    /** Whoever may fetch a blob may also ask how large it is. An expired link of this kind is refused like a forged one. */
    private LinkSigner.Verdict verb(Exchange exchange, Target target, String blob) {
        List<String> verbs = exchange.method().equals("HEAD") ? List.of("HEAD", "GET") : List.of(exchange.method());
        boolean good = verbs.stream()
                .anyMatch(verb -> signer.verifyVerb(
                                verb,
                                blob,
                                target.parameter("st"),
                                target.parameter("ts"),
                                target.parameter("e"),
                                clock.instant())
                        == LinkSigner.Verdict.GOOD);
        return good ? LinkSigner.Verdict.GOOD : LinkSigner.Verdict.FORGED;
    }

    private static void askForPassword(Exchange exchange, String realm) throws IOException {
        exchange.respond(
                401,
                Map.of("www-authenticate", "Basic realm=\"" + realm + "\"", "content-type", "text/plain"),
                "401 authorization required\n");
    }

    private static boolean isAdmin(Exchange exchange, List<BlobstoreConfig.AdminUser> users) {
        String header = exchange.header(HttpHeaderNames.AUTHORIZATION);
        if (!header.regionMatches(true, 0, "basic ", 0, 6)) {
            return false;
        }
        byte[] sent;
        try {
            sent = Base64.getDecoder().decode(header.substring(6).strip());
        } catch (IllegalArgumentException e) {
            return false;
        }
        boolean known = false;
        for (BlobstoreConfig.AdminUser user : users) {
            String pair = user.name() + ":" + user.password().value();
            known |= MessageDigest.isEqual(sent, pair.getBytes(StandardCharsets.UTF_8));
        }
        return known;
    }
}
