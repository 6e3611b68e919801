/**
 * Reads configuration files into records and reports everything that is wrong with them at once. Plain code without
 * threads; knows no component.
 */
@NullMarked
package org.cupola.platform.config;

import org.jspecify.annotations.NullMarked;
