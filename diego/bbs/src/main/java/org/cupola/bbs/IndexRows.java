package org.cupola.bbs;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRP.Presence;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.jspecify.annotations.Nullable;

/**
 * All rows of one index of a process: at most one of each presence. Immutable.
 *
 * @param ordinary   the instance as such
 * @param evacuating its copy on a draining cell, routable until a replacement runs
 * @param suspect    its copy on a cell that has disappeared, routable until a replacement runs or the cell is back
 */
record IndexRows(
        @Nullable ActualLRP ordinary,
        @Nullable ActualLRP evacuating,
        @Nullable ActualLRP suspect) {
    static final IndexRows NONE = new IndexRows(null, null, null);

    static IndexRows of(List<ActualLRP> rows) {
        IndexRows all = NONE;
        for (ActualLRP row : rows) {
            all = all.with(row);
        }
        return all;
    }

    IndexRows with(ActualLRP row) {
        return switch (row.getPresence()) {
            case ORDINARY, UNRECOGNIZED -> new IndexRows(row, evacuating, suspect);
            case EVACUATING -> new IndexRows(ordinary, row, suspect);
            case SUSPECT -> new IndexRows(ordinary, evacuating, row);
        };
    }

    IndexRows without(Presence presence) {
        return switch (presence) {
            case ORDINARY, UNRECOGNIZED -> new IndexRows(null, evacuating, suspect);
            case EVACUATING -> new IndexRows(ordinary, null, suspect);
            case SUSPECT -> new IndexRows(ordinary, evacuating, null);
        };
    }

    ActualLRP ordinaryOrRefuse() {
        if (ordinary == null) {
            throw Refusal.notFound();
        }
        return ordinary;
    }

    @Nullable
    ActualLRP row(Presence presence) {
        return switch (presence) {
            case ORDINARY, UNRECOGNIZED -> ordinary;
            case EVACUATING -> evacuating;
            case SUSPECT -> suspect;
        };
    }

    /** The row of this very instance, whatever its presence. */
    Optional<ActualLRP> ofInstance(ActualLRPInstanceKey instance) {
        return stream()
                .filter(row -> row.getActualLrpInstanceKey().equals(instance))
                .findFirst();
    }

    boolean isSuspect(ActualLRPInstanceKey instance) {
        return suspect != null && suspect.getActualLrpInstanceKey().equals(instance);
    }

    Stream<ActualLRP> stream() {
        return Stream.of(Optional.ofNullable(ordinary), Optional.ofNullable(evacuating), Optional.ofNullable(suspect))
                .flatMap(Optional::stream);
    }

    boolean isEmpty() {
        return equals(NONE);
    }
}
