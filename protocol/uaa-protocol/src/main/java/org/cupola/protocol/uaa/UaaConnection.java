package org.cupola.protocol.uaa;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.QueryParamsBuilder;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestHeadersBuilder;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.platform.config.Secret;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.json.Json;
import org.cupola.protocol.uaa.UaaException.Kind;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The requests that components make of a UAA, each sent once: keys, issuer, tokens. Blocking; any thread. Redirects are not
 * followed.
 */
public final class UaaConnection {
    private final URI base;
    private final BlockingWebClient client;

    /** @param timeout for each request as a whole */
    public UaaConnection(URI base, HttpClients clients, Duration timeout) {
        this.base = base;
        this.client = clients.client(plainHttp1(base), timeout).build().blocking();
    }

    /** Plain HTTP means HTTP/1.1 to the originals: they do not understand an HTTP/2 preface. */
    private static URI plainHttp1(URI base) {
        return "http".equals(base.getScheme())
                ? URI.create("h1c" + base.toString().substring(4))
                : base;
    }

    public URI base() {
        return base;
    }

    /** What {@code iss} of its tokens is, from the discovery document. */
    public String issuer() throws UaaException {
        JsonNode document = json("/.well-known/openid-configuration", get("/.well-known/openid-configuration"));
        String issuer = document.path("issuer").asString("");
        if (issuer.isEmpty()) {
            throw new UaaException(Kind.UNUSABLE_ANSWER, base + ": the discovery document names no issuer");
        }
        return issuer;
    }

    /**
     * The public keys that verify its tokens, by key id. The list leaves out elliptic keys for anonymous callers, the
     * active key is always shown at its own place, so both are asked.
     */
    public Map<String, PublicKey> tokenKeys() throws UaaException {
        Map<String, PublicKey> keys = new LinkedHashMap<>();
        UaaException failure = null;
        try {
            for (JsonNode key : json("/token_keys", get("/token_keys")).path("keys")) {
                TokenKeys.addTo(keys, key);
            }
        } catch (UaaException e) {
            failure = e; // very old servers have no list
        }
        try {
            TokenKeys.addTo(keys, json("/token_key", get("/token_key")));
        } catch (UaaException e) {
            failure = e; // what every server has, so its complaint is the one that tells
        }
        if (keys.isEmpty()) {
            throw failure != null
                    ? failure
                    : new UaaException(Kind.UNUSABLE_ANSWER, base + ": no public key to verify tokens with");
        }
        return Map.copyOf(keys);
    }

    /** @param scopes to ask for; empty means all that can be had */
    public TokenResponse token(String clientId, Secret clientSecret, TokenGrant grant, List<String> scopes)
            throws UaaException {
        QueryParamsBuilder form = QueryParams.builder();
        grant.form().forEach(form::add);
        if (!scopes.isEmpty()) {
            form.add("scope", String.join(" ", scopes));
        }
        RequestHeadersBuilder headers = RequestHeaders.builder(HttpMethod.POST, "/oauth/token")
                .contentType(MediaType.FORM_DATA)
                .set(HttpHeaderNames.ACCEPT, "application/json")
                .set(HttpHeaderNames.AUTHORIZATION, basic(clientId, clientSecret))
                // The credentials are percent-encoded, as RFC 6749 2.3.1 asks; servers in compatibility mode want to be
                // told.
                .set("X-CF-ENCODED-CREDENTIALS", "true");
        JsonNode answer = json(
                "/oauth/token",
                exchange(HttpRequest.of(
                        headers.build(), HttpData.ofUtf8(form.build().toQueryString()))));
        String accessToken = answer.path("access_token").asString("");
        if (accessToken.isEmpty()) {
            throw new UaaException(Kind.UNUSABLE_ANSWER, base + "/oauth/token: answer without access_token");
        }
        JsonNode refresh = answer.path("refresh_token");
        return new TokenResponse(
                new Secret(accessToken),
                answer.path("token_type").asString("bearer"),
                Duration.ofSeconds(answer.path("expires_in").asLong(0)),
                Arrays.stream(answer.path("scope").asString("").split(" "))
                        .filter(scope -> !scope.isEmpty())
                        .toList(),
                refresh.isString() ? new Secret(refresh.asString()) : null);
    }

    private static String basic(String clientId, Secret clientSecret) {
        String pair = encode(clientId) + ":" + encode(clientSecret.value());
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private AggregatedHttpResponse get(String path) throws UaaException {
        return exchange(
                HttpRequest.of(RequestHeaders.of(HttpMethod.GET, path, HttpHeaderNames.ACCEPT, "application/json")));
    }

    private AggregatedHttpResponse exchange(HttpRequest request) throws UaaException {
        try {
            return client.execute(request);
        } catch (Exception e) { // the client also throws checked exceptions that it does not declare
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new UaaException(Kind.UNREACHABLE, base + request.path() + ": no answer: " + cause, e);
        }
    }

    private JsonNode json(String path, AggregatedHttpResponse response) throws UaaException {
        int status = response.status().code();
        if (status == 400 || status == 401 || status == 403) {
            throw new UaaException(Kind.REFUSED, base + path + ": " + status + " " + description(response));
        }
        if (status != 200) {
            throw new UaaException(Kind.UNUSABLE_ANSWER, base + path + ": status " + status + " (expected: 200)");
        }
        try {
            return Json.tree(response.content().array());
        } catch (JacksonException e) {
            throw new UaaException(Kind.UNUSABLE_ANSWER, base + path + ": not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static String description(AggregatedHttpResponse response) {
        try {
            JsonNode error = Json.tree(response.content().array());
            return error.path("error").asString("") + ": "
                    + error.path("error_description").asString("");
        } catch (JacksonException e) {
            return "without a description";
        }
    }
}
