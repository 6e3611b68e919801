package org.cupola.protocol.bbs;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpRequestBuilder;
import com.linecorp.armeria.common.MediaType;
import org.cupola.platform.json.Json;
import org.jspecify.annotations.Nullable;

/** One JSON request and its status. Blocking, immutable. */
final class JsonCalls {
    private final BlockingWebClient client;

    JsonCalls(BlockingWebClient client) {
        this.client = client;
    }

    /** @param traceId sent as the request id unless empty */
    AggregatedHttpResponse send(HttpMethod method, String path, @Nullable Object body, String traceId)
            throws CellException {
        HttpRequestBuilder request = HttpRequest.builder().method(method).path(path);
        if (body != null) {
            request.content(MediaType.JSON, Json.bytes(body));
        }
        if (!traceId.isEmpty()) {
            request.header("x-vcap-request-id", traceId);
        }
        try {
            return client.execute(request.build());
        } catch (RuntimeException e) {
            throw new CellException(method + " " + path + ": " + e, 0, e);
        }
    }

    AggregatedHttpResponse expect(int status, HttpMethod method, String path, @Nullable Object body, String traceId)
            throws CellException {
        AggregatedHttpResponse response = send(method, path, body, traceId);
        int found = response.status().code();
        if (found != status) {
            throw new CellException(
                    method + " " + path + ": status " + found + " (expected: " + status + ")", found, null);
        }
        return response;
    }
}
