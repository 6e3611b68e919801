/** Log Cache: the newest envelopes of every source in memory, read over gRPC and HTTP. The store is plain Java behind one short lock. */
@NullMarked
package org.cupola.loggregator.logcache;

import org.jspecify.annotations.NullMarked;
