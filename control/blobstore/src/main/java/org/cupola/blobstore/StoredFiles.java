package org.cupola.blobstore;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.cupola.protocol.blobstore.BlobFiles;
import org.cupola.protocol.blobstore.BlobstoreException;

/**
 * What can be done with the files: the methods of WebDAV (RFC 4918) that the platform uses. Paths are relative to the root and
 * have been checked. Blocking, any thread.
 */
final class StoredFiles {
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);
    private final Path root;
    private final long maxUploadBytes;

    /** @param maxUploadBytes zero means no limit */
    StoredFiles(Path root, long maxUploadBytes) {
        this.root = root;
        this.maxUploadBytes = maxUploadBytes;
    }

    /** {@code GET} and {@code HEAD}. */
    void read(Exchange exchange, String path) throws IOException {
        Path file = root.resolve(path);
        if (BlobFiles.isUnfinished(file)) {
            refuse(exchange, 404);
            return;
        }
        if (Files.isDirectory(file)) {
            refuse(exchange, 403);
            return;
        }
        try (FileChannel content = FileChannel.open(file, StandardOpenOption.READ)) {
            send(exchange, content, Files.readAttributes(file, BasicFileAttributes.class));
        } catch (NoSuchFileException e) {
            refuse(exchange, 404);
        } catch (FileSystemException e) {
            refuse(exchange, Files.exists(file) ? 403 : 404);
        }
    }

    private static void send(Exchange exchange, FileChannel content, BasicFileAttributes attributes)
            throws IOException {
        long length = content.size();
        String tag = tag(attributes, length);
        String modified = HTTP_DATE.format(attributes.lastModifiedTime().toInstant());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("etag", tag);
        headers.put("last-modified", modified);
        headers.put("accept-ranges", "bytes");
        String known = exchange.header(HttpHeaderNames.IF_NONE_MATCH);
        String since = exchange.header(HttpHeaderNames.IF_MODIFIED_SINCE);
        if (known.equals(tag) || (known.isEmpty() && since.equals(modified))) {
            exchange.respond(304, headers, "");
            return;
        }
        headers.put("content-type", "application/octet-stream");
        String ifRange = exchange.header(HttpHeaderNames.IF_RANGE);
        boolean ranged = ifRange.isEmpty() || ifRange.equals(tag) || ifRange.equals(modified);
        ByteRange.Wanted wanted = ByteRange.of(ranged ? exchange.header(HttpHeaderNames.RANGE) : "", length);
        switch (wanted) {
            case ByteRange.Wanted.All() -> send(exchange, 200, headers, content, new ByteRange(0, length - 1));
            case ByteRange.Wanted.Part(ByteRange part) -> {
                headers.put("content-range", "bytes " + part.first() + "-" + part.last() + "/" + length);
                send(exchange, 206, headers, content, part);
            }
            case ByteRange.Wanted.Nothing() -> exchange.respond(416, Map.of("content-range", "bytes */" + length), "");
        }
    }

    private static void send(
            Exchange exchange, int status, Map<String, String> headers, FileChannel content, ByteRange range)
            throws IOException {
        if (exchange.method().equals("HEAD")) {
            exchange.respondHead(status, headers, range.length());
        } else {
            exchange.respondFile(status, headers, content, range.first(), range.length());
        }
    }

    /** Of time and length, as nginx makes it, but to the millisecond. */
    private static String tag(BasicFileAttributes attributes, long length) {
        return "\"" + Long.toHexString(attributes.lastModifiedTime().toMillis()) + "-" + Long.toHexString(length)
                + "\"";
    }

    /** {@code PUT}. */
    void write(Exchange exchange, String path) throws IOException {
        Path file = root.resolve(path);
        long announced = exchange.contentLength();
        if (path.isEmpty() || path.endsWith("/") || Files.isDirectory(file) || BlobFiles.isUnfinished(file)) {
            refuse(exchange, 409);
            return;
        }
        if (!exchange.header(HttpHeaderNames.CONTENT_RANGE).isEmpty()) {
            refuse(exchange, 400); // a part of a content is not its content (RFC 9110 section 14.5)
            return;
        }
        if (maxUploadBytes > 0 && announced > maxUploadBytes) {
            refuse(exchange, 413);
            return;
        }
        boolean replaces = Files.exists(file);
        try {
            BlobFiles.write(file, new Limited(exchange.body(), maxUploadBytes), announced);
        } catch (TooLargeException e) {
            refuse(exchange, 413);
            return;
        } catch (BlobstoreException e) {
            refuse(exchange, 400);
            return;
        } catch (FileAlreadyExistsException e) {
            refuse(exchange, 409); // a file where a directory is needed
            return;
        }
        exchange.respond(replaces ? 204 : 201, Map.of(), "");
    }

    private static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** A body of unknown length must not fill the disk either. */
    private static final class Limited extends FilterInputStream {
        private final long limit;
        private long read;

        Limited(InputStream body, long limit) {
            super(body);
            this.limit = limit;
        }

        @Override
        public int read() throws IOException {
            int one = super.read();
            count(one < 0 ? 0 : 1);
            return one;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            count(Math.max(0, count));
            return count;
        }

        private void count(int more) throws IOException {
            read += more;
            if (limit > 0 && read > limit) {
                throw new TooLargeException();
            }
        }
    }

    /** {@code DELETE}; a directory with all it holds, if it is named with a slash at its end. */
    void delete(Exchange exchange, String path) throws IOException {
        Path target = root.resolve(path);
        if (path.isEmpty() || !path.contains("/")) {
            refuse(exchange, path.isEmpty() || Files.exists(target) ? 403 : 404);
            return;
        }
        if (!Files.exists(target)) {
            refuse(exchange, 404);
            return;
        }
        boolean directory = Files.isDirectory(target);
        if (directory != path.endsWith("/")) {
            refuse(exchange, 409);
            return;
        }
        if (directory) {
            BlobFiles.deleteTree(target);
        } else {
            Files.deleteIfExists(target);
        }
        // Empty shard directories are of no use to anyone; the store's own directory stays.
        Path store = root.resolve(path.substring(0, path.indexOf('/')));
        BlobFiles.deleteEmptyParents(target, store);
        exchange.respond(204, Map.of(), "");
    }

    /**
     * {@code COPY} of one file.
     *
     * @param destination relative to the root; none when the header is missing or leads elsewhere
     */
    void copy(Exchange exchange, String path, Optional<String> destination) throws IOException {
        Path source = root.resolve(path);
        if (destination.isEmpty()
                || destination.get().isEmpty()
                || destination.get().endsWith("/")) {
            refuse(exchange, 400);
            return;
        }
        Path target = root.resolve(destination.get());
        if (Files.isDirectory(source) || Files.isDirectory(target)) {
            refuse(exchange, 409);
            return;
        }
        boolean replaces = Files.exists(target);
        if (replaces && exchange.header("overwrite").equalsIgnoreCase("F")) {
            refuse(exchange, 412);
            return;
        }
        try {
            BlobFiles.copy(source, target);
        } catch (NoSuchFileException e) {
            refuse(exchange, 404);
            return;
        } catch (FileAlreadyExistsException e) {
            refuse(exchange, 409);
            return;
        }
        exchange.respond(replaces ? 204 : 201, Map.of(), "");
    }

    /** {@code PROPFIND}, one level deep. */
    void list(Exchange exchange, String path, String prefix) throws IOException {
        Path directory = root.resolve(path);
        if (!Files.exists(directory) || BlobFiles.isUnfinished(directory)) {
            refuse(exchange, 404);
            return;
        }
        var document =
                new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\">\n");
        describe(document, directory, prefix + path);
        if (Files.isDirectory(directory) && !exchange.header("depth").equals("0")) {
            String folder = prefix + (path.isEmpty() || path.endsWith("/") ? path : path + "/");
            for (Path child : children(directory)) {
                describe(document, child, folder + child.getFileName());
            }
        }
        document.append("</D:multistatus>\n");
        exchange.respond(207, Map.of("content-type", "text/xml; charset=\"utf-8\""), document.toString());
    }

    private static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> children = Files.list(directory)) {
            return children.filter(child -> !BlobFiles.isUnfinished(child))
                    .sorted()
                    .toList();
        }
    }

    private static void describe(StringBuilder document, Path file, String path) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            return; // deleted while we looked
        }
        boolean directory = attributes.isDirectory();
        Path name = file.getFileName();
        document.append("<D:response>\n<D:href>")
                .append(href(directory && !path.endsWith("/") ? path + "/" : path))
                .append("</D:href>\n<D:propstat>\n<D:prop>\n<D:displayname>")
                .append(escape(name == null ? "" : name.toString()))
                .append("</D:displayname>\n")
                .append(directory ? "" : "<D:getcontentlength>" + attributes.size() + "</D:getcontentlength>\n")
                .append("<D:getlastmodified>")
                .append(HTTP_DATE.format(attributes.lastModifiedTime().toInstant()))
                .append("</D:getlastmodified>\n<D:resourcetype>")
                .append(directory ? "<D:collection/>" : "")
                .append(
                        "</D:resourcetype>\n</D:prop>\n<D:status>HTTP/1.1 200 OK</D:status>\n</D:propstat>\n</D:response>\n");
    }

    private static String href(String path) {
        return escape(URLEncoder.encode(path, StandardCharsets.UTF_8)
                .replace("%2F", "/")
                .replace("+", "%20"));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** The path a {@code Destination} header means, below the given prefix. */
    static Optional<String> destination(String header, String prefix) {
        try {
            String path = header.contains("://") ? URI.create(header).getRawPath() : header;
            return Target.parse(path == null ? "" : path)
                    .map(Target::path)
                    .filter(each -> each.startsWith(prefix))
                    .map(each -> each.substring(prefix.length()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static void refuse(Exchange exchange, int status) throws IOException {
        exchange.respond(status, Map.of("content-type", "text/plain"), status + " " + reason(status) + "\n");
    }

    private static String reason(int status) {
        return io.netty.handler.codec.http.HttpResponseStatus.valueOf(status)
                .reasonPhrase()
                .toLowerCase(Locale.ROOT);
    }
}
