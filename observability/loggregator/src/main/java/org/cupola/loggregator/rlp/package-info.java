/** The reverse log proxy: streams of selected envelopes by gRPC, and its gateway, the same as server-sent events. A virtual thread each stream. */
@NullMarked
package org.cupola.loggregator.rlp;

import org.jspecify.annotations.NullMarked;
