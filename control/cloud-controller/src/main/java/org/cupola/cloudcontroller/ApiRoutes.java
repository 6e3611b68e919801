package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpMethod;
import java.util.ArrayList;
import java.util.List;

/** Which endpoint serves which method and path; services add themselves. Confined to start-up. */
final class ApiRoutes {
    private final List<Entry> entries = new ArrayList<>();

    /** @param open whether the endpoint is for callers without a token too */
    record Entry(HttpMethod method, String path, boolean open, Endpoint endpoint) {}

    ApiRoutes get(String path, Endpoint endpoint) {
        return add(HttpMethod.GET, path, endpoint);
    }

    ApiRoutes post(String path, Endpoint endpoint) {
        return add(HttpMethod.POST, path, endpoint);
    }

    ApiRoutes patch(String path, Endpoint endpoint) {
        return add(HttpMethod.PATCH, path, endpoint);
    }

    ApiRoutes put(String path, Endpoint endpoint) {
        return add(HttpMethod.PUT, path, endpoint);
    }

    ApiRoutes delete(String path, Endpoint endpoint) {
        return add(HttpMethod.DELETE, path, endpoint);
    }

    /** For everyone, without a token. */
    ApiRoutes open(String path, Endpoint endpoint) {
        entries.add(new Entry(HttpMethod.GET, path, true, endpoint));
        return this;
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }

    private ApiRoutes add(HttpMethod method, String path, Endpoint endpoint) {
        entries.add(new Entry(method, path, false, endpoint));
        return this;
    }
}
