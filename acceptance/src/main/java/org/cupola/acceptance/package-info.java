/** The whole platform, tested from outside: over its public ports, by clients that know only the contracts. */
@NullMarked
package org.cupola.acceptance;

import org.jspecify.annotations.NullMarked;
