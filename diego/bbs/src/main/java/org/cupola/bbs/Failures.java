package org.cupola.bbs;

import java.sql.SQLException;
import org.cupola.protocol.bbs.proto.Error;
import org.jooq.exception.DataAccessException;

/** Which error of the API a failure is. */
final class Failures {
    private static final int MYSQL_DUPLICATE = 1062;
    private static final int MYSQL_DEADLOCK = 1213;
    private static final int MYSQL_TOO_LONG = 1406;
    private static final int MYSQL_NO_TABLE = 1146;

    private Failures() {}

    static Refusal of(Throwable failure) {
        if (failure instanceof Refusal refusal) {
            return refusal;
        }
        if (failure instanceof DataAccessException e) {
            SQLException cause = e.getCause(SQLException.class);
            if (cause != null) {
                return of(cause);
            }
        }
        return Refusal.unknown(String.valueOf(failure.getMessage()));
    }

    private static Refusal of(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String message = String.valueOf(e.getMessage());
        int code = e.getErrorCode();
        if (state.equals("23505") || code == MYSQL_DUPLICATE || message.contains("SQLITE_CONSTRAINT")) {
            return Refusal.exists();
        }
        if (state.equals("40P01") || code == MYSQL_DEADLOCK) {
            return new Refusal(Error.Type.Deadlock, "the request failed due to deadlock");
        }
        if (state.equals("22001") || code == MYSQL_TOO_LONG) {
            return Refusal.badRequest();
        }
        if (state.equals("42P01") || code == MYSQL_NO_TABLE || message.contains("no such table")) {
            return new Refusal(Error.Type.Unrecoverable, "Unrecoverable Error: " + message);
        }
        return Refusal.unknown("sql-unknown, error code: " + (state.isEmpty() ? code : state) + ", flavor: sql");
    }
}
