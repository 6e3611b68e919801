package org.cupola.routingapi;

import java.sql.SQLException;
import org.jooq.exception.DataAccessException;

/**
 * Tells a statement that the database does not take (a broken constraint, a value that does not fit) from one that it could
 * not run: after the first it is known that nothing of the transaction was written. Stateless.
 */
final class Refusals {
    // Classes of SQLSTATE, ISO 9075.
    private static final String DATA_EXCEPTION = "22";
    private static final String CONSTRAINT_VIOLATION = "23";

    // SQLite's primary result codes; its driver has no SQLSTATE.
    private static final int SQLITE_TOO_BIG = 18;
    private static final int SQLITE_CONSTRAINT = 19;
    private static final int SQLITE_MISMATCH = 20;

    private Refusals() {}

    static boolean isRefusal(DataAccessException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && isRefusal(sql)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isRefusal(SQLException e) {
        String state = e.getSQLState();
        if (state != null) {
            return state.startsWith(DATA_EXCEPTION) || state.startsWith(CONSTRAINT_VIOLATION);
        }
        int code = e.getErrorCode() & 0xff;
        return code == SQLITE_TOO_BIG || code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH;
    }
}
