package org.cupola.bbs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What is wrong with a request, in the original's words and order. Confined to one thread. */
final class Problems {
    private static final Pattern GUID = Pattern.compile("^[a-zA-Z0-9_-]+$");

    private final List<String> messages = new ArrayList<>();

    void add(String message) {
        messages.add(message);
    }

    void field(String name) {
        add("Invalid field: " + name);
    }

    void fieldIf(boolean wrong, String name) {
        if (wrong) {
            field(name);
        }
    }

    void required(String value, String name) {
        fieldIf(value.isEmpty(), name);
    }

    void notNegative(int value, String name) {
        fieldIf(value < 0, name);
    }

    void guid(String value, String name) {
        fieldIf(!GUID.matcher(value).matches(), name);
    }

    /** Takes over another's problems below a heading of their own; nothing when it has none. */
    void nested(String name, Problems inner) {
        if (!inner.isEmpty()) {
            field(name);
            messages.addAll(inner.messages);
        }
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    /** @throws Refusal (InvalidRequest) naming all of them */
    void refuseIfAny() {
        if (!messages.isEmpty()) {
            throw Refusal.invalid(String.join(", ", messages));
        }
    }
}
