package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.common.HttpResponse;
import java.nio.file.Path;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.BbsEvents;
import org.cupola.protocol.bbs.proto.CompleteTaskRequest;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TasksRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Tasks from desire to callback, by mutual TLS at every step. */
@Timeout(90)
class TasksOverTheWireTest {
    @TempDir
    private Path directory;

    private final Deque<JsonNode> callbacks = new ConcurrentLinkedDeque<>();
    private final Deque<Integer> statuses = new ConcurrentLinkedDeque<>();
    private TestBbs bbs;
    private BbsClient client;
    private HttpServer creator;

    @BeforeEach
    void start() throws Exception {
        bbs = TestBbs.onSqlite(directory).start();
        client = bbs.client();
        creator = new HttpServer(
                "creator",
                TestBbs.listener(),
                builder -> builder.service("/done", new BlockingService((ctx, request) -> {
                    callbacks.add(Json.tree(request.content().array()));
                    Integer status = statuses.poll();
                    return HttpResponse.of(status == null ? 200 : status);
                })));
        creator.start();
    }

    @AfterEach
    void stop() {
        bbs.close();
        creator.close();
    }

    private void desireWithCallback() throws Exception {
        client.tasks()
                .desire(
                        "t",
                        "cf-tasks",
                        Lrps.task().toBuilder()
                                .setCompletionCallbackUrl("https://127.0.0.1:" + creator.port() + "/done?a=b")
                                .setAnnotation("note")
                                .build());
    }

    private static CompleteTaskRequest completion() {
        return CompleteTaskRequest.newBuilder()
                .setTaskGuid("t")
                .setCellId("cell-1")
                .setResult("42")
                .build();
    }

    @Test
    void runsThenTellsItsResultAndIsForgotten() throws Exception {
        try (BbsEvents events = client.taskEvents()) {
            desireWithCallback();
            assertThat(bbs.peers().nextTaskAuction().taskGuid()).isEqualTo("t");
            assertThat(client.tasks().start("t", "cell-1")).isTrue();
            assertThat(client.tasks().start("t", "cell-1")).isFalse();
            long createdAt = client.tasks().get("t").getCreatedAt();

            client.tasks().complete(completion());

            for (String name :
                    new String[] {"task_created", "task_changed", "task_changed", "task_changed", "task_removed"}) {
                assertThat(events.next().map(BbsEvent::name)).contains(name);
            }
            assertThat(callbacks).containsExactly(Json.tree("""
                    {"task_guid":"t","failed":false,"failure_reason":"","result":"42","annotation":"note",\
                    "created_at":%d}""".formatted(createdAt)));
            assertThat(client.tasks().list(TasksRequest.getDefaultInstance())).isEmpty();
        }
    }

    @Test
    void aCallbackIsTriedThreeTimesAndARefusalCountsAsDelivered() throws Exception {
        desireWithCallback();
        client.tasks().start("t", "cell-1");
        statuses.add(503);
        statuses.add(504);
        statuses.add(500);

        client.tasks().complete(completion());

        await().until(() ->
                client.tasks().list(TasksRequest.getDefaultInstance()).isEmpty());
        assertThat(callbacks).hasSize(3);
    }

    @Test
    void aCallbackThatCannotBeDeliveredLeavesTheTaskResolving() throws Exception {
        desireWithCallback();
        client.tasks().start("t", "cell-1");
        for (int i = 0; i < 3; i++) {
            statuses.add(503);
        }

        client.tasks().complete(completion());

        await().until(() -> callbacks.size() == 3);
        assertThat(client.tasks().get("t").getState()).isEqualTo(Task.State.Resolving);
        client.tasks().delete("t");
    }

    @Test
    void cancellingTellsTheCellAndTheCreator() throws Exception {
        bbs.cellComes("cell-1");
        desireWithCallback();
        client.tasks().start("t", "cell-1");

        client.tasks().cancel("t");

        assertThat(bbs.peers().nextCellCall()).isEqualTo("POST /v1/tasks/t/cancel ");
        await().until(() -> !callbacks.isEmpty());
        assertThat(callbacks.getFirst().path("failure_reason").asString()).isEqualTo("task was cancelled");
    }

    @Test
    void aTaskThatNoCellTakesFailsInTheEnd() throws Exception {
        client.tasks().desire("t", "cf-tasks", Lrps.task());
        for (int rejection = 0; rejection < 4; rejection++) {
            client.tasks().reject("t", "no room");
        }

        Task task = client.tasks().get("t");

        assertThat(task.getState()).isEqualTo(Task.State.Completed);
        assertThat(task.getFailureReason()).isEqualTo("no room");
        client.tasks().resolving("t");
        client.tasks().delete("t");
        assertThatThrownBy(() -> client.tasks().get("t")).hasMessage("the requested resource could not be found");
    }

    @Test
    void aTaskFailsWithItsCell() throws Exception {
        bbs.configure(config -> config.put("converge_repeat_interval", "300ms"));
        bbs.restart();
        client = bbs.client();
        bbs.cellComes("cell-1");
        client.tasks().desire("t", "cf-tasks", Lrps.task());
        client.tasks().start("t", "cell-1");

        bbs.locket().resources().remove("cell-1");

        await().until(() -> client.tasks().get("t").getState() == Task.State.Completed);
        assertThat(client.tasks().get("t").getFailureReason()).isEqualTo("cell disappeared before completion");
    }
}
