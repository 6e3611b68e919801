/** Who may read which source: tokens by the UAA's keys, apps and service instances by asking the Cloud Controller. Blocking. */
@NullMarked
package org.cupola.loggregator.access;

import org.jspecify.annotations.NullMarked;
