package org.cupola.rep.executor;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Why a step failed, in words for the application's developer. */
final class StepFailure extends Exception {
    private static final long serialVersionUID = 1L;

    static final String CANCELLED = "cancelled";
    static final String EXCEEDED_GRACE = "exceeded graceful shutdown interval";
    /** What the platform itself brought about tells a developer nothing when there is another reason. */
    private static final Set<String> SILENT = Set.of(CANCELLED, EXCEEDED_GRACE);

    StepFailure(String reason) {
        this(reason, null);
    }

    StepFailure(String reason, @Nullable Throwable cause) {
        super(reason, cause);
    }

    static StepFailure cancelled() {
        return new StepFailure(CANCELLED);
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    boolean isSilent() {
        return SILENT.contains(reason());
    }

    /** One failure out of several, in the order given; at least one. */
    static StepFailure join(List<StepFailure> failures) {
        String reason = failures.stream()
                .filter(failure -> !failure.isSilent())
                .map(StepFailure::reason)
                .collect(Collectors.joining("; "));
        return reason.isEmpty() ? failures.getFirst() : new StepFailure(reason, failures.getFirst());
    }
}
