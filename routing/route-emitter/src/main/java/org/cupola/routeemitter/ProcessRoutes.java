package org.cupola.routeemitter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.cupola.routeemitter.Association.Endpoint;
import org.cupola.routeemitter.Desired.HttpRoute;
import org.cupola.routeemitter.Desired.InternalRoute;
import org.cupola.routeemitter.Desired.TcpRoute;
import org.cupola.routeemitter.Instance.PortMapping;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one process: its desired LRP and its running instances, from which its registrations
 * follow. Immutable.
 *
 * @param desired    absent when not known yet, or deleted
 * @param desiredTag the last one seen, also of a deleted record
 */
record ProcessRoutes(@Nullable Desired desired, ModificationTag desiredTag, Map<Instance.Key, Instance> instances) {
    static final ProcessRoutes NOTHING = new ProcessRoutes(null, ModificationTag.NONE, Map.of());

    boolean isEmpty() {
        return desired == null && instances.isEmpty();
    }

    ProcessRoutes withDesired(Desired other) {
        return new ProcessRoutes(other, other.tag(), instances);
    }

    ProcessRoutes withoutDesired(ModificationTag tag) {
        return new ProcessRoutes(null, tag, instances);
    }

    ProcessRoutes with(Instance instance) {
        var changed = new LinkedHashMap<>(instances);
        changed.put(instance.key(), instance);
        return new ProcessRoutes(desired, desiredTag, changed);
    }

    ProcessRoutes without(Instance.Key key) {
        var changed = new LinkedHashMap<>(instances);
        changed.remove(key);
        return new ProcessRoutes(desired, desiredTag, changed);
    }

    /** By identity, so that the two records of an evacuating instance count once. */
    Map<Object, Association.Http> http(Addressing addressing) {
        if (desired == null || desired.routes().http().isEmpty()) {
            return Map.of();
        }
        Map<Object, Association.Http> found = new LinkedHashMap<>();
        for (Instance instance : wanted(desired)) {
            Map<String, String> tags = tags(desired, instance);
            for (HttpRoute route : desired.routes().http()) {
                Endpoint endpoint = addressing.endpoint(instance, route.containerPort());
                if (endpoint != null) {
                    var http = new Association.Http(route, desired.logGuid(), endpoint, tags, instance.sinceNanos());
                    found.put(http.identity(), http);
                }
            }
        }
        return found;
    }

    Map<Object, Association.Tcp> tcp(Addressing addressing) {
        if (desired == null || desired.routes().tcp().isEmpty()) {
            return Map.of();
        }
        Map<Object, Association.Tcp> found = new LinkedHashMap<>();
        for (Instance instance : wanted(desired)) {
            for (TcpRoute route : desired.routes().tcp()) {
                Endpoint endpoint = addressing.endpoint(instance, route.containerPort());
                if (endpoint != null) {
                    var tcp = addressing.tcp(route, endpoint);
                    found.put(tcp.identity(), tcp);
                }
            }
        }
        return found;
    }

    Map<Object, Association.Internal> internal() {
        if (desired == null || desired.routes().internal().isEmpty()) {
            return Map.of();
        }
        Map<Object, Association.Internal> found = new LinkedHashMap<>();
        for (Instance instance : wanted(desired)) {
            for (InternalRoute route : desired.routes().internal()) {
                var internal = new Association.Internal(
                        route.hostname(),
                        desired.logGuid(),
                        instance.instanceGuid(),
                        instance.index(),
                        instance.containerAddress(),
                        instance.sinceNanos());
                found.put(internal.identity(), internal);
            }
        }
        return found;
    }

    private List<Instance> wanted(Desired desired) {
        List<Instance> wanted = new ArrayList<>(instances.size());
        for (Instance instance : instances.values()) {
            if (instance.index() < desired.instances()) {
                wanted.add(instance);
            }
        }
        return wanted;
    }

    private static Map<String, String> tags(Desired desired, Instance instance) {
        Map<String, String> tags = new TreeMap<>();
        desired.metricTags().forEach((name, tag) -> tags.put(name, tag.resolve(instance)));
        tags.put("component", "route-emitter");
        return tags;
    }

    /**
     * How instances are addressed where neither they nor their routes say it.
     *
     * @param directByDefault container addresses for instances that state no preference
     * @param tcpTls          whether TCP mappings carry the TLS port and the instance guid
     */
    record Addressing(boolean directByDefault, boolean tcpTls) {
        /** The first mapping of a container port counts: further ones are for other callers than routers. */
        @Nullable
        Endpoint endpoint(Instance instance, int containerPort) {
            for (PortMapping mapping : instance.ports()) {
                if (mapping.containerPort() == containerPort) {
                    return endpoint(instance, mapping);
                }
            }
            return null;
        }

        private Endpoint endpoint(Instance instance, PortMapping mapping) {
            boolean direct = switch (instance.preferredAddress()) {
                case INSTANCE -> true;
                case HOST -> false;
                case UNKNOWN -> directByDefault;
            };
            return new Endpoint(
                    instance.instanceGuid(),
                    instance.index(),
                    direct ? instance.containerAddress() : instance.hostAddress(),
                    direct ? mapping.containerPort() : mapping.hostPort(),
                    direct ? mapping.containerTlsPort() : mapping.hostTlsPort(),
                    direct,
                    mapping.containerPort(),
                    instance.availabilityZone());
        }

        /** −1 tells the router that TLS is off on purpose; 0 that the instance has no TLS port. */
        Association.Tcp tcp(TcpRoute route, Endpoint endpoint) {
            return new Association.Tcp(
                    route, endpoint, tcpTls ? endpoint.tlsPort() : -1, tcpTls ? endpoint.instanceGuid() : "");
        }
    }
}
