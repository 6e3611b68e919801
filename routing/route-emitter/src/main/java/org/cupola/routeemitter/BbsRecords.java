package org.cupola.routeemitter;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInfo;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceChangedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.routeemitter.Desired.MetricTag;
import org.cupola.routeemitter.Instance.PortMapping;
import org.cupola.routeemitter.Instance.PreferredAddress;
import org.cupola.routeemitter.Instance.Presence;
import org.cupola.routeemitter.Instance.State;

/** Takes from the BBS's messages what routing needs. Stateless. */
final class BbsRecords {
    private static final String RUNNING = "RUNNING";

    private BbsRecords() {}

    /** Empty for an event that says nothing about routes. */
    static Optional<LrpEvent> event(BbsEvent event) {
        return switch (event) {
            case BbsEvent.DesiredLrpCreated created ->
                Optional.of(new LrpEvent.DesiredSet(desired(created.message().getDesiredLrp())));
            case BbsEvent.DesiredLrpChanged changed ->
                Optional.of(new LrpEvent.DesiredSet(desired(changed.message().getAfter())));
            case BbsEvent.DesiredLrpRemoved removed ->
                Optional.of(
                        new LrpEvent.DesiredRemoved(desired(removed.message().getDesiredLrp())));
            case BbsEvent.InstanceCreated created ->
                Optional.of(
                        new LrpEvent.InstanceCreated(instance(created.message().getActualLrp())));
            case BbsEvent.InstanceChanged changed -> Optional.of(changed(changed.message()));
            case BbsEvent.InstanceRemoved removed ->
                Optional.of(
                        new LrpEvent.InstanceRemoved(instance(removed.message().getActualLrp())));
            case BbsEvent.ActualLrpCrashed _,
                    BbsEvent.GroupCreated _,
                    BbsEvent.GroupChanged _,
                    BbsEvent.GroupRemoved _,
                    BbsEvent.TaskCreated _,
                    BbsEvent.TaskChanged _,
                    BbsEvent.TaskRemoved _ -> Optional.empty();
        };
    }

    static Desired desired(DesiredLRP lrp) {
        Map<String, MetricTag> tags = new HashMap<>();
        lrp.getMetricTagsMap().forEach((name, value) -> tags.put(name, metricTag(value)));
        return new Desired(
                lrp.getProcessGuid(),
                lrp.getDomain(),
                lrp.getLogGuid(),
                lrp.getInstances(),
                tag(lrp.getModificationTag()),
                tags,
                RouteParser.parse(lrp.getProcessGuid(), lrp.getRoutes().getRoutesMap()));
    }

    static Instance instance(ActualLRP lrp) {
        return instance(
                lrp.getActualLrpKey(),
                lrp.getActualLrpInstanceKey(),
                lrp.getState(),
                lrp.getPresence(),
                !lrp.hasRoutable() || lrp.getRoutable(),
                lrp.getActualLrpNetInfo(),
                lrp.getSince(),
                tag(lrp.getModificationTag()),
                lrp.getAvailabilityZone());
    }

    private static LrpEvent changed(ActualLRPInstanceChangedEvent event) {
        return new LrpEvent.InstanceChanged(
                instance(event.getActualLrpKey(), event.getActualLrpInstanceKey(), event.getBefore()),
                instance(event.getActualLrpKey(), event.getActualLrpInstanceKey(), event.getAfter()));
    }

    private static Instance instance(ActualLRPKey key, ActualLRPInstanceKey instanceKey, ActualLRPInfo info) {
        return instance(
                key,
                instanceKey,
                info.getState(),
                info.getPresence(),
                !info.hasRoutable() || info.getRoutable(),
                info.getActualLrpNetInfo(),
                info.getSince(),
                tag(info.getModificationTag()),
                info.getAvailabilityZone());
    }

    private static Instance instance(
            ActualLRPKey key,
            ActualLRPInstanceKey instanceKey,
            String state,
            ActualLRP.Presence presence,
            boolean routable,
            ActualLRPNetInfo network,
            long since,
            ModificationTag tag,
            String availabilityZone) {
        List<PortMapping> ports = network.getPortsList().stream()
                .map(port -> new PortMapping(
                        port.getContainerPort(),
                        port.getHostPort(),
                        port.getContainerTlsProxyPort(),
                        port.getHostTlsProxyPort()))
                .toList();
        return new Instance(
                key.getProcessGuid(),
                key.getIndex(),
                key.getDomain(),
                instanceKey.getInstanceGuid(),
                state.equals(RUNNING) ? State.RUNNING : State.OTHER,
                presence(presence),
                routable,
                network.getAddress(),
                network.getInstanceAddress(),
                preferred(network.getPreferredAddress()),
                ports,
                since,
                tag,
                availabilityZone);
    }

    private static Presence presence(ActualLRP.Presence presence) {
        return switch (presence) {
            case EVACUATING -> Presence.EVACUATING;
            case SUSPECT -> Presence.SUSPECT;
            case ORDINARY, UNRECOGNIZED -> Presence.ORDINARY;
        };
    }

    private static PreferredAddress preferred(ActualLRPNetInfo.PreferredAddress preferred) {
        return switch (preferred) {
            case INSTANCE -> PreferredAddress.INSTANCE;
            case HOST -> PreferredAddress.HOST;
            case UNKNOWN, UNRECOGNIZED -> PreferredAddress.UNKNOWN;
        };
    }

    private static MetricTag metricTag(MetricTagValue value) {
        return switch (value.getDynamic()) {
            case INDEX -> new MetricTag.Index();
            case INSTANCE_GUID -> new MetricTag.InstanceGuid();
            case DynamicValueInvalid, UNRECOGNIZED -> new MetricTag.Fixed(value.getStatic());
        };
    }

    private static ModificationTag tag(org.cupola.protocol.bbs.proto.ModificationTag tag) {
        return new ModificationTag(tag.getEpoch(), tag.getIndex());
    }
}
