package org.cupola.gorouter.routes;

/** Orders versions of a route that comes from the Routing API; registrations over NATS carry {@link #NONE}. Immutable. */
public record ModificationTag(String guid, long index) {
    public static final ModificationTag NONE = new ModificationTag("", 0);

    /** Whether there is no version. */
    boolean isNone() {
        return index == 0 && guid.isEmpty();
    }

    /** Whether what carries {@code other} takes the place of what carries this. */
    boolean supersededBy(ModificationTag other) {
        return guid.isEmpty() || other.guid.isEmpty() || !guid.equals(other.guid) || other.index > index;
    }

    /** As {@link #supersededBy}, or the very same version: what an unregistration needs. */
    boolean removableBy(ModificationTag other) {
        return supersededBy(other) || equals(other);
    }
}
