package org.cupola.cloudcontroller;

import java.util.Set;

/**
 * Who makes a request, as their token says. Immutable.
 *
 * @param guid  user id, or client id for client credentials
 * @param name  user name, or client id
 * @param email empty for clients
 */
record Caller(String guid, String name, String email, Set<String> scopes) {
    /** The platform itself, for changes nobody asked for by a request. */
    static final Caller SYSTEM = new Caller("system", "system", "", Set.of("cloud_controller.admin"));

    Caller {
        scopes = Set.copyOf(scopes);
    }

    boolean admin() {
        return scopes.contains("cloud_controller.admin");
    }

    /** Sees all resources, though not all of their secrets. */
    boolean readsEverything() {
        return admin() || readsAllSecrets() || scopes.contains("cloud_controller.global_auditor");
    }

    boolean readsAllSecrets() {
        return admin() || scopes.contains("cloud_controller.admin_read_only");
    }

    boolean mayRead() {
        return readsEverything() || scopes.contains("cloud_controller.read");
    }

    boolean mayWrite() {
        return admin() || scopes.contains("cloud_controller.write");
    }
}
