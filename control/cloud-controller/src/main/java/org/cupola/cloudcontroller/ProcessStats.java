package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpStatus;
import java.io.IOException;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.cupola.protocol.bbs.proto.PortMapping;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What each instance of a process does now: {@code …/stats}, {@code …/process_instances}, {@code …/instances/:index}. */
final class ProcessStats {
    private static final Logger log = LoggerFactory.getLogger(ProcessStats.class);
    private static final long MB = 1024 * 1024;

    private final Store store;
    private final Urls urls;
    private final LrpInstances instances;
    private final InstanceUsage usage;
    private final int fileDescriptors;

    ProcessStats(Api api, LrpInstances instances, InstanceUsage usage) {
        this.store = api.store();
        this.urls = api.urls();
        this.instances = instances;
        this.usage = usage;
        this.fileDescriptors = api.config().limits().fileDescriptors();
    }

    void register(ApiRoutes routes, Processes processes) {
        String ofApp = "/v3/apps/{guid}/processes/{type}";
        routes.get("/v3/processes/{guid}/stats", call -> stats(processes.byGuid(call)))
                .get(ofApp + "/stats", call -> stats(processes.byType(call)))
                .get("/v3/processes/{guid}/process_instances", call -> instances(processes.byGuid(call)))
                .get(ofApp + "/process_instances", call -> instances(processes.byType(call)))
                .delete("/v3/processes/{guid}/instances/{index}", call -> terminate(call, processes.byGuid(call)))
                .delete(ofApp + "/instances/{index}", call -> terminate(call, processes.byType(call)));
    }

    private Reply stats(Visible.ProcessIn in) {
        ProcessRow process = in.process();
        Map<Integer, ActualLRP> actual = instances.of(process.lrpGuid());
        long now = store.stamps.micros();
        ObjectNode document = Docs.object();
        ArrayNode resources = document.putArray("resources");
        List<String> warnings = List.of();
        if (in.app().started()) {
            Map<Integer, InstanceUsage.Usage> used = Map.of();
            if (!actual.isEmpty()) {
                try {
                    used = usage.of(in.app().guid(), process.guid());
                } catch (IOException e) {
                    log.atWarn().addKeyValue("error", e.getMessage()).log("usage-unavailable");
                    warnings = List.of("Stats server temporarily unavailable.");
                }
            }
            for (int index = 0; index < process.instances(); index++) {
                ActualLRP lrp = actual.get(index);
                if (lrp == null) {
                    resources.add(missing(process, index, "DOWN"));
                    continue;
                }
                ObjectNode one = running(process, lrp, now);
                if (warnings.isEmpty()) {
                    put(one, used.getOrDefault(index, InstanceUsage.Usage.ZERO), now);
                } else {
                    one.putNull("mem_quota").putNull("disk_quota").putNull("log_rate_limit");
                    one.putObject("usage");
                }
                resources.add(one);
            }
        } else if (actual.isEmpty()) {
            for (int index = 0; index < process.instances(); index++) {
                resources.add(missing(process, index, "DOWN"));
            }
        } else {
            actual.keySet().forEach(index -> resources.add(missing(process, index, "STOPPING")));
        }
        return Reply.ok(document).withWarnings(warnings);
    }

    private static ObjectNode missing(ProcessRow process, int index, String state) {
        return Docs.object()
                .put("type", process.type())
                .put("index", index)
                .put("state", state)
                .put("routable", false)
                .put("uptime", 0)
                .putNull("isolation_segment")
                .putNull("details");
    }

    private ObjectNode running(ProcessRow process, ActualLRP lrp, long nowMicros) {
        ActualLRPNetInfo net = lrp.getActualLrpNetInfo();
        ObjectNode document = Docs.object()
                .put("type", process.type())
                .put("index", lrp.getActualLrpKey().getIndex())
                .put("instance_guid", lrp.getActualLrpInstanceKey().getInstanceGuid())
                .put("state", LrpInstances.state(lrp));
        if (lrp.hasRoutable()) {
            document.put("routable", lrp.getRoutable());
        } else {
            document.putNull("routable");
        }
        document.put("host", net.getAddress())
                .put("instance_internal_ip", net.getInstanceAddress())
                .put("uptime", Math.max(0, (nowMicros * 1000 - lrp.getSince()) / 1_000_000_000L))
                .put("mem_quota", process.memoryMb() * MB)
                .put("disk_quota", process.diskMb() * MB)
                .put("log_rate_limit", process.logRate())
                .put("fds_quota", fileDescriptors)
                .putNull("isolation_segment");
        String details = lrp.getState().equals("CRASHED") ? lrp.getCrashReason() : lrp.getPlacementError();
        document.put("details", details.isEmpty() ? null : details);
        ArrayNode ports = document.putArray("instance_ports");
        net.getPortsList().forEach(port -> ports.add(port(port)));
        return document;
    }

