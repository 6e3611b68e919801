package org.cupola.routeemitter;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cupola.protocol.routing.RouteOptions;
import org.cupola.routeemitter.Desired.HttpRoute;
import org.cupola.routeemitter.Desired.InternalRoute;
import org.cupola.routeemitter.Desired.MetricTag;
import org.cupola.routeemitter.Desired.Routes;
import org.cupola.routeemitter.Desired.TcpRoute;
import org.cupola.routeemitter.Instance.PortMapping;
import org.cupola.routeemitter.Instance.PreferredAddress;
import org.cupola.routeemitter.Instance.Presence;
import org.cupola.routeemitter.Instance.State;

/** Makes the records that tests of the core are about. */
final class Lrps {
    static final String DOMAIN = "cf-apps";

    private Lrps() {}

    /** Changeable on purpose: a test says only what differs. */
    static final class DesiredBuilder {
        String guid = "app";
        String domain = DOMAIN;
        String logGuid = "log";
        int instances = 3;
        ModificationTag tag = new ModificationTag("desired", 0);
        Map<String, MetricTag> tags = Map.of();
        final List<HttpRoute> http = new ArrayList<>();
        final List<TcpRoute> tcp = new ArrayList<>();
        final List<InternalRoute> internal = new ArrayList<>();

        DesiredBuilder guid(String value) {
            guid = value;
            return this;
        }

        DesiredBuilder instances(int value) {
            instances = value;
            return this;
        }

        DesiredBuilder version(int index) {
            tag = new ModificationTag("desired", index);
            return this;
        }

        DesiredBuilder epoch(String epoch) {
            tag = new ModificationTag(epoch, 0);
            return this;
        }

        DesiredBuilder tags(Map<String, MetricTag> value) {
            tags = value;
            return this;
        }

        DesiredBuilder logGuid(String value) {
            logGuid = value;
            return this;
        }

        DesiredBuilder http(String... hostnames) {
            for (String hostname : hostnames) {
                http.add(new HttpRoute(hostname, 8080, "", "", "", RouteOptions.NONE));
            }
            return this;
        }

        DesiredBuilder http(HttpRoute route) {
            http.add(route);
            return this;
        }

        DesiredBuilder tcp(int externalPort) {
            tcp.add(new TcpRoute("group", externalPort, 8080, null, false, false));
            return this;
        }

        DesiredBuilder internal(String hostname) {
            internal.add(new InternalRoute(hostname));
            return this;
        }

        Desired build() {
            return new Desired(guid, domain, logGuid, instances, tag, tags, new Routes(http, tcp, internal));
        }

        LrpEvent set() {
            return new LrpEvent.DesiredSet(build());
        }

        LrpEvent removed() {
            return new LrpEvent.DesiredRemoved(build());
        }
    }

    static DesiredBuilder desired() {
        return new DesiredBuilder();
    }

    /** As {@link DesiredBuilder}. */
    static final class InstanceBuilder {
        String guid = "app";
        final int index;
        String instanceGuid;
        State state = State.RUNNING;
        Presence presence = Presence.ORDINARY;
        boolean routable = true;
        PreferredAddress preferred = PreferredAddress.UNKNOWN;
        List<PortMapping> ports;
        ModificationTag tag = new ModificationTag("instance", 0);
        long since = 1_000;

        private InstanceBuilder(int index) {
            this.index = index;
            this.instanceGuid = "instance-" + index;
            this.ports = List.of(new PortMapping(8080, 61_000 + index, 61_001, 62_000 + index));
        }

        InstanceBuilder of(String processGuid) {
            guid = processGuid;
            return this;
        }

        InstanceBuilder named(String value) {
            instanceGuid = value;
            return this;
        }

        InstanceBuilder down() {
            state = State.OTHER;
            return this;
        }

        InstanceBuilder presence(Presence value) {
            presence = value;
            return this;
        }

        InstanceBuilder unroutable() {
            routable = false;
            return this;
        }

        InstanceBuilder preferred(PreferredAddress value) {
            preferred = value;
            return this;
        }

        InstanceBuilder ports(PortMapping... value) {
            ports = List.of(value);
            return this;
        }

        InstanceBuilder version(int tagIndex) {
            tag = new ModificationTag("instance", tagIndex);
            return this;
        }

        Instance build() {
            return new Instance(
                    guid,
                    index,
                    DOMAIN,
                    instanceGuid,
                    state,
                    presence,
                    routable,
                    "10.0.0.1",
                    "10.255.0." + (index + 1),
                    preferred,
                    ports,
                    since,
                    tag,
                    "az1");
        }

        LrpEvent created() {
            return new LrpEvent.InstanceCreated(build());
        }

        LrpEvent removed() {
            return new LrpEvent.InstanceRemoved(build());
        }

        LrpEvent from(InstanceBuilder before) {
            return new LrpEvent.InstanceChanged(before.build(), build());
        }
    }

    static InstanceBuilder instance(int index) {
        return new InstanceBuilder(index);
    }
}
