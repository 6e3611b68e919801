package org.cupola.cloudcontroller;

import java.util.ArrayList;
import java.util.List;
import org.cupola.protocol.bbs.proto.ICMPInfo;
import org.cupola.protocol.bbs.proto.PortRange;
import org.cupola.protocol.bbs.proto.SecurityGroupRule;
import org.jooq.DSLContext;
import tools.jackson.databind.JsonNode;

/** The rules of a space's security groups, as cells apply them. Blocking; any thread. */
final class EgressRules {
    private final Store store;

    EgressRules(Store store) {
        this.store = store;
    }

    /** Rules that log come last. */
    List<SecurityGroupRule> running(DSLContext dsl, String spaceGuid) {
        List<SecurityGroupRule> plain = new ArrayList<>();
        List<SecurityGroupRule> logged = new ArrayList<>();
        store.securityGroups
                .table
                .all(dsl, SecurityGroupRepository.holdsIn(spaceGuid, "running"))
                .forEach(group -> group.rules().forEach(node -> {
                    SecurityGroupRule rule = rule(node, group.guid());
                    (rule.getLog() ? logged : plain).add(rule);
                }));
        plain.addAll(logged);
        return plain;
    }

    static SecurityGroupRule rule(JsonNode node, String groupGuid) {
        SecurityGroupRule.Builder rule = SecurityGroupRule.newBuilder()
                .setProtocol(node.path("protocol").asString())
                .setLog(node.path("log").asBoolean(false))
                .addAnnotations("security_group_id:" + groupGuid);
        for (String destination : node.path("destination").asString("").split(",")) {
            rule.addDestinations(destination.trim());
        }
        String ports = node.path("ports").asString("");
        if (ports.contains("-")) {
            String[] range = ports.split("-");
            rule.setPortRange(PortRange.newBuilder()
                    .setStart(Integer.parseInt(range[0].trim()))
                    .setEnd(Integer.parseInt(range[1].trim())));
        } else if (!ports.isEmpty()) {
            for (String port : ports.split(",")) {
                rule.addPorts(Integer.parseInt(port.trim()));
            }
        }
        if (node.has("type")) {
            rule.setIcmpInfo(ICMPInfo.newBuilder()
                    .setType(node.path("type").asInt())
                    .setCode(node.path("code").asInt()));
        }
        return rule.build();
    }
}