    private static void put(ObjectNode instance, InstanceUsage.Usage used, long nowMicros) {
        instance.putObject("usage")
                .put("time", DateTimeFormatter.ISO_INSTANT.format(Stamp.instant(nowMicros)))
                .put("cpu", used.cpu())
                .put("cpu_entitlement", used.cpuEntitlement())
                .put("mem", used.memoryBytes())
                .put("disk", used.diskBytes())
                .put("log_rate", used.logRate());
    }

    private static ObjectNode port(PortMapping mapping) {
        ObjectNode port =
                Docs.object().put("external", mapping.getHostPort()).put("internal", mapping.getContainerPort());
        putPort(port, "external_tls_proxy_port", mapping.getHostTlsProxyPort());
        putPort(port, "internal_tls_proxy_port", mapping.getContainerTlsProxyPort());
        return port;
    }

    private static void putPort(ObjectNode node, String key, int port) {
        if (port == 0) {
            node.putNull(key);
        } else {
            node.put(key, port);
        }
    }

    private Reply instances(Visible.ProcessIn in) {
        ObjectNode found = instances(List.of(in.process())).get(in.process().guid());
        ObjectNode document = found == null ? Docs.object() : found;
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/processes/" + in.process().guid() + "/process_instances"));
        links.set("process", urls.link("/processes/" + in.process().guid()));
        return Reply.ok(document);
    }

    /** By process guid, with one request to the BBS for many processes. */
    Map<String, ObjectNode> instances(List<ProcessRow> processes) {
        Set<String> started = startedApps(processes);
        Map<String, Map<Integer, ActualLRP>> actual = instances.of(processes.stream()
                .filter(process -> started.contains(process.appGuid()))
                .map(ProcessRow::lrpGuid)
                .toList());
        long now = store.stamps.micros();
        Map<String, ObjectNode> documents = new HashMap<>();
        for (ProcessRow process : processes) {
            ObjectNode document = Docs.object();
            ArrayNode resources = document.putArray("resources");
            Map<Integer, ActualLRP> ofProcess = actual.getOrDefault(process.lrpGuid(), Map.of());
            for (int index = 0; index < process.instances(); index++) {
                ActualLRP lrp = ofProcess.get(index);
                ObjectNode instance = resources.addObject().put("index", index);
                if (lrp == null) {
                    instance.put("state", "DOWN").putNull("since");
                } else {
                    instance.put("state", LrpInstances.state(lrp))
                            .put("since", Math.max(0, (now * 1000 - lrp.getSince()) / 1_000_000_000L));
                }
            }
            documents.put(process.guid(), document);
        }
        return documents;
    }

    private Set<String> startedApps(List<ProcessRow> processes) {
        Set<String> guids = new HashSet<>();
        processes.forEach(process -> guids.add(process.appGuid()));
        Set<String> started = new HashSet<>();
        store.database.read(dsl -> store.apps.table.all(dsl, guids)).forEach(app -> {
            if (app.started()) {
                started.add(app.guid());
            }
        });
        return started;
    }

    private Reply terminate(Call call, Visible.ProcessIn in) {
        call.permissions().requireManage(in.space());
        String text = call.parameter("index");
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) >= in.process().instances()) {
            throw ApiException.notFound("Instance");
        }
        instances.retire(in.process().lrpGuid(), Integer.parseInt(text));
        store.database.writeVoid(dsl -> store.events.record(
                dsl,
                call.caller(),
                "audit.app.process.terminate_instance",
                AuditEvents.Party.of(in.app()),
                in.space(),
                Docs.object()
                        .put("process_guid", in.process().guid())
                        .put("process_type", in.process().type())
                        .put("process_index", Integer.parseInt(text))));
        return Reply.empty(HttpStatus.NO_CONTENT);
    }
}
