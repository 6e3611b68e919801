package org.cupola.cloudcontroller;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPLifecycleResponse;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.cupola.protocol.bbs.proto.ActualLRPsByProcessGuidsRequest;
import org.cupola.protocol.bbs.proto.ActualLRPsByProcessGuidsResponse;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;
import org.cupola.protocol.bbs.proto.ActualLRPsResponse;
import org.cupola.protocol.bbs.proto.DesireLRPRequest;
import org.cupola.protocol.bbs.proto.DesireTaskRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPKey;
import org.cupola.protocol.bbs.proto.DesiredLRPLifecycleResponse;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfo;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfosResponse;
import org.cupola.protocol.bbs.proto.DesiredLRPUpdate;
import org.cupola.protocol.bbs.proto.Error;
import org.cupola.protocol.bbs.proto.PortMapping;
import org.cupola.protocol.bbs.proto.RemoveDesiredLRPRequest;
import org.cupola.protocol.bbs.proto.RetireActualLRPRequest;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TaskDefinition;
import org.cupola.protocol.bbs.proto.TaskGuidRequest;
import org.cupola.protocol.bbs.proto.TaskLifecycleResponse;
import org.cupola.protocol.bbs.proto.TasksResponse;
import org.cupola.protocol.bbs.proto.UpdateDesiredLRPRequest;
import org.cupola.protocol.bbs.proto.UpsertDomainRequest;
import org.cupola.protocol.bbs.proto.UpsertDomainResponse;

/** A BBS that keeps what it is told in memory and pretends that everything desired runs. */
final class TestBbs implements AutoCloseable {
    private static final MediaType PROTOBUF = MediaType.create("application", "x-protobuf");

    final Map<String, DesiredLRP> desired = new ConcurrentHashMap<>();
    final List<String> freshDomains = new CopyOnWriteArrayList<>();
    final Map<String, TaskDefinition> tasks = new ConcurrentHashMap<>();
    final List<String> cancelledTasks = new CopyOnWriteArrayList<>();
    final List<String> retired = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private volatile boolean running = true;
    private volatile boolean failing;

    /** What is done with one request's bytes. */
    private interface Handler {
        Message handle(byte[] request) throws InvalidProtocolBufferException;
    }

    TestBbs() throws Exception {
        server = new HttpServer(
                "test-bbs",
                HttpListener.plain(new InetSocketAddress("127.0.0.1", 0)),
                builder -> builder.service("/v1/desired_lrp/desire.r2", serve(this::desire))
                        .service("/v1/desired_lrp/update", serve(this::update))
                        .service("/v1/desired_lrp/remove", serve(this::remove))
                        .service("/v1/desired_lrp_scheduling_infos/list", serve(_ -> schedulingInfos()))
                        .service("/v1/actual_lrps/list", serve(this::actual))
                        .service("/v1/actual_lrps/list_by_process_guids", serve(this::actualByGuids))
                        .service("/v1/actual_lrps/retire", serve(this::retire))
                        .service("/v1/tasks/desire.r2", serve(this::desireTask))
                        .service("/v1/tasks/cancel", serve(this::cancelTask))
                        .service("/v1/tasks/list.r3", serve(_ -> listTasks()))
                        .service("/v1/domains/upsert", serve(this::upsert)));
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.port();
    }

    /** Whether desired instances are reported as running; otherwise none is there at all. */
    void instancesRun(boolean run) {
        running = run;
    }

    /** Lets all requests fail. */
    void fail(boolean fails) {
        failing = fails;
    }

    private BlockingService serve(Handler handler) {
        return new BlockingService((_, request) -> {
            if (failing) {
                return HttpResponse.of(HttpStatus.SERVICE_UNAVAILABLE);
            }
            return HttpResponse.of(
                    HttpStatus.OK,
                    PROTOBUF,
                    HttpData.wrap(handler.handle(request.content().array()).toByteArray()));
        });
    }

    private Message desire(byte[] request) throws InvalidProtocolBufferException {
        DesiredLRP lrp = DesireLRPRequest.parseFrom(request).getDesiredLrp();
        return desired.putIfAbsent(lrp.getProcessGuid(), lrp) == null
                ? DesiredLRPLifecycleResponse.getDefaultInstance()
                : DesiredLRPLifecycleResponse.newBuilder()
                        .setError(error(Error.Type.ResourceExists))
                        .build();
    }

    private Message update(byte[] request) throws InvalidProtocolBufferException {
        UpdateDesiredLRPRequest update = UpdateDesiredLRPRequest.parseFrom(request);
        DesiredLRPUpdate change = update.getUpdate();
        DesiredLRP updated = desired.computeIfPresent(update.getProcessGuid(), (_, lrp) -> {
            DesiredLRP.Builder builder = lrp.toBuilder();
            if (change.hasInstances()) {
                builder.setInstances(change.getInstances());
            }
            if (change.hasAnnotation()) {
                builder.setAnnotation(change.getAnnotation());
            }
            if (change.hasRoutes()) {
                builder.setRoutes(change.getRoutes());
            }
            return builder.build();
        });
        return updated == null ? notFound() : DesiredLRPLifecycleResponse.getDefaultInstance();
    }

