/**
 * The identity server: users, groups and clients, the OAuth 2 grants and the signed tokens every other component checks.
 *
 * <p>Talks HTTP to the {@code cf} client and all components, SQL to its own database. Requests run as straight blocking code on
 * virtual threads; password hashing is bounded so that logins cannot take all processors.
 */
@NullMarked
package org.cupola.uaa;

import org.jspecify.annotations.NullMarked;
