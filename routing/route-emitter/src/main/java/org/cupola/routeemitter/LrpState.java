package org.cupola.routeemitter;

import java.util.HashMap;
import java.util.Map;
import org.cupola.routeemitter.LrpEvent.DesiredRemoved;
import org.cupola.routeemitter.LrpEvent.DesiredSet;
import org.cupola.routeemitter.LrpEvent.InstanceChanged;
import org.cupola.routeemitter.LrpEvent.InstanceCreated;
import org.cupola.routeemitter.LrpEvent.InstanceRemoved;

/**
 * What the BBS said, by process. Modification tags decide whether an event is news, so events may come late, twice, or
 * beside a list that already contains them. Confined to one thread.
 */
final class LrpState {
    private final Map<String, ProcessRoutes> processes = new HashMap<>();

    Map<String, ProcessRoutes> processes() {
        return processes;
    }

    ProcessRoutes get(String processGuid) {
        return processes.getOrDefault(processGuid, ProcessRoutes.NOTHING);
    }

    void put(String processGuid, ProcessRoutes process) {
        if (process.isEmpty()) {
            processes.remove(processGuid);
        } else {
            processes.put(processGuid, process);
        }
    }

    /** Leaves the process as it was when the event is old or has no effect. */
    void apply(LrpEvent event) {
        ProcessRoutes before = get(event.processGuid());
        ProcessRoutes after = switch (event) {
            case DesiredSet(Desired desired) -> set(before, desired);
            case DesiredRemoved(Desired desired) -> remove(before, desired);
            case InstanceCreated(Instance instance) -> instance.takesTraffic() ? add(before, instance) : before;
            case InstanceChanged(Instance was, Instance is) -> change(before, was, is);
            case InstanceRemoved(Instance instance) -> remove(before, instance.key(), instance.tag());
        };
        put(event.processGuid(), after);
    }

    private static ProcessRoutes set(ProcessRoutes process, Desired desired) {
        return process.desiredTag().isSucceededBy(desired.tag()) ? process.withDesired(desired) : process;
    }

    private static ProcessRoutes remove(ProcessRoutes process, Desired desired) {
        return process.desired() != null && process.desiredTag().equalsOrIsSucceededBy(desired.tag())
                ? process.withoutDesired(desired.tag())
                : process;
    }

    /** The twin record goes with the same step when evacuation begins, so that the route never blinks. */
    private static ProcessRoutes change(ProcessRoutes process, Instance before, Instance after) {
        if (!after.takesTraffic()) {
            return remove(remove(process, before.key(), after.tag()), after.key(), after.tag());
        }
        ProcessRoutes added = add(process, after);
        return before.key().equals(after.key()) ? added : remove(added, before.key(), after.tag());
    }

    private static ProcessRoutes add(ProcessRoutes process, Instance instance) {
        Instance known = process.instances().get(instance.key());
        return known == null || known.tag().isSucceededBy(instance.tag()) ? process.with(instance) : process;
    }

    private static ProcessRoutes remove(ProcessRoutes process, Instance.Key key, ModificationTag tag) {
        Instance known = process.instances().get(key);
        return known != null && known.tag().equalsOrIsSucceededBy(tag) ? process.without(key) : process;
    }
}
