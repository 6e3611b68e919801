package org.cupola.cloudcontroller;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.json.Json;
import org.cupola.protocol.uaa.TokenSource;
import org.cupola.protocol.uaa.UaaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Asks {@code /ids/Users} of the UAA with a client of the Cloud Controller's own. */
final class UaaUserDirectory implements UserDirectory {
    private static final Logger log = LoggerFactory.getLogger(UaaUserDirectory.class);
    private static final int BATCH = 200;

    private final BlockingWebClient client;
    private final TokenSource tokens;

    UaaUserDirectory(URI uaa, HttpClients clients, TokenSource tokens) {
        this.client = clients.client(uaa, Duration.ofSeconds(10)).build().blocking();
        this.tokens = tokens;
    }

    @Override
    public Map<String, Entry> names(Collection<String> guids) {
        Map<String, Entry> found = new HashMap<>();
        List<String> all = List.copyOf(guids);
        try {
            for (int from = 0; from < all.size(); from += BATCH) {
                String filter = all.subList(from, Math.min(all.size(), from + BATCH)).stream()
                        .map(guid -> "id eq " + quoted(guid))
                        .collect(Collectors.joining(" or "));
                query(filter).forEach(entry -> found.put(entry.guid(), entry));
            }
        } catch (UaaException e) {
            log.atWarn().addKeyValue("error", e.getMessage()).log("usernames-unavailable");
        }
        return found;
    }

    @Override
    public List<Entry> find(String username, Optional<String> origin) {
        try {
            return query(origin.map(name -> "origin eq " + quoted(name) + " and ")
                            .orElse("") + "username eq " + quoted(username));
        } catch (UaaException e) {
            ApiException unavailable = ApiException.uaaUnavailable();
            unavailable.initCause(e);
            throw unavailable;
        }
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private List<Entry> query(String filter) throws UaaException {
        String path = "/ids/Users?"
                + QueryParams.of("filter", filter, "count", Integer.toString(BATCH), "includeInactive", "true")
                        .toQueryString();
        AggregatedHttpResponse response;
        try {
            response = client.execute(HttpRequest.of(RequestHeaders.of(
                    HttpMethod.GET, path, HttpHeaderNames.AUTHORIZATION, "bearer " + tokens.token())));
        } catch (UaaException e) {
            throw e;
        } catch (Exception e) { // the client throws its causes undeclared
            throw new UaaException(UaaException.Kind.UNREACHABLE, "/ids/Users: no answer: " + e, e);
        }
        if (!response.status().equals(HttpStatus.OK)) {
            throw new UaaException(UaaException.Kind.UNUSABLE_ANSWER, "/ids/Users: status " + response.status());
        }
        try {
            List<Entry> entries = new ArrayList<>();
            for (JsonNode user : Json.tree(response.content().array()).path("resources")) {
                entries.add(new Entry(
                        user.path("id").asString(),
                        user.path(user.has("username") ? "username" : "userName")
                                .asString(),
                        user.path("origin").asString()));
            }
            return entries;
        } catch (JacksonException e) {
            throw new UaaException(UaaException.Kind.UNUSABLE_ANSWER, "/ids/Users: not JSON", e);
        }
    }
}
