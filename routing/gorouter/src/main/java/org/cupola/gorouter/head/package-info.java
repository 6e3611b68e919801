/**
 * HTTP/1.1 on bytes: heads are read in one pass over a byte array, without making texts, and strictly by RFC 9112: what
 * is malformed is refused, not repaired. Plain code, confined to the thread that uses it.
 */
@NullMarked
package org.cupola.gorouter.head;

import org.jspecify.annotations.NullMarked;
