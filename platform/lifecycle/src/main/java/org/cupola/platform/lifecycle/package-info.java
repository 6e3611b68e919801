/**
 * How the parts of the platform start, stop and end a process. Knows no component; talks to nothing but the JVM's own
 * signals.
 */
@NullMarked
package org.cupola.platform.lifecycle;

import org.jspecify.annotations.NullMarked;
