package org.cupola.gorouter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.cupola.platform.tls.CertificateAuthority;

/** An HTTP/2 connection on which tests send frames as they like, right or wrong. Blocking; reads give up after 30 s. */
final class RawHttp2 implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    private final SSLSocket socket;
    private final OutputStream out;
    private final DataInputStream in;

    record Frame(int type, int flags, int stream, byte[] payload) {
        static final Frame CLOSED = new Frame(-1, 0, 0, new byte[0]);

        /** The error that a RST_STREAM or GOAWAY tells. */
        int error() {
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }
    }

    RawHttp2(int port, CertificateAuthority trusted) throws IOException {
        socket = connect(port, trusted);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
        send(SETTINGS, 0, 0, new byte[0]);
    }

    private static SSLSocket connect(int port, CertificateAuthority trusted) throws IOException {
        try {
            var store = java.security.KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("ca", trusted.certificate());
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            var plain = new Socket();
            plain.setReceiveBufferSize(8192); // what is not read shall soon be felt at the other end
            plain.connect(new InetSocketAddress("127.0.0.1", port));
            var socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", port, true);
            socket.setSoTimeout(30_000);
            socket.setTcpNoDelay(true);
            var parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    void send(int type, int flags, int stream, byte[] payload) throws IOException {
        var frame = ByteBuffer.allocate(9 + payload.length);
        frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
        frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
        out.write(frame.array());
        out.flush();
    }

    /** Sends frames so that they arrive at once. */
    void sendTogether(byte[]... frames) throws IOException {
        var all = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        out.write(all.toByteArray());
        out.flush();
    }

    /** Sends as many copies of a frame at once as fit a few records. */
    void flood(byte[] frames, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            out.write(frames);
        }
        out.flush();
    }

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        var frame = ByteBuffer.allocate(9 + payload.length);
        frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
        return frame.put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** A GET of the path on a new stream. */
    void get(int stream, String path) throws IOException {
        send(HEADERS, END_STREAM | END_HEADERS, stream, request("GET", path));
    }

    static byte[] request(String method, String path, String... more) {
        var block = new ByteArrayOutputStream();
        literals(block, ":method", method, ":scheme", "https", ":authority", "localhost", ":path", path);
        literals(block, more);
        return block.toByteArray();
    }

    /** Names and values in turn, as literals that enter no table (RFC 7541, 6.2.2). */
    static byte[] literals(String... namesAndValues) {
        var block = new ByteArrayOutputStream();
        literals(block, namesAndValues);
        return block.toByteArray();
    }

    private static void literals(ByteArrayOutputStream block, String... namesAndValues) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.write(0);
            text(block, namesAndValues[i]);
            text(block, namesAndValues[i + 1]);
        }
    }

    private static void text(ByteArrayOutputStream block, String text) {
        if (text.length() < 127) {
            block.write(text.length());
        } else {
            block.write(127);
            int rest = text.length() - 127;
            for (; rest >= 128; rest >>>= 7) {
                block.write(rest % 128 + 128);
            }
            block.write(rest);
        }
        block.writeBytes(text.getBytes(ISO_8859_1));
    }

    static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    /** The next frame; {@link Frame#CLOSED} when the router has closed. */
    Frame read() throws IOException {
        try {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt() & 0x7fffffff;
            byte[] payload = in.readNBytes(length);
            return new Frame(type, flags, stream, payload);
        } catch (EOFException | SocketException | SSLException _) {
            return Frame.CLOSED;
        }
    }

    /** Frames up to the one that is wanted, or to the end of the connection. */
    Frame readTo(Predicate<Frame> wanted) throws IOException {
        while (true) {
            Frame frame = read();
            if (frame == Frame.CLOSED || wanted.test(frame)) {
                return frame;
            }
        }
    }

    /** What ends the stream: its last frame, a reset, or the end of the connection. */
    Frame readEnd(int stream) throws IOException {
        return readTo(frame -> frame.type() == GOAWAY
                || (frame.stream() == stream
                        && (frame.type() == RST_STREAM
                                || (frame.type() <= HEADERS && (frame.flags() & END_STREAM) != 0))));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
