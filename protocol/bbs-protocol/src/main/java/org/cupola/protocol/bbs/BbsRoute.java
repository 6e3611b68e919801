package org.cupola.protocol.bbs;

/** The BBS's paths; a name ending in {@code _Rn} is that revision, one without is revision 0. */
public enum BbsRoute {
    PING("Ping", "/v1/ping"),
    DOMAINS("Domains", "/v1/domains/list"),
    UPSERT_DOMAIN("UpsertDomain", "/v1/domains/upsert"),
    CELLS("Cells", "/v1/cells/list.r1"),

    ACTUAL_LRPS("ActualLRPs", "/v1/actual_lrps/list"),
    ACTUAL_LRPS_BY_PROCESS_GUIDS("ActualLRPsByProcessGuids", "/v1/actual_lrps/list_by_process_guids"),
    ACTUAL_LRP_GROUPS("ActualLRPGroups", "/v1/actual_lrp_groups/list"),
    ACTUAL_LRP_GROUPS_BY_PROCESS_GUID("ActualLRPGroupsByProcessGuid", "/v1/actual_lrp_groups/list_by_process_guid"),
    ACTUAL_LRP_GROUP_BY_PROCESS_GUID_AND_INDEX(
            "ActualLRPGroupsByProcessGuidAndIndex", "/v1/actual_lrp_groups/get_by_process_guid_and_index"),

    CLAIM_ACTUAL_LRP("ClaimActualLRP", "/v1/actual_lrps/claim"),
    START_ACTUAL_LRP_R1("StartActualLRP_r1", "/v1/actual_lrps/start.r1"),
    START_ACTUAL_LRP("StartActualLRP", "/v1/actual_lrps/start"),
    CRASH_ACTUAL_LRP("CrashActualLRP", "/v1/actual_lrps/crash"),
    FAIL_ACTUAL_LRP("FailActualLRP", "/v1/actual_lrps/fail"),
    REMOVE_ACTUAL_LRP("RemoveActualLRP", "/v1/actual_lrps/remove"),
    RETIRE_ACTUAL_LRP("RetireActualLRP", "/v1/actual_lrps/retire"),

    REMOVE_EVACUATING_ACTUAL_LRP("RemoveEvacuatingActualLRP", "/v1/actual_lrps/remove_evacuating"),
    EVACUATE_CLAIMED_ACTUAL_LRP("EvacuateClaimedActualLRP", "/v1/actual_lrps/evacuate_claimed"),
    EVACUATE_CRASHED_ACTUAL_LRP("EvacuateCrashedActualLRP", "/v1/actual_lrps/evacuate_crashed"),
    EVACUATE_STOPPED_ACTUAL_LRP("EvacuateStoppedActualLRP", "/v1/actual_lrps/evacuate_stopped"),
    EVACUATE_RUNNING_ACTUAL_LRP_R1("EvacuateRunningActualLRP_r1", "/v1/actual_lrps/evacuate_running.r1"),
    EVACUATE_RUNNING_ACTUAL_LRP("EvacuateRunningActualLRP", "/v1/actual_lrps/evacuate_running"),

    DESIRED_LRP_SCHEDULING_INFOS("DesiredLRPSchedulingInfos", "/v1/desired_lrp_scheduling_infos/list"),
    DESIRED_LRP_SCHEDULING_INFO_BY_PROCESS_GUID(
            "DesiredLRPSchedulingInfoByProcessGuid", "/v1/desired_lrp_scheduling_infos/get_by_process_guid"),
    DESIRED_LRP_ROUTING_INFOS("DesiredLRPRoutingInfos", "/v1/desired_lrp_routing_infos/list"),
    DESIRED_LRPS_R3("DesiredLRPs_r3", "/v1/desired_lrps/list.r3"),
    DESIRED_LRP_BY_PROCESS_GUID_R3("DesiredLRPByProcessGuid_r3", "/v1/desired_lrps/get_by_process_guid.r3"),
    DESIRED_LRPS_R2("DesiredLRPs_r2", "/v1/desired_lrps/list.r2"),
    DESIRED_LRP_BY_PROCESS_GUID_R2("DesiredLRPByProcessGuid_r2", "/v1/desired_lrps/get_by_process_guid.r2"),
    DESIRE_DESIRED_LRP_R2("DesireDesiredLRP_r2", "/v1/desired_lrp/desire.r2"),
    UPDATE_DESIRED_LRP("UpdateDesireLRP", "/v1/desired_lrp/update"),
    REMOVE_DESIRED_LRP("RemoveDesiredLRP", "/v1/desired_lrp/remove"),

    TASKS_R3("Tasks_r3", "/v1/tasks/list.r3"),
    TASK_BY_GUID_R3("TaskByGuid_r3", "/v1/tasks/get_by_task_guid.r3"),
    TASKS_R2("Tasks_r2", "/v1/tasks/list.r2"),
    TASK_BY_GUID_R2("TaskByGuid_r2", "/v1/tasks/get_by_task_guid.r2"),
    DESIRE_TASK_R2("DesireTask_r2", "/v1/tasks/desire.r2"),
    START_TASK("StartTask", "/v1/tasks/start"),
    CANCEL_TASK("CancelTask", "/v1/tasks/cancel"),
    FAIL_TASK("FailTask", "/v1/tasks/fail"),
    REJECT_TASK("RejectTask", "/v1/tasks/reject"),
    COMPLETE_TASK("CompleteTask", "/v1/tasks/complete"),
    RESOLVING_TASK("ResolvingTask", "/v1/tasks/resolving"),
    DELETE_TASK("DeleteTask", "/v1/tasks/delete"),

    EVENTS_R1("EventStream_r1", "/v1/events.r1"),
    EVENTS("EventStream_r0", "/v1/events"),
    TASK_EVENTS_R1("TaskEventStream_r1", "/v1/events/tasks.r1"),
    TASK_EVENTS("TaskEventStream_r0", "/v1/events/tasks"),
    LRP_INSTANCE_EVENTS_R1("LrpInstanceEventStream_r1", "/v1/events/lrp_instances.r1"),
    LRP_INSTANCE_EVENTS("LrpInstanceEventStream_r0", "/v1/events/lrp_instances");

    private final String routeName;
    private final String path;

    BbsRoute(String routeName, String path) {
        this.routeName = routeName;
        this.path = path;
    }

    /** How logs and advanced metrics name it. */
    public String routeName() {
        return routeName;
    }

    public String path() {
        return path;
    }

    /** The two LRP-group streams are subscribed by GET; everything else is POST. */
    public boolean isGet() {
        return this == EVENTS || this == EVENTS_R1;
    }
}
