package org.cupola.gorouter.proxy;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Socket addresses from text and back, without ever asking a name server. */
final class Addresses {
    private Addresses() {}

    /** As {@code ip:port}; empty when there is none. */
    static String text(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? NetUtil.toSocketAddressString(inet) : "";
    }

    /** {@code null} when the host is a name. */
    static @Nullable InetSocketAddress literal(String host, int port) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(host);
        if (bytes == null) {
            return null;
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("the parser makes 4 or 16 bytes", e);
        }
    }
}
