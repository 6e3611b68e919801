package org.cupola.bbs;

import com.linecorp.armeria.client.ResponseTimeoutException;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.ClosedSessionException;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.proto.Task;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells whoever wanted a task how it ended, then forgets the task. Whoever takes the task to Resolving does it, so that
 * it is told once; one that cannot be told stays there until convergence brings it back. Any thread.
 */
final class TaskCallbacks {
    private static final Logger log = LoggerFactory.getLogger(TaskCallbacks.class);
    private static final int ATTEMPTS = 3;
    private static final Set<Integer> RETRIED = Set.of(503, 504);

    private final HttpClients clients;
    private final Duration timeout;
    private final Background workers;

    /** @param clients with the BBS's own certificate and authority, for callbacks by https */
    TaskCallbacks(HttpClients clients, Duration timeout, Background workers) {
        this.clients = clients;
        this.timeout = timeout;
        this.workers = workers;
    }

    void submit(Task task, TaskController tasks) {
        if (!task.getTaskDefinition().getCompletionCallbackUrl().isEmpty()) {
            workers.run(() -> handle(task, tasks));
        }
    }

    private void handle(Task task, TaskController tasks) {
        try {
            tasks.resolving(task.getTaskGuid());
        } catch (Refusal e) {
            return; // another worker has it, or somebody else resolved it
        }
        if (deliver(task)) {
            tasks.delete(task.getTaskGuid());
        }
    }

    private boolean deliver(Task task) {
        String url = task.getTaskDefinition().getCompletionCallbackUrl();
        byte[] body = body(task);
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try {
                int status = post(URI.create(url), body);
                if (!RETRIED.contains(status)) {
                    return true;
                }
                failed(task, "status " + status);
            } catch (ResponseTimeoutException | ClosedSessionException e) {
                failed(task, e.toString());
            } catch (RuntimeException e) {
                failed(task, e.toString());
                return false;
            }
        }
        return false;
    }

    private int post(URI url, byte[] body) {
        String base = url.getScheme() + "://" + url.getRawAuthority();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        WebClient client = clients.client(URI.create(base), timeout).build();
        HttpRequest request = HttpRequest.builder()
                .method(HttpMethod.POST)
                .path(path + query)
                .content(MediaType.parse("application/json"), body)
                .build();
        return client.blocking().execute(request).status().code();
    }

    private static byte[] body(Task task) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("task_guid", task.getTaskGuid())
                .put("failed", task.getFailed())
                .put("failure_reason", task.getFailureReason())
                .put("result", task.getResult());
        if (!task.getTaskDefinition().getAnnotation().isEmpty()) {
            json.put("annotation", task.getTaskDefinition().getAnnotation());
        }
        json.put("created_at", task.getCreatedAt());
        return Json.bytes(json);
    }

    private static void failed(Task task, String reason) {
        log.atWarn()
                .addKeyValue("task_guid", task.getTaskGuid())
                .addKeyValue("reason", reason)
                .log("task-callback-failed");
    }
}
