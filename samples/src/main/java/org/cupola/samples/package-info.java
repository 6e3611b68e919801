/**
 * Apps for the demo and the acceptance tests: what a user of the platform would push. They know nothing of it but the
 * environment variables that every app gets.
 */
@NullMarked
package org.cupola.samples;

import org.jspecify.annotations.NullMarked;
