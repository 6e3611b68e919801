package org.cupola.uaa;

import com.linecorp.armeria.common.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** {@code /ids/Users}: ids of known names and names of known ids, for components that may not read users. Any thread. */
final class UserIdsEndpoint {
    private static final Set<String> ATTRIBUTES = Set.of("id", "username", "origin");
    private final UaaConfig config;
    private final Stores stores;
    private final Guard guard;

    UserIdsEndpoint(UaaConfig config, Stores stores, Guard guard) {
        this.config = config;
        this.stores = stores;
        this.guard = guard;
    }

    HttpResponse list(Call call) {
        guard.require(call, "scim.userids");
        if (!config.userIdsEnabled()) {
            throw UaaError.scim(404, "scim", "Illegal Operation: Endpoint not enabled.");
        }
        check(call.filled("filter").orElse(""));
        ListRequest request = ListRequest.of(call);
        boolean all =
                call.param("includeInactive").filter("true"::equalsIgnoreCase).isPresent();
        ListRequest.Page<User> page = stores.users().list(request, !all);
        return Answers.json(200, request.envelope(page, ListRequest.SCIM_SCHEMA, UserIdsEndpoint::describe));
    }

    /** Whole names only: nobody is to list users here. */
    private static void check(String text) {
        if (text.isEmpty()) {
            throw ScimFilter.invalid(text);
        }
        ScimFilter filter = ScimFilter.parse(text);
        boolean named = false;
        for (ScimFilter.Comparison comparison : filter.comparisons()) {
            if (comparison.operator() != ScimFilter.Operator.EQ) {
                throw UaaError.scim(400, "scim", "Wildcards are not allowed in filter.");
            }
            if (!ATTRIBUTES.contains(comparison.attribute())) {
                throw ScimFilter.invalid(text);
            }
            named |= !comparison.attribute().equals("origin");
        }
        if (!named) {
            throw ScimFilter.invalid(text);
        }
    }

    private static Map<String, Object> describe(User user) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("id", user.id());
        document.put("userName", user.userName());
        document.put("origin", user.origin());
        return document;
    }
}
