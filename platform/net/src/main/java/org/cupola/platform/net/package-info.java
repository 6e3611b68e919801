/**
 * Sockets for the data planes: the transport of this machine (io_uring, epoll with channels of our own, or NIO), event
 * loops, connecting to one of several backends, and relaying bytes between two connections. Runs on the event loops it is
 * given; knows no component.
 */
@NullMarked
package org.cupola.platform.net;

import org.jspecify.annotations.NullMarked;
