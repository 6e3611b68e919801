/**
 * The whole platform in one process: makes what an operator would prepare (certificates, secrets, configuration files in
 * the originals' formats) in one data directory, then starts each component through its own front door. The components
 * meet on loopback sockets, exactly as separate processes would.
 */
@NullMarked
package org.cupola.launcher.up;

import org.jspecify.annotations.NullMarked;
