package org.cupola.uaa;

import java.time.InstantSource;
import org.cupola.platform.sql.Database;

/** Everything that is kept. */
record Stores(
        UserStore users,
        GroupStore groups,
        ClientStore clients,
        ApprovalStore approvals,
        CodeStore codes,
        SessionStore sessions,
        TokenStore tokens,
        Lockouts lockouts) {

    static Stores of(Database database, UaaConfig config, InstantSource clock) {
        return new Stores(
                new UserStore(database),
                new GroupStore(database, config.seed().defaultGroups()),
                new ClientStore(database),
                new ApprovalStore(database, clock),
                new CodeStore(database, clock),
                new SessionStore(database, clock),
                new TokenStore(database),
                new Lockouts(database, config.lockout(), clock));
    }
}
