package org.cupola.blobstore;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cupola.platform.config.ConfigReader;

/** Who may use the internal listener, in nginx's {@code allow} and {@code deny} lines; the first that fits decides. Immutable. */
final class AccessRules {
    private static final Pattern LINE = Pattern.compile("\\s*(allow|deny)\\s+([^\\s;]+)\\s*;?\\s*");
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;
    private final List<Rule> rules;

    private record Rule(boolean allow, IpSubnetFilterRule subnet) {}

    private AccessRules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** @throws IllegalArgumentException for a line that is no rule. Whom no line fits may not come in. */
    static AccessRules of(List<String> lines) {
        List<Rule> rules = new ArrayList<>();
        for (String text : lines) {
            Matcher line = LINE.matcher(text);
            if (!line.matches()) {
                throw new IllegalArgumentException(text);
            }
            boolean allow = line.group(1).equals("allow");
            String network = line.group(2);
            for (String subnet : network.equals("all") ? List.of("0.0.0.0/0", "::/0") : List.of(network)) {
                rules.add(new Rule(allow, subnet(subnet)));
            }
        }
        return new AccessRules(rules);
    }

    /** Notes lines that are no rules with the reader. */
    static void check(List<String> lines, ConfigReader reader, String key) {
        for (int i = 0; i < lines.size(); i++) {
            try {
                of(List.of(lines.get(i)));
            } catch (IllegalArgumentException e) {
                reader.refuse(
                        key + "[" + i + "]",
                        lines.get(i),
                        "allow or deny, and an address or a network such as 10.0.0.0/8");
            }
        }
    }

    private static IpSubnetFilterRule subnet(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        if (bytes == null) {
            throw new IllegalArgumentException(text);
        }
        int bits = slash < 0 ? bytes.length == 4 ? IPV4_BITS : IPV6_BITS : Integer.parseInt(text.substring(slash + 1));
        return new IpSubnetFilterRule(address, bits, IpFilterRuleType.ACCEPT);
    }

    boolean allows(InetAddress peer) {
        var address = new InetSocketAddress(peer, 0);
        for (Rule rule : rules) {
            if (rule.subnet().matches(address)) {
                return rule.allow();
            }
        }
        return false;
    }
}
