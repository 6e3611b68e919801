/**
 * How the parts of the platform start, stop and end a process, and what keeps its memory within bounds meanwhile. Knows no
 * component; talks to nothing but the JVM's own signals and memory pools.
 */
@NullMarked
package org.cupola.platform.lifecycle;

import org.jspecify.annotations.NullMarked;
