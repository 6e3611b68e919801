package org.cupola.loggregator.access;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.json.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Asks the Cloud Controller, with the reader's own token, whether they see a source: its log access for apps, its API for service
 * instances. A yes is remembered for a minute, by token and source. No answer is a no. Blocking; any thread.
 */
public final class CloudController {
    private static final Logger log = LoggerFactory.getLogger(CloudController.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_PAGES = 100;
    private static final Pattern GUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private final BlockingWebClient internal;
    private final BlockingWebClient api;
    private final Grants grants;

    /**
     * @param internal the mutual-TLS port, and clients it knows
     * @param api      the API, and clients that trust it
     */
    public CloudController(
            URI internal, HttpClients internalClients, URI api, HttpClients apiClients, InstantSource clock) {
        this.internal = internalClients.client(internal, TIMEOUT).build().blocking();
        this.api = apiClients.client(api, TIMEOUT).build().blocking();
        this.grants = new Grants(clock);
    }

    public static boolean isGuid(String text) {
        return GUID.matcher(text).matches();
    }

    boolean shows(String sourceId, String token) {
        if (!isGuid(sourceId)) {
            return false; // components have names; they are for administrators
        }
        if (grants.has(token, sourceId)) {
            return true;
        }
        boolean shown = isOk(internal, "/internal/v4/log_access/" + sourceId, token)
                || isOk(api, "/v3/service_instances/" + sourceId, token);
        if (shown) {
            grants.add(token, sourceId);
        }
        return shown;
    }

    /** GUIDs of all apps and service instances. */
    Set<String> everythingShown(String token) {
        Set<String> guids = new HashSet<>();
        collect("/v3/apps?per_page=5000", token, guids);
        collect("/v3/service_instances?per_page=5000", token, guids);
        return guids;
    }

    private void collect(String path, String token, Set<String> guids) {
        String next = path;
        for (int page = 0; page < MAX_PAGES && !next.isEmpty(); page++) {
            AggregatedHttpResponse response = get(api, next, token);
            if (!response.status().equals(HttpStatus.OK)) {
                return;
            }
            JsonNode document = Json.tree(response.content().array());
            document.path("resources")
                    .forEach(resource -> guids.add(resource.path("guid").asString("")));
            String href = document.path("pagination").path("next").path("href").asString("");
            next = href.isEmpty() ? "" : relative(URI.create(href));
        }
    }

    private static String relative(URI link) {
        return link.getRawPath() + (link.getRawQuery() == null ? "" : "?" + link.getRawQuery());
    }

    private static boolean isOk(BlockingWebClient client, String path, String token) {
        return get(client, path, token).status().equals(HttpStatus.OK);
    }

    private static AggregatedHttpResponse get(BlockingWebClient client, String path, String token) {
        try {
            return client.execute(HttpRequest.of(
                    RequestHeaders.of(HttpMethod.GET, path, HttpHeaderNames.AUTHORIZATION, "bearer " + token)));
        } catch (Exception e) { // the client throws its causes undeclared
            log.atWarn()
                    .addKeyValue("path", path)
                    .addKeyValue("error", e.toString())
                    .log("cloud-controller-unreachable");
            return AggregatedHttpResponse.of(HttpStatus.SERVICE_UNAVAILABLE);
        }
    }
}
