/**
 * What a component tells about itself: logs in the originals' lager format or for people, and the metrics registry.
 * Talks to standard output only.
 */
@NullMarked
package org.cupola.platform.telemetry;

import org.jspecify.annotations.NullMarked;
