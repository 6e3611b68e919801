package org.cupola.protocol.bbs;

import com.linecorp.armeria.common.HttpMethod;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.http.HttpClients;

/** Asks the auctioneer to place work. An answer means queued, not placed. Blocking, immutable. */
public final class AuctioneerClient {
    private final JsonCalls calls;

    public AuctioneerClient(HttpClients clients, URI address, Duration timeout) {
        this.calls = new JsonCalls(clients.client(address, timeout).build().blocking());
    }

    public void requestLrpAuctions(List<LrpStartRequest> requests, String traceId) throws CellException {
        calls.expect(202, HttpMethod.POST, "/v1/lrps", requests, traceId);
    }

    public void requestTaskAuctions(List<CellTask> requests, String traceId) throws CellException {
        calls.expect(202, HttpMethod.POST, "/v1/tasks", requests, traceId);
    }
}
