package org.cupola.cloudcontroller;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The UAA's users, by guid and by name. Blocking; any thread. */
interface UserDirectory {
    /** One user of the UAA. */
    record Entry(String guid, String username, String origin) {}

    /** Those of the users that could be found; an unreachable UAA gives none. */
    Map<String, Entry> names(Collection<String> guids);

    /** @throws ApiException when the UAA cannot be asked */
    List<Entry> find(String username, Optional<String> origin);

    /** Knows nobody: for installations without a lookup client. */
    UserDirectory NONE = new UserDirectory() {
        @Override
        public Map<String, Entry> names(Collection<String> guids) {
            return Map.of();
        }

        @Override
        public List<Entry> find(String username, Optional<String> origin) {
            return List.of();
        }
    };
}
