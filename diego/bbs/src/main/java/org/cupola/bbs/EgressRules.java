package org.cupola.bbs;

import io.netty.util.NetUtil;
import java.util.Arrays;
import org.cupola.protocol.bbs.proto.SecurityGroupRule;
import org.jspecify.annotations.Nullable;

/** What makes an egress rule valid. Addresses are only parsed, never resolved. */
final class EgressRules {
    private EgressRules() {}

    static void check(SecurityGroupRule rule, Problems problems) {
        switch (rule.getProtocol()) {
            case "tcp", "udp" -> withPorts(rule, problems);
            case "icmp", "icmpv6" -> icmp(rule, problems);
            case "all" -> {
                problems.fieldIf(rule.hasPortRange(), "port_range");
                problems.fieldIf(rule.getPortsCount() > 0, "ports");
                problems.fieldIf(rule.hasIcmpInfo(), "icmp_info");
            }
            default -> problems.field("protocol");
        }
        destinations(rule, problems);
    }

    private static void withPorts(SecurityGroupRule rule, Problems problems) {
        boolean ports = rule.getPortsCount() > 0;
        if (!ports && !rule.hasPortRange()) {
            problems.add("Missing required field: ports or port_range");
        }
        if (ports && rule.hasPortRange()) {
            problems.add("Invalid: ports and port_range provided");
        }
        if (rule.hasPortRange()) {
            int start = rule.getPortRange().getStart();
            int end = rule.getPortRange().getEnd();
            problems.fieldIf(start < 1, "port_range");
            problems.fieldIf(end < 1, "port_range");
            problems.fieldIf(start > end, "port_range");
        }
        problems.fieldIf(rule.getPortsList().stream().anyMatch(port -> port < 1), "ports");
        problems.fieldIf(rule.hasIcmpInfo(), "icmp_info");
    }

    private static void icmp(SecurityGroupRule rule, Problems problems) {
        problems.fieldIf(rule.hasPortRange(), "port_range");
        problems.fieldIf(rule.getPortsCount() > 0, "ports");
        problems.fieldIf(!rule.hasIcmpInfo(), rule.getProtocol() + "_info");
    }

    private static void destinations(SecurityGroupRule rule, Problems problems) {
        if (rule.getDestinationsCount() == 0) {
            problems.field("destinations [ Must have at least 1 destination ]");
        }
        rule.getDestinationsList().forEach(list -> {
            for (String item : list.split(",", -1)) {
                String destination = item.strip();
                if (!isDestination(destination)) {
                    problems.field("destinations [ Invalid IP " + destination + " ]");
                }
            }
        });
    }

    private static boolean isDestination(String destination) {
        int slash = destination.indexOf('/');
        if (slash >= 0) {
            return isPrefix(destination.substring(0, slash), destination.substring(slash + 1));
        }
        int dash = destination.indexOf('-');
        if (dash >= 0) {
            byte[] first = address(destination.substring(0, dash));
            byte[] last = address(destination.substring(dash + 1));
            return first != null && last != null && Arrays.compareUnsigned(mapped(first), mapped(last)) <= 0;
        }
        return address(destination) != null;
    }

    private static boolean isPrefix(String address, String length) {
        byte[] bytes = address(address);
        if (bytes == null || !length.matches("\\d{1,3}")) {
            return false;
        }
        return Integer.parseInt(length) <= bytes.length * 8;
    }

    private static byte @Nullable [] address(String text) {
        return NetUtil.createByteArrayFromIpAddressString(text);
    }

    /** IPv4 in its 16-byte form, so that both kinds compare. */
    private static byte[] mapped(byte[] address) {
        if (address.length == 16) {
            return address;
        }
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(address, 0, mapped, 12, address.length);
        return mapped;
    }
}
