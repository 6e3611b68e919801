package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.stream.StreamMessage;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.cupola.platform.http.BlockingService;
import org.cupola.protocol.blobstore.BlobAttributes;
import org.cupola.protocol.blobstore.BlobKey;
import org.cupola.protocol.blobstore.BlobstoreClient;

/** Answers with blobs: by a link where their store gives links, else with the content, streamed. */
final class Downloads {
    /**
     * What a request is for.
     *
     * @param resource as users read it, for when the content is not there
     */
    record Content(BlobstoreClient store, BlobKey key, BlobstoreClient.Audience audience, String resource) {}

    /** Finds what a request is for, or throws. */
    @FunctionalInterface
    interface Source {
        Content find(ServiceRequestContext ctx, RequestHeaders headers) throws Exception;
    }

    private Downloads() {}

    static void addTo(ServerBuilder server, String path, Source source) {
        server.route()
                .path(path)
                .methods(HttpMethod.GET, HttpMethod.HEAD)
                .requestTimeout(Duration.ZERO)
                .build(new BlockingService((ctx, request) -> {
                    String requestId = Gate.requestId(request.headers());
                    try {
                        return answer(source.find(ctx, request.headers()), requestId);
                    } catch (Exception e) {
                        return Gate.failure(e, requestId);
                    }
                }));
    }

    private static HttpResponse answer(Content content, String requestId) throws IOException {
        Optional<URI> link =
                content.store().downloadLink(content.key(), content.audience(), BlobstoreClient.LINK_VALIDITY);
        if (link.isPresent()) {
            return Reply.redirect(link.get().toString()).http(requestId);
        }
        Optional<BlobAttributes> attributes = content.store().attributes(content.key());
        Optional<InputStream> stream = attributes.isPresent() ? content.store().open(content.key()) : Optional.empty();
        if (attributes.isEmpty() || stream.isEmpty()) {
            throw ApiException.notFound(content.resource());
        }
        ResponseHeaders headers = ResponseHeaders.builder(HttpStatus.OK)
                .contentType(MediaType.OCTET_STREAM)
                .set(
                        HttpHeaderNames.CONTENT_LENGTH,
                        Long.toString(attributes.get().length()))
                .set("x-vcap-request-id", requestId)
                .build();
        StreamMessage<HttpData> body = StreamMessage.of(stream.get());
        return HttpResponse.of(headers, body);
    }
}
