package org.cupola.routeemitter;

/** The version of a BBS record: the index counts changes within one life of the record, the epoch names that life. */
record ModificationTag(String epoch, int index) {
    static final ModificationTag NONE = new ModificationTag("", 0);

    /** Whether a record with the other tag is newer than one with this tag. Different epochs always succeed each other. */
    boolean isSucceededBy(ModificationTag other) {
        return epoch.isEmpty() || other.epoch.isEmpty() || !epoch.equals(other.epoch) || index < other.index;
    }

    boolean equalsOrIsSucceededBy(ModificationTag other) {
        return equals(other) || isSucceededBy(other);
    }
}
