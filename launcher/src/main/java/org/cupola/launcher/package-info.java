/**
 * The {@code cupola} command: one subcommand per component with the original's flags, and {@code up} for all of them in
 * one process. Parses command lines, writes configuration files, starts components; holds no platform logic.
 */
@NullMarked
package org.cupola.launcher;

import org.jspecify.annotations.NullMarked;
