package org.cupola.loadbalancer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsMessage;
import io.netty.handler.codec.dns.DnsOpCode;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.cupola.loadbalancer.DnsZones.Answer;
import org.cupola.loadbalancer.DnsZones.Wanted;

/** Turns queries into responses: the wire form of what {@link DnsZones} answers (RFC 1035). Immutable, any thread. */
final class DnsAnswers {
    /** Fits every path's UDP without fragments; told to clients that ask with EDNS (RFC 6891). */
    private static final int UDP_PAYLOAD_BYTES = 1232;

    private static final int SOA_REFRESH_SECONDS = 3600;
    private static final int SOA_RETRY_SECONDS = 600;
    private static final int SOA_EXPIRE_SECONDS = 86_400;

    private final DnsZones zones;
    private final long ttlSeconds;

    DnsAnswers(DnsZones zones, Duration ttl) {
        this.zones = zones;
        this.ttlSeconds = ttl.toSeconds();
    }

    /** Fills the response, which is for this query; both stay the caller's. */
    void answer(DnsQuery query, DnsResponse response, ByteBufAllocator allocator) {
        response.setRecursionDesired(query.isRecursionDesired());
        DnsResponseCode code = answered(query, response, allocator);
        response.setCode(code);
        response.setAuthoritativeAnswer(code.equals(DnsResponseCode.NOERROR));
        if (hasEdns(query)) {
            response.addRecord(
                    DnsSection.ADDITIONAL,
                    new DefaultDnsRawRecord("", DnsRecordType.OPT, UDP_PAYLOAD_BYTES, 0, Unpooled.EMPTY_BUFFER));
        }
    }

    private DnsResponseCode answered(DnsQuery query, DnsResponse response, ByteBufAllocator allocator) {
        if (!query.opCode().equals(DnsOpCode.QUERY)) {
            return DnsResponseCode.NOTIMP;
        }
        if (query.count(DnsSection.QUESTION) != 1) {
            return DnsResponseCode.FORMERR;
        }
        DnsQuestion question = query.recordAt(DnsSection.QUESTION);
        response.addRecord(DnsSection.QUESTION, question);
        if (question.dnsClass() != DnsRecord.CLASS_IN) {
            return DnsResponseCode.REFUSED;
        }
        switch (zones.answer(question.name(), wanted(question.type()))) {
            case Answer.Refused() -> {
                return DnsResponseCode.REFUSED;
            }
            case Answer.Addresses(String zone, List<InetAddress> addresses) -> {
                for (InetAddress address : addresses) {
                    response.addRecord(DnsSection.ANSWER, record(question.name(), address));
                }
                if (addresses.isEmpty()) {
                    response.addRecord(DnsSection.AUTHORITY, authority(zone, allocator));
                }
            }
            case Answer.NameServer(String zone) ->
                response.addRecord(DnsSection.ANSWER, raw(zone, DnsRecordType.NS, nameServer(zone, allocator)));
            case Answer.Authority(String zone) -> response.addRecord(DnsSection.ANSWER, authority(zone, allocator));
        }
        return DnsResponseCode.NOERROR;
    }

    private static Wanted wanted(DnsRecordType type) {
        return switch (type.intValue()) {
            case 1 -> Wanted.A;
            case 2 -> Wanted.NS;
            case 6 -> Wanted.SOA;
            case 28 -> Wanted.AAAA;
            case 255 -> Wanted.ANY;
            default -> Wanted.OTHER;
        };
    }

    private static boolean hasEdns(DnsMessage query) {
        for (int i = 0; i < query.count(DnsSection.ADDITIONAL); i++) {
            DnsRecord record = query.recordAt(DnsSection.ADDITIONAL, i);
            if (record.type().equals(DnsRecordType.OPT)) {
                return true;
            }
        }
        return false;
    }

    private DnsRecord record(String name, InetAddress address) {
        DnsRecordType type = address instanceof Inet4Address ? DnsRecordType.A : DnsRecordType.AAAA;
        return raw(name, type, Unpooled.wrappedBuffer(address.getAddress()));
    }

    private DnsRecord raw(String name, DnsRecordType type, ByteBuf content) {
        return new DefaultDnsRawRecord(name.endsWith(".") ? name : name + ".", type, ttlSeconds, content);
    }

    private static ByteBuf nameServer(String zone, ByteBufAllocator allocator) {
        ByteBuf content = allocator.buffer();
        writeName(content, "ns." + zone);
        return content;
    }

    private DnsRecord authority(String zone, ByteBufAllocator allocator) {
        ByteBuf content = allocator.buffer();
        writeName(content, "ns." + zone);
        writeName(content, "hostmaster." + zone);
        content.writeInt(1); // serial: zones do not change while the server runs
        content.writeInt(SOA_REFRESH_SECONDS);
        content.writeInt(SOA_RETRY_SECONDS);
        content.writeInt(SOA_EXPIRE_SECONDS);
        content.writeInt((int) ttlSeconds); // for how long a missing record may be remembered
        return raw(zone, DnsRecordType.SOA, content);
    }

    private static void writeName(ByteBuf content, String name) {
        for (String label : name.split("\\.")) {
            if (!label.isEmpty()) {
                content.writeByte(label.length());
                content.writeCharSequence(label, StandardCharsets.US_ASCII);
            }
        }
        content.writeByte(0);
    }
}
