package org.cupola.launcher.demo;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.json.Json;
import tools.jackson.databind.JsonNode;

/**
 * The few calls to the Cloud Controller's v3 API that deploying an app takes. Blocking; any thread.
 *
 * <p>An answer that is not a success is an {@link IllegalStateException} with the request, the status and the body.
 */
public final class CloudFoundryApi implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final HttpClients clients;
    private final BlockingWebClient api;
    private final String token;

    private CloudFoundryApi(HttpClients clients, BlockingWebClient api, String token) {
        this.clients = clients;
        this.api = api;
        this.token = token;
    }

    /** Logs in with a password, as {@code cf login} does. */
    public static CloudFoundryApi login(URI api, URI uaa, String user, String password) {
        HttpClients clients = HttpClients.create(null, List.of());
        BlockingWebClient login = clients.client(uaa, TIMEOUT).build().blocking();
        String form = QueryParams.of("grant_type", "password", "username", user, "password", password)
                .toQueryString();
        var headers = RequestHeaders.builder(HttpMethod.POST, "/oauth/token")
                .contentType(MediaType.FORM_DATA)
                .add(
                        HttpHeaderNames.AUTHORIZATION,
                        "Basic " + Base64.getEncoder().encodeToString("cf:".getBytes(StandardCharsets.UTF_8)))
                .build();
        JsonNode answer = checked("POST /oauth/token", login.execute(headers, form));
        return new CloudFoundryApi(
                clients,
                clients.client(api, TIMEOUT).build().blocking(),
                answer.path("access_token").asString());
    }

    public JsonNode get(String path) {
        return call(HttpMethod.GET, path, Optional.empty());
    }

    public JsonNode post(String path, Object body) {
        return call(HttpMethod.POST, path, Optional.of(body));
    }

    public JsonNode patch(String path, Object body) {
        return call(HttpMethod.PATCH, path, Optional.of(body));
    }

    public void delete(String path) {
        call(HttpMethod.DELETE, path, Optional.empty());
    }

    /** The guid of the one resource that a list request finds; empty when it finds none. */
    public Optional<String> find(String path) {
        JsonNode resources = get(path).path("resources");
        return resources.isEmpty()
                ? Optional.empty()
                : Optional.of(resources.get(0).path("guid").asString());
    }

    /** Uploads the bits of a package as the multipart form that the API asks for. */
    public void upload(String packageGuid, byte[] zip) {
        String boundary = "cupola-" + Long.toHexString(System.nanoTime());
        byte[] head = ("--" + boundary + "\r\nContent-Disposition: form-data; name=\"bits\"; filename=\"app.zip\"\r\n"
                        + "Content-Type: application/zip\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] tail = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8);
        var headers = RequestHeaders.builder(HttpMethod.POST, "/v3/packages/" + packageGuid + "/upload")
                .add(HttpHeaderNames.CONTENT_TYPE, "multipart/form-data; boundary=" + boundary)
                .add(HttpHeaderNames.AUTHORIZATION, "Bearer " + token)
                .build();
        var request = HttpRequest.of(headers, HttpData.wrap(head), HttpData.wrap(zip), HttpData.wrap(tail));
        checked("upload of package " + packageGuid, api.execute(request));
    }

    /** A to-one relationship as request bodies spell it. */
    public static Map<String, Object> to(String guid) {
        return Map.of("data", Map.of("guid", guid));
    }

    private JsonNode call(HttpMethod method, String path, Optional<Object> body) {
        var headers = RequestHeaders.builder(method, path)
                .add(HttpHeaderNames.AUTHORIZATION, "Bearer " + token)
                .accept(MediaType.JSON);
        AggregatedHttpResponse response = body.isEmpty()
                ? api.execute(headers.build())
                : api.execute(headers.contentType(MediaType.JSON).build(), HttpData.wrap(Json.bytes(body.get())));
        return checked(method + " " + path, response);
    }

    private static JsonNode checked(String request, AggregatedHttpResponse response) {
        if (!response.status().isSuccess()) {
            throw new IllegalStateException(request + ": " + response.status() + " " + response.contentUtf8());
        }
        return response.content().isEmpty()
                ? Json.MAPPER.createObjectNode()
                : Json.tree(response.content().array());
    }

    @Override
    public void close() {
        clients.close();
    }
}
