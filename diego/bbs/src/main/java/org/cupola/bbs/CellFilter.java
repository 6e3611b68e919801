package org.cupola.bbs;

import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPGroup;

/** Which events a stream for one cell carries: all of desired LRPs, of instances those on the cell. */
final class CellFilter {
    private CellFilter() {}

    static boolean concerns(BbsEvent event, String cellId) {
        return switch (event) {
            case BbsEvent.InstanceCreated(var created) -> isOn(created.getActualLrp(), cellId);
            case BbsEvent.InstanceChanged(var changed) ->
                changed.getActualLrpInstanceKey().getCellId().equals(cellId);
            case BbsEvent.InstanceRemoved(var removed) -> isOn(removed.getActualLrp(), cellId);
            case BbsEvent.ActualLrpCrashed(var crashed) ->
                crashed.getActualLrpInstanceKey().getCellId().equals(cellId);
            case BbsEvent.GroupCreated(var created) -> isOn(resolved(created.getActualLrpGroup()), cellId);
            case BbsEvent.GroupChanged(var changed) ->
                isOn(resolved(changed.getBefore()), cellId) || isOn(resolved(changed.getAfter()), cellId);
            case BbsEvent.GroupRemoved(var removed) -> isOn(resolved(removed.getActualLrpGroup()), cellId);
            case BbsEvent.DesiredLrpCreated _,
                    BbsEvent.DesiredLrpChanged _,
                    BbsEvent.DesiredLrpRemoved _,
                    BbsEvent.TaskCreated _,
                    BbsEvent.TaskChanged _,
                    BbsEvent.TaskRemoved _ -> true;
        };
    }

    private static ActualLRP resolved(ActualLRPGroup group) {
        boolean settled = Instances.is(group.getInstance(), Instances.RUNNING)
                || Instances.is(group.getInstance(), Instances.CRASHED);
        return settled || !group.hasEvacuating() ? group.getInstance() : group.getEvacuating();
    }

    private static boolean isOn(ActualLRP row, String cellId) {
        return row.getActualLrpInstanceKey().getCellId().equals(cellId);
    }
}
