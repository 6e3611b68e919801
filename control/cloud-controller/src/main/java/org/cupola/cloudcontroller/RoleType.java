package org.cupola.cloudcontroller;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a user may be in an organization or a space. */
enum RoleType {
    ORGANIZATION_USER,
    ORGANIZATION_AUDITOR,
    ORGANIZATION_MANAGER,
    ORGANIZATION_BILLING_MANAGER,
    SPACE_AUDITOR,
    SPACE_DEVELOPER,
    SPACE_MANAGER,
    SPACE_SUPPORTER;

    boolean ofSpace() {
        return name().startsWith("SPACE_");
    }

    /** As the API writes it: {@code space_developer}. */
    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<RoleType> of(String wire) {
        return Arrays.stream(values()).filter(type -> type.wire().equals(wire)).findFirst();
    }
}
