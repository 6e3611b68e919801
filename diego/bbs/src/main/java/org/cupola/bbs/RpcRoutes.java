package org.cupola.bbs;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.cupola.platform.http.BlockingService;
import org.cupola.protocol.bbs.BbsRoute;
import org.cupola.protocol.bbs.proto.Error;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remote calls by protobuf over HTTP: every answer is a 200 with the response message; a failure is its {@code error} field.
 * Each request runs on a virtual thread of its own.
 */
final class RpcRoutes {
    private static final Logger log = LoggerFactory.getLogger(RpcRoutes.class);
    private static final MediaType PROTOBUF = MediaType.create("application", "x-protobuf");

    private final ServerBuilder server;
    private final BbsMetrics metrics;
    private final AccessLog accessLog;
    private final Runnable onUnrecoverable;

    /** @param onUnrecoverable called after an answer that says so */
    RpcRoutes(ServerBuilder server, BbsMetrics metrics, AccessLog accessLog, Runnable onUnrecoverable) {
        this.server = server;
        this.metrics = metrics;
        this.accessLog = accessLog;
        this.onUnrecoverable = onUnrecoverable;
    }

    /** What a call does; what it throws becomes the answer's error. */
    @FunctionalInterface
    interface Handler<Q, R> {
        R handle(Q request, String traceId) throws Exception;
    }

    /**
     * @param prototype   of the request
     * @param whenRefused the answer of a failed call, to which the error is added
     */
    <Q extends Message, R extends Message> void add(
            BbsRoute route, Q prototype, R whenRefused, BiConsumer<Q, Problems> rules, Handler<Q, R> handler) {
        bind(route, request -> {
            try {
                Q message = parse(request, prototype);
                var problems = new Problems();
                rules.accept(message, problems);
                problems.refuseIfAny();
                return handler.handle(message, traceId(request));
            } catch (Exception e) {
                return refused(whenRefused, failure(route, e));
            }
        });
    }

    /** A call without anything to ask; its body is ignored. */
    <R extends Message> void add(BbsRoute route, R whenRefused, Supplier<R> handler) {
        bind(route, request -> {
            try {
                return handler.get();
            } catch (RuntimeException e) {
                return refused(whenRefused, failure(route, e));
            }
        });
    }

    private interface Call {
        Message answer(AggregatedHttpRequest request);
    }

    private void bind(BbsRoute route, Call call) {
        server.route()
                .post(route.path())
                .build(new BlockingService((ctx, request) -> serve(route, call, ctx, request)));
    }

    private HttpResponse serve(BbsRoute route, Call call, ServiceRequestContext ctx, AggregatedHttpRequest request) {
        long start = System.nanoTime();
        accessLog.serving(ctx, request);
        byte[] answer = call.answer(request).toByteArray();
        Duration latency = Duration.ofNanos(System.nanoTime() - start);
        metrics.request(route.routeName(), latency, false);
        accessLog.done(ctx, request, latency);
        return HttpResponse.of(HttpStatus.OK, PROTOBUF, answer);
    }

    @SuppressWarnings("unchecked") // a builder makes messages of its own type
    private static <Q extends Message> Q parse(AggregatedHttpRequest request, Q prototype) {
        try {
            return (Q) prototype
                    .newBuilderForType()
                    .mergeFrom(request.content().array())
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw Refusal.badRequest();
        }
    }

    private Refusal failure(BbsRoute route, Exception e) {
        Refusal refusal = Failures.of(e);
        if (refusal.is(Error.Type.UnknownError) || refusal.is(Error.Type.Unrecoverable)) {
            log.atError().setCause(e).addKeyValue("request", route.routeName()).log("failed");
        } else {
            log.atDebug()
                    .addKeyValue("request", route.routeName())
                    .addKeyValue("error", refusal.getMessage())
                    .log("refused");
        }
        if (refusal.is(Error.Type.Unrecoverable)) {
            onUnrecoverable.run();
        }
        return refusal;
    }

    private static Message refused(Message answer, Refusal refusal) {
        FieldDescriptor error = answer.getDescriptorForType().findFieldByName("error");
        return answer.toBuilder().setField(error, refusal.toMessage()).build();
    }

    static String traceId(AggregatedHttpRequest request) {
        return request.headers().get("x-vcap-request-id", "");
    }
}
