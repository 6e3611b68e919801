/** What tests of several modules share: real counterparts (nats-server, PostgreSQL) and free ports. Test scope only. */
@NullMarked
package org.cupola.platform.testing;

import org.jspecify.annotations.NullMarked;
