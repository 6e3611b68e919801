package org.cupola.protocol.bbs;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import java.net.URI;
import java.time.Duration;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.json.Json;
import tools.jackson.core.JacksonException;

/** One cell's rep. Blocking, immutable. */
public final class RepClient {
    private static final String NO_TRACE = "";
    private final JsonCalls calls;

    /** @param address the presence's {@code rep_url} */
    public RepClient(HttpClients clients, URI address, Duration timeout) {
        this.calls = new JsonCalls(clients.client(address, timeout).build().blocking());
    }

    /** @throws CellException with status 503 when the cell says that it is unhealthy */
    public CellState state() throws CellException {
        return read(calls.expect(200, HttpMethod.GET, "/state", null, NO_TRACE), CellState.class);
    }

    /** The raw {@code /container_metrics} answer. */
    public String containerMetrics() throws CellException {
        return calls.expect(200, HttpMethod.GET, "/container_metrics", null, NO_TRACE)
                .contentUtf8();
    }

    /** Hands over work and returns what the cell did not accept. */
    public CellWork perform(CellWork work, String traceId) throws CellException {
        return read(calls.expect(200, HttpMethod.POST, "/work", work, traceId), CellWork.class);
    }

    public void stopLrp(String processGuid, String instanceGuid, String traceId) throws CellException {
        calls.expect(202, HttpMethod.POST, path("v1", processGuid, instanceGuid) + "/stop", null, traceId);
    }

    /** An old rep without this call counts as done, except that internal routes alone also go to its older path. */
    public void updateLrp(LrpUpdate update, String traceId) throws CellException {
        String newest = path("v2", update.processGuid(), update.instanceGuid());
        try {
            calls.expect(202, HttpMethod.PUT, newest, update, traceId);
        } catch (CellException e) {
            if (e.status() != 404) {
                throw e;
            }
            if (update.internalRoutes() != null && update.metricTags() == null) {
                updateOldRep(update, traceId);
            }
        }
    }

    private void updateOldRep(LrpUpdate update, String traceId) throws CellException {
        try {
            calls.expect(202, HttpMethod.PUT, path("v1", update.processGuid(), update.instanceGuid()), update, traceId);
        } catch (CellException e) {
            if (e.status() != 404) {
                throw e;
            }
        }
    }

    public void cancelTask(String taskGuid, String traceId) throws CellException {
        calls.expect(202, HttpMethod.POST, "/v1/tasks/" + taskGuid + "/cancel", null, traceId);
    }

    private static String path(String version, String processGuid, String instanceGuid) {
        return "/" + version + "/lrps/" + processGuid + "/instances/" + instanceGuid;
    }

    private static <T> T read(AggregatedHttpResponse response, Class<T> type) throws CellException {
        try {
            return Json.read(response.content().array(), type);
        } catch (JacksonException e) {
            throw new CellException("not a " + type.getSimpleName() + ": " + e.getOriginalMessage(), 200, e);
        }
    }
}
