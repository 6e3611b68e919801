package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import java.util.Map;
import java.util.Set;

/**
 * One request as an endpoint sees it: authenticated, its body read. Confined to the thread that serves it.
 *
 * @param parameters the variable parts of the path
 */
record Call(
        RequestHeaders headers,
        String path,
        Map<String, String> parameters,
        QueryParams query,
        HttpData content,
        Permissions permissions) {

    Caller caller() {
        return permissions.caller();
    }

    /** A variable part of the path. */
    String parameter(String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new IllegalStateException("no path parameter " + name + " in " + path);
        }
        return value;
    }

    String guid() {
        return parameter("guid");
    }

    Body body() {
        return Body.parse(content.array());
    }

    /** A body that may be left out altogether. */
    Body optionalBody() {
        return content.isEmpty() ? Body.parse(new byte[] {'{', '}'}) : body();
    }

    ListQuery list(String... filters) {
        return ListQuery.of(query, Set.of(filters));
    }

    /** An unpaginated request that knows these parameters only. */
    void allowParameters(String... allowed) {
        ListQuery.refuseUnknown(query, Set.of(allowed));
    }
}
