package org.cupola.bbs;

import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.cupola.protocol.bbs.proto.ActualLRPsByProcessGuidsRequest;
import org.cupola.protocol.bbs.proto.ClaimActualLRPRequest;
import org.cupola.protocol.bbs.proto.CompleteTaskRequest;
import org.cupola.protocol.bbs.proto.CrashActualLRPRequest;
import org.cupola.protocol.bbs.proto.DesireTaskRequest;
import org.cupola.protocol.bbs.proto.EvacuateCrashedActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.cupola.protocol.bbs.proto.FailActualLRPRequest;
import org.cupola.protocol.bbs.proto.FailTaskRequest;
import org.cupola.protocol.bbs.proto.RejectTaskRequest;
import org.cupola.protocol.bbs.proto.RemoveActualLRPRequest;
import org.cupola.protocol.bbs.proto.RetireActualLRPRequest;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.cupola.protocol.bbs.proto.StartTaskRequest;
import org.cupola.protocol.bbs.proto.TaskDefinition;

/** What makes the requests about instances and tasks valid. */
final class RequestRules {
    private RequestRules() {}

    static void byProcessGuids(ActualLRPsByProcessGuidsRequest request, Problems problems) {
        if (request.getProcessGuidsCount() == 0) {
            problems.add("process_guids must not be empty");
        }
    }

    static void claim(ClaimActualLRPRequest request, Problems problems) {
        problems.required(request.getProcessGuid(), "process_guid");
        instanceKey(request.hasActualLrpInstanceKey(), request.getActualLrpInstanceKey(), problems);
    }

    static void start(StartActualLRPRequest request, Problems problems) {
        key(request.hasActualLrpKey(), request.getActualLrpKey(), problems);
        instanceKey(request.hasActualLrpInstanceKey(), request.getActualLrpInstanceKey(), problems);
        netInfo(request.hasActualLrpNetInfo(), request.getActualLrpNetInfo(), problems);
    }

    static void crash(CrashActualLRPRequest request, Problems problems) {
        key(request.hasActualLrpKey(), request.getActualLrpKey(), problems);
        instanceKey(request.hasActualLrpInstanceKey(), request.getActualLrpInstanceKey(), problems);
    }

    static void fail(FailActualLRPRequest request, Problems problems) {
        key(request.hasActualLrpKey(), request.getActualLrpKey(), problems);
        problems.required(request.getErrorMessage(), "error_message");
    }

    static void remove(RemoveActualLRPRequest request, Problems problems) {
        problems.required(request.getProcessGuid(), "process_guid");
        problems.notNegative(request.getIndex(), "index");
    }

    static void retire(RetireActualLRPRequest request, Problems problems) {
        key(request.hasActualLrpKey(), request.getActualLrpKey(), problems);
    }

    static void evacuateRunning(EvacuateRunningActualLRPRequest request, Problems problems) {
        key(request.hasActualLrpKey(), request.getActualLrpKey(), problems);
        instanceKey(request.hasActualLrpInstanceKey(), request.getActualLrpInstanceKey(), problems);
        netInfo(request.hasActualLrpNetInfo(), request.getActualLrpNetInfo(), problems);
    }

    static void evacuateCrashed(EvacuateCrashedActualLRPRequest request, Problems problems) {
        keys(
                request.hasActualLrpKey(),
                request.getActualLrpKey(),
                request.hasActualLrpInstanceKey(),
                request.getActualLrpInstanceKey(),
                problems);
        problems.required(request.getErrorMessage(), "error_message");
    }

    static void keys(
            boolean hasKey, ActualLRPKey key, boolean hasInstance, ActualLRPInstanceKey instance, Problems problems) {
        key(hasKey, key, problems);
        instanceKey(hasInstance, instance, problems);
    }

    private static void key(boolean present, ActualLRPKey key, Problems problems) {
        if (!present) {
            problems.field("actual_lrp_key");
            return;
        }
        problems.required(key.getProcessGuid(), "process_guid");
        problems.notNegative(key.getIndex(), "index");
        problems.required(key.getDomain(), "domain");
    }

    private static void instanceKey(boolean present, ActualLRPInstanceKey key, Problems problems) {
        if (!present) {
            problems.field("actual_lrp_instance_key");
            return;
        }
        problems.required(key.getCellId(), "cell_id");
        problems.required(key.getInstanceGuid(), "instance_guid");
    }

    private static void netInfo(boolean present, ActualLRPNetInfo info, Problems problems) {
        if (!present) {
            problems.field("actual_lrp_net_info");
            return;
        }
        problems.required(info.getAddress(), "address");
    }

    static void desireTask(DesireTaskRequest request, Problems problems) {
        problems.guid(request.getTaskGuid(), "task_guid");
        problems.required(request.getDomain(), "domain");
        if (!request.hasTaskDefinition()) {
            problems.field("task_definition");
            return;
        }
        TaskDefinition task = request.getTaskDefinition();
        DesiredLrpRules.rootFs(task.getRootFs(), problems);
        if (task.hasAction()) {
            var inner = new Problems();
            ActionRules.check(task.getAction(), inner);
            problems.nested("action", inner);
        } else {
            problems.add("invalid action type");
        }
        problems.notNegative(task.getMemoryMb(), "memory_mb");
        problems.notNegative(task.getDiskMb(), "disk_mb");
        problems.notNegative(task.getMaxPids(), "max_pids");
        problems.fieldIf(task.getLogRateLimit().getBytesPerSecond() < -1, "log_rate_limit");
        problems.fieldIf(
                DesiredLrpRules.bytes(task.getAnnotation()) > DesiredLrpRules.MAX_ANNOTATION_BYTES, "annotation");
        task.getEgressRulesList().forEach(rule -> {
            var inner = new Problems();
            EgressRules.check(rule, inner);
            problems.fieldIf(!inner.isEmpty(), "egress_rules");
        });
        DesiredLrpRules.imageCredentials(task.getImageUsername(), task.getImagePassword(), problems);
        task.getCachedDependenciesList().forEach(dependency -> {
            var inner = new Problems();
            ActionRules.cachedDependency(dependency, inner);
            problems.nested("cached_dependency", inner);
        });
        DesiredLrpRules.layers(task.getImageLayersList(), task.getLegacyDownloadUser(), problems);
    }

    static void startTask(StartTaskRequest request, Problems problems) {
        problems.guid(request.getTaskGuid(), "task_guid");
        problems.required(request.getCellId(), "cell_id");
    }

    static void completeTask(CompleteTaskRequest request, Problems problems) {
        problems.guid(request.getTaskGuid(), "task_guid");
        problems.required(request.getCellId(), "cell_id");
    }

    static void failTask(FailTaskRequest request, Problems problems) {
        problems.required(request.getTaskGuid(), "task_guid");
        problems.required(request.getFailureReason(), "failure_reason");
    }

    static void rejectTask(RejectTaskRequest request, Problems problems) {
        problems.required(request.getTaskGuid(), "task_guid");
        problems.required(request.getRejectionReason(), "failure_reason");
    }
}