    private Message remove(byte[] request) throws InvalidProtocolBufferException {
        String guid = RemoveDesiredLRPRequest.parseFrom(request).getProcessGuid();
        return desired.remove(guid) == null ? notFound() : DesiredLRPLifecycleResponse.getDefaultInstance();
    }

    private static Message notFound() {
        return DesiredLRPLifecycleResponse.newBuilder()
                .setError(error(Error.Type.ResourceNotFound))
                .build();
    }

    private static Error error(Error.Type type) {
        return Error.newBuilder().setType(type).setMessage(type.name()).build();
    }

    private Message schedulingInfos() {
        DesiredLRPSchedulingInfosResponse.Builder response = DesiredLRPSchedulingInfosResponse.newBuilder();
        desired.values()
                .forEach(lrp -> response.addDesiredLrpSchedulingInfos(DesiredLRPSchedulingInfo.newBuilder()
                        .setDesiredLrpKey(DesiredLRPKey.newBuilder()
                                .setProcessGuid(lrp.getProcessGuid())
                                .setDomain(lrp.getDomain()))
                        .setAnnotation(lrp.getAnnotation())
                        .setInstances(lrp.getInstances())
                        .setRoutes(lrp.getRoutes())));
        return response.build();
    }

    private Message actual(byte[] request) throws InvalidProtocolBufferException {
        return ActualLRPsResponse.newBuilder()
                .addAllActualLrps(instances(ActualLRPsRequest.parseFrom(request).getProcessGuid()))
                .build();
    }

    private Message actualByGuids(byte[] request) throws InvalidProtocolBufferException {
        ActualLRPsByProcessGuidsResponse.Builder response = ActualLRPsByProcessGuidsResponse.newBuilder();
        ActualLRPsByProcessGuidsRequest.parseFrom(request)
                .getProcessGuidsList()
                .forEach(guid -> response.addAllActualLrps(instances(guid)));
        return response.build();
    }

    private List<ActualLRP> instances(String processGuid) {
        List<ActualLRP> instances = new ArrayList<>();
        DesiredLRP lrp = desired.get(processGuid);
        for (int index = 0; running && lrp != null && index < lrp.getInstances(); index++) {
            instances.add(ActualLRP.newBuilder()
                    .setActualLrpKey(ActualLRPKey.newBuilder()
                            .setProcessGuid(processGuid)
                            .setIndex(index)
                            .setDomain(lrp.getDomain()))
                    .setActualLrpInstanceKey(ActualLRPInstanceKey.newBuilder()
                            .setInstanceGuid("instance-" + index)
                            .setCellId("cell-1"))
                    .setActualLrpNetInfo(ActualLRPNetInfo.newBuilder()
                            .setAddress("10.0.0.1")
                            .setInstanceAddress("10.255.0.1")
                            .addPorts(PortMapping.newBuilder()
                                    .setContainerPort(8080)
                                    .setHostPort(61_000 + index)))
                    .setState("RUNNING")
                    .setRoutable(true)
                    .setSince(System.currentTimeMillis() * 1_000_000)
                    .build());
        }
        return instances;
    }

    private Message retire(byte[] request) throws InvalidProtocolBufferException {
        ActualLRPKey key = RetireActualLRPRequest.parseFrom(request).getActualLrpKey();
        retired.add(key.getProcessGuid() + "/" + key.getIndex());
        return ActualLRPLifecycleResponse.getDefaultInstance();
    }

    private Message upsert(byte[] request) throws InvalidProtocolBufferException {
        UpsertDomainRequest domain = UpsertDomainRequest.parseFrom(request);
        freshDomains.add(domain.getDomain() + ":" + domain.getTtl());
        return UpsertDomainResponse.getDefaultInstance();
    }

    private Message desireTask(byte[] request) throws InvalidProtocolBufferException {
        DesireTaskRequest desire = DesireTaskRequest.parseFrom(request);
        tasks.put(desire.getTaskGuid(), desire.getTaskDefinition());
        return TaskLifecycleResponse.getDefaultInstance();
    }

    private Message cancelTask(byte[] request) throws InvalidProtocolBufferException {
        cancelledTasks.add(TaskGuidRequest.parseFrom(request).getTaskGuid());
        return TaskLifecycleResponse.getDefaultInstance();
    }

    private Message listTasks() {
        TasksResponse.Builder response = TasksResponse.newBuilder();
        tasks.keySet().forEach(guid -> response.addTasks(Task.newBuilder().setTaskGuid(guid)));
        return response.build();
    }

    /** The only desired LRP there is. */
    DesiredLRP only() {
        if (desired.size() != 1) {
            throw new AssertionError("desired: " + new TreeMap<>(desired).keySet() + " (expected: one)");
        }
        return desired.values().iterator().next();
    }

    @Override
    public void close() {
        server.close();
    }
}
