package org.cupola.routeemitter;

import java.util.List;

/**
 * What an actual LRP says about where its instance is reached. Immutable.
 *
 * @param hostAddress      the cell's address, under which the host ports are open
 * @param containerAddress the container's own address, under which the container ports are open
 * @param sinceNanos       when it entered its state, nanoseconds since 1970
 * @param routable         false only if the BBS says so: a record without the flag counts as routable
 */
record Instance(
        String processGuid,
        int index,
        String domain,
        String instanceGuid,
        State state,
        Presence presence,
        boolean routable,
        String hostAddress,
        String containerAddress,
        PreferredAddress preferredAddress,
        List<PortMapping> ports,
        long sinceNanos,
        ModificationTag tag,
        String availabilityZone) {
    enum State {
        RUNNING,
        OTHER
    }

    enum Presence {
        ORDINARY,
        EVACUATING,
        SUSPECT
    }

    enum PreferredAddress {
        UNKNOWN,
        INSTANCE,
        HOST
    }

    /** A port of the container and what stands for it outside; 0 where there is none. */
    record PortMapping(int containerPort, int hostPort, int containerTlsPort, int hostTlsPort) {}

    /** An instance that evacuates is for a while known twice, under its old record and its new one. */
    record Key(String instanceGuid, boolean evacuating) {}

    Instance {
        ports = List.copyOf(ports);
    }

    Key key() {
        return new Key(instanceGuid, presence == Presence.EVACUATING);
    }

    boolean takesTraffic() {
        return state == State.RUNNING && routable;
    }
}
