package org.cupola.rep;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.testing.TestCertificates;
import org.cupola.protocol.bbs.BbsRoute;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPLifecycleResponse;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;
import org.cupola.protocol.bbs.proto.ActualLRPsResponse;
import org.cupola.protocol.bbs.proto.ClaimActualLRPRequest;
import org.cupola.protocol.bbs.proto.CompleteTaskRequest;
import org.cupola.protocol.bbs.proto.CrashActualLRPRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPByProcessGuidRequest;
import org.cupola.protocol.bbs.proto.DesiredLRPResponse;
import org.cupola.protocol.bbs.proto.EvacuateClaimedActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuationResponse;
import org.cupola.protocol.bbs.proto.RemoveActualLRPRequest;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.cupola.protocol.bbs.proto.StartTaskRequest;
import org.cupola.protocol.bbs.proto.StartTaskResponse;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TaskByGuidRequest;
import org.cupola.protocol.bbs.proto.TaskLifecycleResponse;
import org.cupola.protocol.bbs.proto.TaskResponse;
import org.cupola.protocol.bbs.proto.TasksRequest;
import org.cupola.protocol.bbs.proto.TasksResponse;

/** The BBS's wire, protobuf over mutual TLS; it agrees to everything and keeps what it was told. */
final class TestBbs implements AutoCloseable {
    final Map<String, DesiredLRP> desired = new ConcurrentHashMap<>();
    final Map<String, Task> tasks = new ConcurrentHashMap<>();
    final List<ActualLRP> rows = new CopyOnWriteArrayList<>();
    final List<Message> told = new CopyOnWriteArrayList<>();
    volatile boolean keepContainer = true;
    private final HttpServer server;

    TestBbs(TestCertificates certificates) throws Exception {
        server = new HttpServer(
                "bbs",
                HttpListener.mutualTls(
                        new InetSocketAddress("127.0.0.1", 0),
                        certificates.issue("bbs", "127.0.0.1"),
                        certificates.authorities()),
                builder -> {
                    builder.service(
                            BbsRoute.ACTUAL_LRPS.path(),
                            on(
                                    ActualLRPsRequest.parser(),
                                    request -> ActualLRPsResponse.newBuilder()
                                            .addAllActualLrps(rows)
                                            .build()));
                    builder.service(
                            BbsRoute.TASKS_R3.path(),
                            on(TasksRequest.parser(), request -> TasksResponse.getDefaultInstance()));
                    builder.service(BbsRoute.CLAIM_ACTUAL_LRP.path(), tell(ClaimActualLRPRequest.parser()));
                    builder.service(BbsRoute.START_ACTUAL_LRP_R1.path(), tell(StartActualLRPRequest.parser()));
                    builder.service(BbsRoute.CRASH_ACTUAL_LRP.path(), tell(CrashActualLRPRequest.parser()));
                    builder.service(BbsRoute.REMOVE_ACTUAL_LRP.path(), tell(RemoveActualLRPRequest.parser()));
                    builder.service(
                            BbsRoute.EVACUATE_CLAIMED_ACTUAL_LRP.path(),
                            evacuate(EvacuateClaimedActualLRPRequest.parser()));
                    builder.service(
                            BbsRoute.EVACUATE_RUNNING_ACTUAL_LRP_R1.path(),
                            evacuate(EvacuateRunningActualLRPRequest.parser()));
                    builder.service(
                            BbsRoute.DESIRED_LRP_BY_PROCESS_GUID_R3.path(),
                            on(
                                    DesiredLRPByProcessGuidRequest.parser(),
                                    request -> DesiredLRPResponse.newBuilder()
                                            .setDesiredLrp(desired.get(request.getProcessGuid()))
                                            .build()));
                    builder.service(
                            BbsRoute.START_TASK.path(),
                            on(
                                    StartTaskRequest.parser(),
                                    request -> StartTaskResponse.newBuilder()
                                            .setShouldStart(true)
                                            .build()));
                    builder.service(
                            BbsRoute.TASK_BY_GUID_R3.path(),
                            on(
                                    TaskByGuidRequest.parser(),
                                    request -> TaskResponse.newBuilder()
                                            .setTask(tasks.get(request.getTaskGuid()))
                                            .build()));
                    builder.service(BbsRoute.COMPLETE_TASK.path(), on(CompleteTaskRequest.parser(), request -> {
                        told.add(request);
                        return TaskLifecycleResponse.getDefaultInstance();
                    }));
                });
        server.start();
    }

    private <M extends Message> BlockingService tell(Parser<M> parser) {
        return on(parser, request -> {
            told.add(request);
            return ActualLRPLifecycleResponse.getDefaultInstance();
        });
    }

    private <M extends Message> BlockingService evacuate(Parser<M> parser) {
        return on(parser, request -> {
            told.add(request);
            return EvacuationResponse.newBuilder()
                    .setKeepContainer(keepContainer)
                    .build();
        });
    }

    private static <M extends Message> BlockingService on(Parser<M> parser, Function<M, Message> answer) {
        return new BlockingService((ctx, request) -> {
            try {
                Message response =
                        answer.apply(parser.parseFrom(request.content().array()));
                return HttpResponse.of(
                        HttpStatus.OK,
                        MediaType.parse("application/x-protobuf"),
                        HttpData.wrap(response.toByteArray()));
            } catch (InvalidProtocolBufferException e) {
                return HttpResponse.of(HttpStatus.BAD_REQUEST);
            }
        });
    }

    /** What it was told of one kind, in order. */
    <M extends Message> List<M> told(Class<M> type) {
        return told.stream().filter(type::isInstance).map(type::cast).toList();
    }

    URI address() {
        return URI.create("https://127.0.0.1:" + server.port());
    }

    @Override
    public void close() {
        server.close();
    }
}
