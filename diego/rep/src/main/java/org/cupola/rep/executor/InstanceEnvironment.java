package org.cupola.rep.executor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.rep.container.NetworkInfo;
import org.cupola.rep.container.PortMapping;

/** The variables a process gets beside its own. */
final class InstanceEnvironment {
    private InstanceEnvironment() {}

    static Map<String, String> map(List<EnvironmentVariable> variables) {
        Map<String, String> map = new LinkedHashMap<>();
        for (EnvironmentVariable variable : variables) {
            // Taken out first, so that the last one also stands last.
            map.remove(variable.getName());
            map.put(variable.getName(), variable.getValue());
        }
        return map;
    }

    /** Where the instance is; without ports the address and the port are empty. */
    static Map<String, String> network(NetworkInfo network) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("CF_INSTANCE_IP", network.externalAddress());
        environment.put("CF_INSTANCE_INTERNAL_IP", network.containerAddress());
        List<Map<String, Integer>> ports = new ArrayList<>();
        for (PortMapping mapping : network.ports()) {
            Map<String, Integer> port = new LinkedHashMap<>();
            if (mapping.hostPort() > 0) {
                port.put("external", mapping.hostPort());
            }
            port.put("internal", mapping.listenPort());
            ports.add(port);
        }
        int first = network.ports().isEmpty() ? 0 : network.ports().getFirst().hostPort();
        environment.put("CF_INSTANCE_PORT", first > 0 ? Integer.toString(first) : "");
        environment.put("CF_INSTANCE_ADDR", first > 0 ? network.externalAddress() + ":" + first : "");
        environment.put("CF_INSTANCE_PORTS", Json.text(ports));
        return environment;
    }
}
