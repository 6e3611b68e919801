/**
 * What every component needs of a UAA: fetching tokens ({@link org.cupola.protocol.uaa.TokenClient}) and checking
 * those of others ({@link org.cupola.protocol.uaa.TokenValidator}). Talks to a UAA over HTTP; blocking code for virtual
 * threads, all classes safe for any thread.
 */
@NullMarked
package org.cupola.protocol.uaa;

import org.jspecify.annotations.NullMarked;
