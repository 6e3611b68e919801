/** The Traffic Controller: the firehose and single apps as Envelope v1 over WebSocket. A virtual thread each connection. */
@NullMarked
package org.cupola.loggregator.trafficcontroller;

import org.jspecify.annotations.NullMarked;
