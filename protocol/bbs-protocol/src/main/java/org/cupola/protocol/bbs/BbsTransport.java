package org.cupola.protocol.bbs;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.client.ResponseTimeoutException;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.cupola.protocol.bbs.proto.Error;

/**
 * One call: protobuf in, protobuf out, the error envelope opened, transport failures retried as the official client
 * does (3 attempts, 500 ms apart). Blocking, any thread.
 */
final class BbsTransport {
    static final MediaType PROTOBUF = MediaType.create("application", "x-protobuf");
    private static final int ATTEMPTS = 3;
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final BlockingWebClient client;
    private final String traceId;

    BbsTransport(BlockingWebClient client, String traceId) {
        this.client = client;
        this.traceId = traceId;
    }

    BbsTransport withTraceId(String other) {
        return new BbsTransport(client, other);
    }

    /** The answer without an error, or the error as an exception. */
    <R extends Message> R call(BbsRoute route, Message request, Parser<R> parser) throws BbsException {
        R response = exchange(route, request, parser);
        Optional<BbsException> error = errorOf(response);
        if (error.isPresent()) {
            throw error.get();
        }
        return response;
    }

    static Optional<BbsException> errorOf(Message response) {
        FieldDescriptor error = response.getDescriptorForType().findFieldByName("error");
        return error != null && response.hasField(error)
                ? Optional.of(BbsException.of((Error) response.getField(error)))
                : Optional.empty();
    }

    /** The answer, whatever its error field says. */
    <R extends Message> R exchange(BbsRoute route, Message request, Parser<R> parser) throws BbsException {
        byte[] body = request.toByteArray();
        for (int attempt = 1; ; attempt++) {
            try {
                return parse(execute(route, body), parser);
            } catch (BbsException e) {
                if (attempt == ATTEMPTS || e.isNoSuchRoute()) {
                    throw e;
                }
                pause(e);
            }
        }
    }

    /** Calls the newest revision, or the one before it on a server that only has that. */
    <R extends Message> R exchangeWithFallback(
            BbsRoute newest, Message request, BbsRoute older, Supplier<Message> olderRequest, Parser<R> parser)
            throws BbsException {
        try {
            return exchange(newest, request, parser);
        } catch (BbsException e) {
            if (e.isNoSuchRoute()) {
                return exchange(older, olderRequest.get(), parser);
            }
            throw e;
        }
    }

    private AggregatedHttpResponse execute(BbsRoute route, byte[] body) throws BbsException {
        HttpRequest request = HttpRequest.builder()
                .post(route.path())
                .content(PROTOBUF, body)
                .header("x-vcap-request-id", traceId)
                .build();
        try {
            return client.execute(request);
        } catch (ResponseTimeoutException e) {
            throw BbsException.noAnswer(Error.Type.Timeout, route.path() + ": no answer in time", e);
        } catch (RuntimeException e) {
            throw BbsException.noAnswer(Error.Type.UnknownError, route.path() + ": " + e.getMessage(), e);
        }
    }

    private static <R extends Message> R parse(AggregatedHttpResponse response, Parser<R> parser) throws BbsException {
        String routerError = response.headers().get("x-cf-routererror");
        if (routerError != null) {
            throw BbsException.noAnswer(Error.Type.RouterError, routerError, null);
        }
        MediaType type = response.contentType();
        if (type != null && type.is(PROTOBUF)) {
            try {
                return parser.parseFrom(response.content().array());
            } catch (InvalidProtocolBufferException e) {
                throw BbsException.noAnswer(Error.Type.InvalidProtobufMessage, e.getMessage() + "", e);
            }
        }
        int status = response.status().code();
        if (status > 299) {
            throw BbsException.status(status);
        }
        try {
            return parser.parseFrom(new byte[0]);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an empty message is a valid message", e);
        }
    }

    private static void pause(BbsException failure) throws BbsException {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure;
        }
    }
}
