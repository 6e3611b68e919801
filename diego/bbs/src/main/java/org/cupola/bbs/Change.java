package org.cupola.bbs;

/**
 * What a transition makes of the rows of one index.
 *
 * @param crashed whether the ordinary instance crashed, which events tell apart from other ways off a cell
 * @param auction whether the index is to be placed anew
 */
record Change(IndexRows before, IndexRows after, boolean crashed, boolean auction) {
    static Change none(IndexRows rows) {
        return new Change(rows, rows, false, false);
    }

    static Change to(IndexRows before, IndexRows after) {
        return new Change(before, after, false, false);
    }

    Change withAuction() {
        return new Change(before, after, crashed, true);
    }

    boolean isNone() {
        return before.equals(after);
    }
}
