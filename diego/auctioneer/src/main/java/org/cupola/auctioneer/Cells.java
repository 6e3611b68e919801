package org.cupola.auctioneer;

import java.util.List;
import org.cupola.protocol.bbs.CellException;
import org.cupola.protocol.bbs.CellState;
import org.cupola.protocol.bbs.CellWork;

/** The cells as an auction needs them. Blocking; any thread. */
interface Cells {
    /** A cell that is present. */
    interface Present {
        String id();

        CellState state() throws CellException;

        /** Returns what the cell did not take. */
        CellWork perform(CellWork work, String traceId) throws CellException;
    }

    /** @throws CellsUnknown when nobody can tell which cells there are */
    List<Present> present() throws CellsUnknown;

    /** The list of cells cannot be had now. */
    final class CellsUnknown extends Exception {
        private static final long serialVersionUID = 1L;

        CellsUnknown(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
