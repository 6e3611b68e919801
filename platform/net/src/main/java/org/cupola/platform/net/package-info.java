/**
 * Sockets for the data planes: the transport of this machine (io_uring, epoll or NIO), event loops and socket
 * options. Knows no component.
 */
@NullMarked
package org.cupola.platform.net;

import org.jspecify.annotations.NullMarked;
