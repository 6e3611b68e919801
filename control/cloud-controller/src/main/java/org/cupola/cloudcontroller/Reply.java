package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.cupola.platform.json.Json;
import tools.jackson.databind.JsonNode;

/**
 * The answer to a request. Immutable.
 *
 * @param body        empty for none
 * @param location    empty for none
 * @param warnings    shown by the client, one header each
 */
record Reply(HttpStatus status, MediaType contentType, HttpData body, String location, List<String> warnings) {
    private static final HttpData NOTHING = HttpData.empty();

    static Reply ok(JsonNode document) {
        return json(HttpStatus.OK, document);
    }

    static Reply created(JsonNode document) {
        return json(HttpStatus.CREATED, document);
    }

    static Reply accepted(JsonNode document) {
        return json(HttpStatus.ACCEPTED, document);
    }

    static Reply json(HttpStatus status, JsonNode document) {
        return new Reply(status, MediaType.JSON_UTF_8, HttpData.wrap(Json.bytes(document)), "", List.of());
    }

    static Reply text(MediaType contentType, String text) {
        return new Reply(HttpStatus.OK, contentType, HttpData.ofUtf8(text), "", List.of());
    }

    static Reply empty(HttpStatus status) {
        return new Reply(status, MediaType.JSON_UTF_8, NOTHING, "", List.of());
    }

    static Reply noContent() {
        return empty(HttpStatus.NO_CONTENT);
    }

    /** 202 with the place where the job can be watched. */
    static Reply job(String location) {
        return new Reply(HttpStatus.ACCEPTED, MediaType.JSON_UTF_8, NOTHING, location, List.of());
    }

    static Reply redirect(String location) {
        return new Reply(HttpStatus.FOUND, MediaType.JSON_UTF_8, NOTHING, location, List.of());
    }

    Reply withWarnings(List<String> more) {
        return new Reply(status, contentType, body, location, List.copyOf(more));
    }

    HttpResponse http(String requestId) {
        ResponseHeadersBuilder headers = ResponseHeaders.builder(status).set("x-vcap-request-id", requestId);
        if (!location.isEmpty()) {
            headers.set("location", location);
        }
        warnings.forEach(warning -> headers.add("x-cf-warnings", URLEncoder.encode(warning, StandardCharsets.UTF_8)));
        if (status.equals(HttpStatus.NO_CONTENT)) {
            return HttpResponse.of(headers.build());
        }
        headers.contentType(contentType);
        return HttpResponse.of(headers.build(), body);
    }
}
