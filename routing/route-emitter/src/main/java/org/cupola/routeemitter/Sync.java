package org.cupola.routeemitter;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A whole picture of the BBS, as one sync fetched it. Immutable.
 *
 * @param asked        the processes whose desired LRPs were asked for; null means all
 * @param freshDomains those whose desired LRPs are complete, so that what is missing was deleted
 */
record Sync(
        List<Desired> desired,
        List<Instance> instances,
        @Nullable Set<String> asked,
        Set<String> freshDomains) {
    Sync {
        desired = List.copyOf(desired);
        instances = List.copyOf(instances);
        asked = asked == null ? null : Set.copyOf(asked);
        freshDomains = Set.copyOf(freshDomains);
    }

    boolean askedFor(String processGuid) {
        return asked == null || asked.contains(processGuid);
    }
}
