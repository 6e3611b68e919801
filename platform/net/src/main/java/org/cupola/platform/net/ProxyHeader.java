package org.cupola.platform.net;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * The PROXY protocol, versions 1 and 2: who is really talking, sent ahead of a connection's own bytes. Source: the
 * specification in HAProxy's documentation. Stateless, any thread.
 */
public final class ProxyHeader {
    /** Longer headers are refused; version 1 allows 107 bytes, and of version 2 we accept a few hundred of extensions. */
    public static final int MAX_BYTES = 16 + 520;

    private static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};
    private static final byte[] V1_START = "PROXY ".getBytes(US_ASCII);
    private static final int V1_MAX_BYTES = 107;
    private static final int V2_FIXED_BYTES = 16;

    private ProxyHeader() {}

    /** The versions that can be written. */
    public enum Version {
        V1,
        V2
    }

    /** Both ends of the connection that a header speaks of. */
    public record Endpoints(InetSocketAddress source, InetSocketAddress destination) {}

    /** What a buffer starts with. */
    public sealed interface Parsed {
        /** A header may be coming; more bytes are needed. */
        record Incomplete() implements Parsed {}

        /** Not a header. */
        record Malformed(String reason) implements Parsed {}

        /**
         * A whole header.
         *
         * @param endpoints empty when the sender speaks for itself (health checks) or does not know
         */
        record Complete(Optional<Endpoints> endpoints, int lengthBytes) implements Parsed {}
    }

    /** Writes a header; the caller owns the buffer. Addresses of two families are told as unknown. */
    public static ByteBuf write(Version version, Endpoints endpoints, ByteBufAllocator allocator) {
        return switch (version) {
            case V1 -> ByteBufUtil.writeAscii(allocator, v1(endpoints));
            case V2 -> v2(endpoints, allocator);
        };
    }

    private static String v1(Endpoints endpoints) {
        InetAddress source = endpoints.source().getAddress();
        InetAddress destination = endpoints.destination().getAddress();
        if (!sameFamily(source, destination)) {
            return "PROXY UNKNOWN\r\n";
        }
        String family = source instanceof Inet4Address ? "TCP4 " : "TCP6 ";
        return "PROXY " + family + NetUtil.toAddressString(source) + ' ' + NetUtil.toAddressString(destination) + ' '
                + endpoints.source().getPort() + ' ' + endpoints.destination().getPort() + "\r\n";
    }

    private static ByteBuf v2(Endpoints endpoints, ByteBufAllocator allocator) {
        InetAddress source = endpoints.source().getAddress();
        InetAddress destination = endpoints.destination().getAddress();
        ByteBuf out =
                allocator.buffer(V2_FIXED_BYTES + 36).writeBytes(SIGNATURE).writeByte(0x21);
        if (!sameFamily(source, destination)) {
            return out.writeByte(0).writeShort(0);
        }
        boolean ipv4 = source instanceof Inet4Address;
        return out.writeByte(ipv4 ? 0x11 : 0x21)
                .writeShort(ipv4 ? 12 : 36)
                .writeBytes(source.getAddress())
                .writeBytes(destination.getAddress())
                .writeShort(endpoints.source().getPort())
                .writeShort(endpoints.destination().getPort());
    }

    private static boolean sameFamily(InetAddress one, InetAddress other) {
        return (one instanceof Inet4Address && other instanceof Inet4Address)
                || (one instanceof Inet6Address && other instanceof Inet6Address);
    }

    /** Looks at the readable bytes without consuming them. */
    public static Parsed parse(ByteBuf in) {
        int readable = in.readableBytes();
        if (startsLike(in, SIGNATURE)) {
            return readable < V2_FIXED_BYTES ? new Parsed.Incomplete() : parseV2(in);
        }
        if (startsLike(in, V1_START)) {
            return readable < V1_START.length ? new Parsed.Incomplete() : parseV1(in);
        }
        return new Parsed.Malformed("does not start with a PROXY header");
    }

    private static boolean startsLike(ByteBuf in, byte[] start) {
        int length = Math.min(in.readableBytes(), start.length);
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != start[i]) {
                return false;
            }
        }
        return true;
    }

    private static Parsed parseV1(ByteBuf in) {
        int limit = Math.min(in.readableBytes(), V1_MAX_BYTES);
        int end = in.indexOf(in.readerIndex(), in.readerIndex() + limit, (byte) '\n');
        if (end < 0) {
            return limit == V1_MAX_BYTES
                    ? new Parsed.Malformed("no end of line within " + V1_MAX_BYTES + " bytes")
                    : new Parsed.Incomplete();
        }
        int length = end + 1 - in.readerIndex();
        String line = in.toString(in.readerIndex(), length, US_ASCII);
        if (!line.endsWith("\r\n")) {
            return new Parsed.Malformed("the line does not end in CR LF");
        }
        String[] words = line.substring(0, line.length() - 2).split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return new Parsed.Complete(Optional.empty(), length);
        }
        boolean ipv4 = words[1].equals("TCP4");
        if (words.length != 6 || !(ipv4 || words[1].equals("TCP6"))) {
            return new Parsed.Malformed("expected TCP4 or TCP6, two addresses and two ports");
        }
        Optional<InetSocketAddress> source = address(ipv4, words[2], words[4]);
        Optional<InetSocketAddress> destination = address(ipv4, words[3], words[5]);
        if (source.isEmpty() || destination.isEmpty()) {
            return new Parsed.Malformed("an address or a port is not one of its family");
        }
        return new Parsed.Complete(Optional.of(new Endpoints(source.get(), destination.get())), length);
    }

    private static Optional<InetSocketAddress> address(boolean ipv4, String address, String port) {
        boolean valid = ipv4 ? NetUtil.isValidIpV4Address(address) : NetUtil.isValidIpV6Address(address);
        if (!valid || address.indexOf('%') >= 0 || address.startsWith("[")) {
            return Optional.empty();
        }
        if (port.isEmpty() || port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        int number = Integer.parseInt(port);
        if (number > 65_535 || (port.length() > 1 && port.charAt(0) == '0')) {
            return Optional.empty();
        }
        return socketAddress(NetUtil.createByteArrayFromIpAddressString(address), number);
    }

    private static Parsed parseV2(ByteBuf in) {
        int start = in.readerIndex();
        int versionAndCommand = in.getUnsignedByte(start + 12);
        int family = in.getUnsignedByte(start + 13);
        int bodyBytes = in.getUnsignedShort(start + 14);
        int length = V2_FIXED_BYTES + bodyBytes;
        if (versionAndCommand != 0x20 && versionAndCommand != 0x21) {
            return new Parsed.Malformed("unknown version or command " + versionAndCommand);
        }
        if (length > MAX_BYTES) {
            return new Parsed.Malformed("longer than " + MAX_BYTES + " bytes");
        }
        if (in.readableBytes() < length) {
            return new Parsed.Incomplete();
        }
        boolean local = versionAndCommand == 0x20;
        int addressBytes = family >> 4 == 1 ? 4 : family >> 4 == 2 ? 16 : 0;
        if (local || addressBytes == 0) {
            return new Parsed.Complete(Optional.empty(), length);
        }
        if (bodyBytes < 2 * addressBytes + 4) {
            return new Parsed.Malformed("too short for its address family");
        }
        int body = start + V2_FIXED_BYTES;
        int ports = body + 2 * addressBytes;
        Optional<InetSocketAddress> source =
                socketAddress(ByteBufUtil.getBytes(in, body, addressBytes), in.getUnsignedShort(ports));
        Optional<InetSocketAddress> destination = socketAddress(
                ByteBufUtil.getBytes(in, body + addressBytes, addressBytes), in.getUnsignedShort(ports + 2));
        return new Parsed.Complete(source.flatMap(from -> destination.map(to -> new Endpoints(from, to))), length);
    }

    private static Optional<InetSocketAddress> socketAddress(byte[] address, int port) {
        try {
            return Optional.of(new InetSocketAddress(InetAddress.getByAddress(address), port));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
