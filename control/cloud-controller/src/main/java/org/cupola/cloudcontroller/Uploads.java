package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.multipart.BodyPart;
import com.linecorp.armeria.common.multipart.Multipart;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * Requests that carry files: multipart forms whose parts stream to disk as fast as the disk takes them, never into memory.
 * What was sent is deleted when the handler returns.
 */
final class Uploads {
    private static final Executor VIRTUAL_THREADS = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("upload-", 0).factory());
    private static final int MAX_FIELD_BYTES = 15 << 20;

    private final Gate gate;
    private final Path temporary;
    private final long maxBytes;

    /** What was sent: files by field name, and the other fields' text. */
    record Form(Map<String, FilePart> files, Map<String, String> fields) {}

    /** A file and the name its sender gave it. */
    record FilePart(String filename, Path path) {}

    /** What is done with an upload; it takes over none of the files. */
    @FunctionalInterface
    interface Handler {
        Reply handle(Call call, Form form) throws Exception;
    }

    /** Refuses an upload before its body is read. */
    @FunctionalInterface
    interface Precondition {
        void check(Call call);
    }

    Uploads(Gate gate, Path temporary, long maxBytes) {
        this.gate = gate;
        this.temporary = temporary;
        this.maxBytes = maxBytes;
    }

    void addTo(ServerBuilder server, String path, Precondition precondition, Handler handler) {
        server.route()
                .path(path)
                .methods(HttpMethod.POST)
                .maxRequestLength(maxBytes)
                .requestTimeout(Duration.ZERO)
                .build((HttpService) (ctx, request) -> serve(ctx, request, precondition, handler));
    }

    private HttpResponse serve(
            ServiceRequestContext ctx, HttpRequest request, Precondition precondition, Handler handler) {
        String requestId = Gate.requestId(request.headers());
        CompletableFuture<HttpResponse> response = CompletableFuture.supplyAsync(
                        () -> {
                            Call call = call(ctx, request);
                            precondition.check(call);
                            return call;
                        },
                        ctx.makeContextAware(VIRTUAL_THREADS))
                .thenCompose(call -> receive(ctx, request, call, handler))
                .thenApply(reply -> reply.http(requestId))
                .exceptionally(e -> {
                    request.abort();
                    return Gate.failure(e, requestId);
                });
        return HttpResponse.of(response);
    }

    private Call call(ServiceRequestContext ctx, HttpRequest request) {
        QueryParams query = ctx.query() == null ? QueryParams.of() : QueryParams.fromQueryString(ctx.query());
        return new Call(
                request.headers(),
                ctx.path(),
                new TreeMap<>(ctx.pathParams()),
                query,
                HttpData.empty(),
                gate.admit(request.headers()));
    }

    private CompletableFuture<Reply> receive(
            ServiceRequestContext ctx, HttpRequest request, Call call, Handler handler) {
        MediaType type = request.contentType();
        if (type == null || !type.belongsTo(MediaType.ANY_MULTIPART_TYPE)) {
            throw ApiException.unprocessable("Upload must be multipart/form-data");
        }
        WorkDirectory directory = new WorkDirectory(temporary);
        Map<String, FilePart> files = new HashMap<>();
        Map<String, String> fields = new HashMap<>();
        return Multipart.from(request)
                .collect(part -> store(ctx, part, directory.path(), files, fields))
                .thenApplyAsync(
                        (List<Object> _) -> {
                            try {
                                return handler.handle(call, new Form(files, fields));
                            } catch (RuntimeException e) {
                                throw e;
                            } catch (Exception e) {
                                throw new IllegalStateException("upload not processed", e);
                            }
                        },
                        ctx.makeContextAware(VIRTUAL_THREADS))
                .whenCompleteAsync((_, _) -> directory.close(), VIRTUAL_THREADS);
    }

    /** Parts come one after the other, so that the maps need no lock. */
    private static CompletableFuture<Object> store(
            ServiceRequestContext ctx,
            BodyPart part,
            Path directory,
            Map<String, FilePart> files,
            Map<String, String> fields) {
        String name = part.name() == null ? "" : part.name();
        String filename = part.filename();
        if (filename != null) {
            Path path = directory.resolve("part-" + files.size());
            return part.writeTo(path, ctx.eventLoop(), ctx.blockingTaskExecutor())
                    .thenApply(_ -> {
                        files.put(name, new FilePart(filename, path));
                        return name;
                    });
        }
        return part.aggregate().thenApply(whole -> {
            if (whole.content().length() > MAX_FIELD_BYTES) {
                throw ApiException.unprocessable("Field '" + name + "' is too long");
            }
            fields.put(name, whole.content().toString(StandardCharsets.UTF_8));
            return name;
        });
    }
}
