package org.cupola.platform.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.io.IOException;

/**
 * What a connection reads: as much as is wanted of what epoll has told is there, remembered until it is wanted.
 *
 * <p>Confined to the connection's event loop, but for {@link #isEnded}.
 */
final class EpollInput {
    private final EpollConnection connection;
    private volatile boolean ended;
    private boolean wanted;
    private boolean available;
    private boolean reading;
    private boolean scheduled;

    EpollInput(EpollConnection connection) {
        this.connection = connection;
    }

    /** Nothing will be read any more. */
    boolean isEnded() {
        return ended;
    }

    void end() {
        ended = true;
        available = false;
    }

    void want() {
        wanted = true;
        if (available && !reading) {
            schedule();
        }
    }

    void wantNoMore() {
        wanted = false;
    }

    private boolean isWanted() {
        return wanted || connection.config().isAutoRead();
    }

    /**
     * Epoll tells that there is some.
     *
     * @param end whether the end has come: then it is read up to it, wanted or not, so that who holds a connection back
     *            learns that it is over
     */
    void arrived(boolean end) {
        available = true;
        if (end || isWanted()) {
            read(end);
        }
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            connection.later(() -> {
                scheduled = false;
                if (available && isWanted()) {
                    read(false);
                }
            });
        }
    }

    /** The connection was moved to another loop, where epoll tells anew. */
    void moved() {
        scheduled = false;
    }

    private void read(boolean toTheEnd) {
        EpollSocket from = connection.socket();
        if (from == null || ended) {
            return;
        }
        var handle = connection.unsafe().recvBufAllocHandle();
        handle.reset(connection.config());
        reading = true;
        boolean over = false;
        Throwable problem = null;
        ByteBuf buffer = null;
        try {
            do {
                buffer = connection.alloc().directBuffer(handle.guess());
                int room = buffer.writableBytes();
                handle.attemptedBytesRead(room);
                int count = from.receive(buffer);
                handle.lastBytesRead(count);
                available = count == room;
                if (count <= 0) {
                    buffer.release();
                    buffer = null;
                    over = count < 0;
                    break;
                }
                handle.incMessagesRead(1);
                wanted = false;
                ByteBuf full = buffer;
                buffer = null;
                connection.pipeline().fireChannelRead(full);
            } while (!ended && (toTheEnd || handle.continueReading()));
        } catch (IOException | RuntimeException | Error e) {
            problem = e;
            if (buffer != null) {
                buffer.release();
            }
        }
        reading = false;
        handle.readComplete();
        connection.pipeline().fireChannelReadComplete();
        if (problem != null) {
            connection.pipeline().fireExceptionCaught(problem);
            connection.closeNow();
        } else if (over) {
            tellEnd();
        } else if (available && !ended && isWanted()) {
            schedule();
        }
    }

    private void tellEnd() {
        if (ended) {
            return;
        }
        end();
        if (connection.config().isAllowHalfClosure()) {
            connection.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            connection.pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        } else {
            connection.closeNow();
        }
    }
}
