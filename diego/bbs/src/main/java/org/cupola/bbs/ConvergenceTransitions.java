package org.cupola.bbs;

import static org.cupola.bbs.Instances.CRASHED;
import static org.cupola.bbs.Instances.UNCLAIMED;
import static org.cupola.bbs.Instances.is;
import static org.cupola.bbs.Instances.isPlaced;

import org.cupola.bbs.LrpConvergence.Step;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRP.Presence;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.jspecify.annotations.Nullable;

/** The steps of convergence on the rows of their index as they are now; one that is no longer due changes nothing. */
final class ConvergenceTransitions {
    private ConvergenceTransitions() {}

    static Change askAgain(IndexRows rows) {
        ActualLRP row = rows.ordinary();
        boolean waiting = row != null && is(row, UNCLAIMED);
        return waiting ? Change.none(rows).withAuction() : Change.none(rows);
    }

    static Change create(IndexRows rows, Step.Create step, Moment moment) {
        return rows.ordinary() == null
                ? InstanceTransitions.create(rows, step.key(), moment).withAuction()
                : Change.none(rows);
    }

    /**
     * The instance may still run and serve, so its row stays as a suspect, tag and all, and a new one waits for a cell.
     * A replacement that is lost too only waits anew: the suspect before it stays.
     */
    static Change loseCell(IndexRows rows, Step.LoseCell step, Moment moment) {
        ActualLRP row = rows.ordinary();
        if (row == null || !isPlaced(row) || !isOf(row, step.instance())) {
            return Change.none(rows);
        }
        if (rows.suspect() != null) {
            return InstanceTransitions.unclaim(rows, moment);
        }
        ActualLRP suspect = row.toBuilder().setPresence(Presence.SUSPECT).build();
        ActualLRP waiting = Instances.unclaimed(row.getActualLrpKey(), moment);
        return Change.to(rows, new IndexRows(waiting, rows.evacuating(), suspect))
                .withAuction();
    }

    static Change recover(IndexRows rows, Step.Recover step) {
        ActualLRP suspect = rows.suspect();
        if (!isOf(suspect, step.instance()) || suspect == null) {
            return Change.none(rows);
        }
        ActualLRP ordinary = suspect.toBuilder().setPresence(Presence.ORDINARY).build();
        return Change.to(rows, new IndexRows(ordinary, rows.evacuating(), null));
    }

    static Change dropSuspect(IndexRows rows, Step.DropSuspect step) {
        return isOf(rows.suspect(), step.instance())
                ? Change.to(rows, rows.without(Presence.SUSPECT))
                : Change.none(rows);
    }

    static Change dropEvacuating(IndexRows rows, Step.DropEvacuating step) {
        return isOf(rows.evacuating(), step.instance())
                ? Change.to(rows, rows.without(Presence.EVACUATING))
                : Change.none(rows);
    }

    static Change restart(IndexRows rows, Moment moment) {
        ActualLRP row = rows.ordinary();
        boolean due = row != null && is(row, CRASHED) && CrashPolicy.isDue(row, moment.now());
        return due ? InstanceTransitions.unclaim(rows, moment).withAuction() : Change.none(rows);
    }

    private static boolean isOf(@Nullable ActualLRP row, ActualLRPInstanceKey instance) {
        return row != null && row.getActualLrpInstanceKey().equals(instance);
    }
}
