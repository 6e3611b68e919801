package org.cupola.uaa;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.Consumer;
import org.cupola.platform.json.Json;

/** Responses in the forms this server has. */
final class Answers {
    private static final DateTimeFormatter SCIM_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final MediaType HTML = MediaType.HTML_UTF_8;

    private Answers() {}

    static HttpResponse json(int status, Object body) {
        return json(status, body, headers -> {});
    }

    /** What holds secrets or may change at once is never to be cached. */
    static HttpResponse json(int status, Object body, Consumer<ResponseHeadersBuilder> more) {
        ResponseHeadersBuilder headers = builder(status).contentType(MediaType.JSON_UTF_8);
        more.accept(headers);
        return HttpResponse.of(headers.build(), HttpData.wrap(Json.bytes(body)));
    }

    static HttpResponse versioned(int status, Object body, int version) {
        return json(status, body, headers -> headers.set(HttpHeaderNames.ETAG, "\"" + version + "\""));
    }

    static HttpResponse empty(int status) {
        return HttpResponse.of(builder(status).build());
    }

    static HttpResponse html(int status, String page, Consumer<ResponseHeadersBuilder> more) {
        ResponseHeadersBuilder headers = builder(status)
                .contentType(HTML)
                .set(
                        "content-security-policy",
                        "default-src 'none'; style-src 'unsafe-inline'; form-action *; frame-ancestors 'none'")
                .set("x-frame-options", "DENY");
        more.accept(headers);
        return HttpResponse.of(headers.build(), HttpData.ofUtf8(page));
    }

    static HttpResponse redirect(String location, Consumer<ResponseHeadersBuilder> more) {
        ResponseHeadersBuilder headers = builder(302).set(HttpHeaderNames.LOCATION, location);
        more.accept(headers);
        return HttpResponse.of(headers.build());
    }

    static HttpResponse error(UaaError error) {
        return json(error.status(), error.body(), headers -> {
            if (!error.challenge().isEmpty()) {
                headers.set(HttpHeaderNames.WWW_AUTHENTICATE, error.challenge());
            }
        });
    }

    /** As {@link #error}, for the places that want the whole response at once. */
    static AggregatedHttpResponse whole(UaaError error) {
        ResponseHeadersBuilder headers = builder(error.status()).contentType(MediaType.JSON_UTF_8);
        return AggregatedHttpResponse.of(headers.build(), HttpData.wrap(Json.bytes(error.body())));
    }

    private static ResponseHeadersBuilder builder(int status) {
        return ResponseHeaders.builder(HttpStatus.valueOf(status))
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.PRAGMA, "no-cache")
                .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff");
    }

    static String time(long millis) {
        return SCIM_TIME.format(Instant.ofEpochMilli(millis));
    }
}
