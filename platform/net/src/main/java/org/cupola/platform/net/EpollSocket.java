package org.cupola.platform.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.IovArray;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * The system calls of one TCP socket, and no others. A {@link Socket} of Netty's asks the kernel for its address family as it
 * is made; an accepted connection needs none until it is half-closed, given an option or asked for its own address, since
 * read(2) and write(2) do for sockets what they do for all files.
 *
 * <p>Confined to its event loop, but for {@link #localAddress}, options and {@link #close}.
 */
final class EpollSocket {
    private static final int BUFFERS_AT_ONCE = 64;

    /** Scratch space of an event loop's thread, freed when that ends. */
    private static final FastThreadLocal<IovArray> GATHERED = new FastThreadLocal<>() {
        @Override
        protected IovArray initialValue() {
            return new IovArray(BUFFERS_AT_ONCE);
        }

        @Override
        protected void onRemoval(IovArray array) {
            array.release();
        }
    };

    private volatile FileDescriptor file;

    private EpollSocket(FileDescriptor file) {
        this.file = file;
    }

    /** A connection that accept(2) gave, not blocking. */
    static EpollSocket accepted(int fd) {
        return new EpollSocket(new FileDescriptor(fd));
    }

    /**
     * A socket to connect to the address with, of its own family.
     *
     * @throws RuntimeException when there are no more
     */
    static EpollSocket connecting(InetSocketAddress to) {
        return new EpollSocket(FamilySocket.open(
                to.getAddress() instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6));
    }

    /** Only a subclass may say which family it wants. */
    static final class FamilySocket extends Socket {
        private FamilySocket(int fd) {
            super(fd);
        }

        static FamilySocket open(SocketProtocolFamily family) {
            return new FamilySocket(newSocketStream0(family));
        }
    }

    FileDescriptor file() {
        return file;
    }

    boolean isOpen() {
        return file.isOpen();
    }

    /**
     * Reads as much as the buffer has room for.
     *
     * @return the number of bytes; 0 when there are none yet, -1 at the end of the stream
     */
    int receive(ByteBuf buffer) throws IOException {
        int from = buffer.writerIndex();
        int count;
        if (buffer.hasMemoryAddress()) {
            count = file.readAddress(buffer.memoryAddress(), from, buffer.capacity());
        } else {
            ByteBuffer room = buffer.internalNioBuffer(from, buffer.writableBytes());
            count = file.read(room, room.position(), room.limit());
        }
        if (count > 0) {
            buffer.writerIndex(from + count);
        }
        return count;
    }

    /**
     * Sends the flushed messages, all of them direct buffers and at least one, as far as one system call can, and takes
     * what was sent away.
     *
     * @return whether the socket takes no more for now
     */
    boolean send(ChannelOutboundBuffer messages) throws IOException {
        ByteBuf first = (ByteBuf) messages.current();
        long offered;
        long sent;
        if (messages.size() == 1 && first.hasMemoryAddress()) {
            offered = first.readableBytes();
            sent = offered == 0
                    ? 0
                    : file.writeAddress(first.memoryAddress(), first.readerIndex(), first.writerIndex());
        } else {
            IovArray array = GATHERED.get();
            array.clear();
            gather(messages, array);
            offered = array.size();
            sent = offered == 0 ? 0 : file.writevAddresses(array.memoryAddress(0), array.count());
        }
        messages.removeBytes(sent); // and empty ones in any case
        return sent < offered;
    }

    private static void gather(ChannelOutboundBuffer messages, IovArray array) throws IOException {
        try {
            messages.forEachFlushedMessage(array);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** Whether the connection is there already; otherwise it, or the reason why not, will be later, which asking again tells. */
    boolean connect(InetSocketAddress to) throws IOException {
        return socket().connect(to);
    }

    void bind(InetSocketAddress address) throws IOException {
        socket().bind(address);
    }

    void shutdown(boolean input, boolean output) throws IOException {
        socket().shutdown(input, output);
    }

    void noDelay(boolean on) throws IOException {
        socket().setTcpNoDelay(on);
    }

    void keepAlive(boolean on) throws IOException {
        socket().setKeepAlive(on);
    }

    void linger(int seconds) throws IOException {
        socket().setSoLinger(seconds);
    }

    /** Any thread; unknown once closed. */
    synchronized @Nullable InetSocketAddress localAddress() {
        try {
            return socket().localAddress();
        } catch (ClosedChannelException e) {
            return null;
        }
    }

    /** The same file, from now on with everything that sockets can do. */
    private synchronized Socket socket() throws ClosedChannelException {
        FileDescriptor now = file;
        if (!now.isOpen()) {
            throw new ClosedChannelException(); // its number may be another file's by now
        }
        if (now instanceof Socket socket) {
            return socket;
        }
        var socket = new Socket(now.intValue());
        file = socket;
        return socket;
    }

    synchronized void close() throws IOException {
        file.close();
    }
}
