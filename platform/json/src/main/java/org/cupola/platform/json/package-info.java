/** JSON as the whole platform reads and writes it: one configured mapper over Jackson. Immutable, any thread. */
@NullMarked
package org.cupola.platform.json;

import org.jspecify.annotations.NullMarked;
