/**
 * Fuzz targets for what reads bytes of strangers, each in the package of what it feeds, and what they share. A target
 * compares with a second, simpler reading of the same bytes, or with the same bytes in other pieces.
 */
@NullMarked
package org.cupola.fuzz;

import org.jspecify.annotations.NullMarked;
