/**
 * Measurements told apart by route, backend or app: as many of each as configured, the others together. Event loops write,
 * each into cells of its own, without a lock; the thread that serves metrics reads.
 */
@NullMarked
package org.cupola.gorouter.series;

import org.jspecify.annotations.NullMarked;
