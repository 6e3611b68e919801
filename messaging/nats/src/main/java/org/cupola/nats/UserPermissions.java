package org.cupola.nats;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a user may publish and subscribe to. Immutable.
 *
 * @param responses a user who may not publish in general may still answer requests; none means not
 */
public record UserPermissions(
        Rules publish, Rules subscribe, @Nullable Responses responses) {
    public static final UserPermissions ALL = new UserPermissions(Rules.ALL, Rules.ALL, null);

    /**
     * Subjects allowed and denied.
     *
     * @param allowed null means everything that is not denied
     */
    public record Rules(@Nullable List<Rule> allowed, List<Rule> denied) {
        static final Rules ALL = new Rules(null, List.of());

        boolean isEverything() {
            return allowed == null && denied.isEmpty();
        }
    }

    /** @param queue when not empty, the rule is for members of such queue groups only; may be a pattern */
    public record Rule(String subject, String queue) {}

    /** @param max answers per request, within {@code expires}; negative and zero mean without limit */
    public record Responses(int max, Duration expires) {}

    boolean isEverything() {
        return publish.isEverything() && subscribe.isEverything();
    }
}
