package org.cupola.uaa;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.Cookie;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.cupola.platform.json.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** One request, as the endpoints look at it. Confined to the thread that answers it. */
final class Call {
    private final ServiceRequestContext ctx;
    private final AggregatedHttpRequest request;
    private final QueryParams query;
    private final QueryParams form;

    Call(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        this.ctx = ctx;
        this.request = request;
        this.query = ctx.queryParams();
        MediaType type = request.contentType();
        this.form = type != null && type.is(MediaType.FORM_DATA)
                ? QueryParams.fromQueryString(request.contentUtf8())
                : QueryParams.of();
    }

    String method() {
        return request.method().name();
    }

    String path(String variable) {
        return Optional.ofNullable(ctx.pathParam(variable)).orElse("");
    }

    String path() {
        return ctx.path();
    }

    String rawQuery() {
        return Optional.ofNullable(ctx.query()).orElse("");
    }

    boolean inQuery(String name) {
        return query.contains(name);
    }

    /** From the form, else from the query. */
    Optional<String> param(String name) {
        return Optional.ofNullable(form.get(name)).or(() -> Optional.ofNullable(query.get(name)));
    }

    /** Not empty; else as if it were not there. */
    Optional<String> filled(String name) {
        return param(name).filter(text -> !text.isEmpty());
    }

    /** @throws UaaError 400 when it is missing */
    String required(String name) {
        return param(name).orElseThrow(() -> UaaError.invalidRequest("Missing parameter: " + name));
    }

    /** Values of all form parameters whose names begin so. */
    List<String> withPrefix(String prefix) {
        return form.stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .map(java.util.Map.Entry::getValue)
                .toList();
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(request.headers().get(name));
    }

    String host() {
        return Optional.ofNullable(request.headers().authority()).orElse("");
    }

    boolean secure() {
        return header("x-forwarded-proto")
                .map(proto -> proto.split(",")[0].strip().equalsIgnoreCase("https"))
                .orElse(ctx.sessionProtocol().isTls());
    }

    /** True unless the caller is a browser. */
    boolean wantsJson() {
        String accept = header("accept").orElse("");
        return accept.contains("json") && !accept.contains("text/html");
    }

    Optional<String> cookie(String name) {
        return request.headers().cookies().stream()
                .filter(cookie -> cookie.name().equals(name))
                .map(Cookie::value)
                .findFirst();
    }

    /** The token of an {@code Authorization: Bearer} header. */
    Optional<String> bearer() {
        return authorization("bearer ");
    }

    Optional<Credentials> basic() {
        return authorization("basic ").map(Call::decode);
    }

    private Optional<String> authorization(String scheme) {
        return Optional.ofNullable(request.headers().get(HttpHeaderNames.AUTHORIZATION))
                .filter(value -> value.regionMatches(true, 0, scheme, 0, scheme.length()))
                .map(value -> value.substring(scheme.length()).strip());
    }

    private static Credentials decode(String base64) {
        try {
            String text = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            if (colon >= 0) {
                return new Credentials(text.substring(0, colon), text.substring(colon + 1));
            }
        } catch (IllegalArgumentException e) {
            // as good as no colon
        }
        throw UaaError.badClient("Failed to decode basic authentication token");
    }

    /** Of an {@code Authorization: Basic} header, as they came. */
    record Credentials(String name, String secret) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** @throws UaaError 400 when the body is not JSON */
    JsonNode json() {
        try {
            return Json.tree(request.content().array());
        } catch (JacksonException e) {
            throw UaaError.scim(400, "http_message_not_readable", "Could not read JSON: " + e.getOriginalMessage());
        }
    }

    /** @throws UaaError 400 when the body is not a JSON object */
    JsonNode jsonObject() {
        JsonNode body = json();
        if (!body.isObject()) {
            throw UaaError.scim(400, "http_message_not_readable", "Could not read JSON: not an object");
        }
        return body;
    }

    static List<String> texts(JsonNode array) {
        if (array.isString()) {
            return SeedReader.commas(array.asString());
        }
        return array.isArray() ? SeedReader.list(array) : List.of();
    }

    /** Words of a parameter that may be separated by blanks or commas. */
    List<String> words(String name) {
        return param(name)
                .map(text -> Arrays.stream(text.split("[\\s,]+"))
                        .filter(word -> !word.isEmpty())
                        .toList())
                .orElse(List.of());
    }
}
