package org.cupola.gorouter;

import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.cupola.gorouter.GorouterConfig.Syslog;
import org.cupola.gorouter.proxy.AccessLog;
import org.jspecify.annotations.Nullable;

/**
 * Sends access log lines to a syslog server, a message each, in the original's shape: like RFC 5424, but with one dash after
 * the process id, and a byte order mark before the text. A lost TCP connection is made again for the next line. Confined
 * to the access log's thread.
 */
final class SyslogTarget implements AccessLog.Target {
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    private static final int CONNECT_MILLIS = 2000;

    private final Syslog settings;
    private final InstantSource clock;
    private final InetSocketAddress address;
    private final String tail;
    private @Nullable DatagramSocket udp;
    private @Nullable Socket tcp;

    SyslogTarget(Syslog settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        int colon = settings.address().lastIndexOf(':');
        if (colon < 0
                || !(settings.network().startsWith("tcp") || settings.network().startsWith("udp"))) {
            throw new IllegalArgumentException("logging.syslog_addr: " + settings.network() + " " + settings.address()
                    + " (expected: tcp or udp, host:port)");
        }
        this.address = new InetSocketAddress(
                settings.address().substring(0, colon),
                Integer.parseInt(settings.address().substring(colon + 1)));
        this.tail = " " + hostName() + " " + settings.name() + " "
                + ProcessHandle.current().pid() + " - ";
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return "-";
        }
    }

    @Override
    public void write(byte[] lines, int length) throws IOException {
        int start = 0;
        for (int i = 0; i < length; i++) {
            if (lines[i] == '\n') {
                send(lines, start, i);
                start = i + 1;
            }
        }
    }

    private void send(byte[] lines, int start, int end) throws IOException {
        boolean stream = settings.network().startsWith("tcp");
        byte[] head =
                ("<14>1 " + clock.instant().truncatedTo(ChronoUnit.SECONDS) + tail).getBytes(StandardCharsets.UTF_8);
        int text = end - start;
        if (settings.truncate() > 0) {
            text = Math.min(text, settings.truncate());
        }
        var message = new byte[head.length + BYTE_ORDER_MARK.length + text + (stream ? 1 : 0)];
        System.arraycopy(head, 0, message, 0, head.length);
        System.arraycopy(BYTE_ORDER_MARK, 0, message, head.length, BYTE_ORDER_MARK.length);
        System.arraycopy(lines, start, message, head.length + BYTE_ORDER_MARK.length, text);
        if (stream) {
            message[message.length - 1] = '\n';
            sendByTcp(message);
        } else {
            DatagramSocket socket = udp == null ? new DatagramSocket() : udp;
            udp = socket;
            socket.send(new DatagramPacket(message, message.length, address));
        }
    }

    private void sendByTcp(byte[] message) throws IOException {
        try {
            Socket socket = tcp;
            if (socket == null) {
                socket = new Socket();
                tcp = socket;
                socket.connect(address, CONNECT_MILLIS);
            }
            OutputStream out = socket.getOutputStream();
            out.write(message);
            out.flush();
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        DatagramSocket datagrams = udp;
        if (datagrams != null) {
            udp = null;
            datagrams.close();
        }
        Socket stream = tcp;
        if (stream != null) {
            tcp = null;
            stream.close();
        }
    }
}
