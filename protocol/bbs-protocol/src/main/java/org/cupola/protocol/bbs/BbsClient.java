package org.cupola.protocol.bbs;

import com.linecorp.armeria.client.WebClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.bbs.proto.CellPresence;
import org.cupola.protocol.bbs.proto.CellsResponse;
import org.cupola.protocol.bbs.proto.DomainsResponse;
import org.cupola.protocol.bbs.proto.PingResponse;
import org.cupola.protocol.bbs.proto.UpsertDomainRequest;
import org.cupola.protocol.bbs.proto.UpsertDomainResponse;

/**
 * The BBS's API in the newest revision of each call, grouped by what it is about. Blocking; any thread; immutable.
 *
 * <p>A call that finds the BBS away tries three times, half a second apart, then throws with {@link
 * BbsException#answered} false. The {@link HttpClients} carry the client certificate and stay the caller's to close.
 */
public final class BbsClient {
    private static final long MAX_RESPONSE_BYTES = 1L << 30;

    private final BbsTransport transport;
    private final HttpClients clients;
    private final URI address;

    /** @param address {@code https://host:port} */
    public BbsClient(HttpClients clients, URI address, Duration requestTimeout) {
        WebClient client = clients.client(address, requestTimeout)
                .maxResponseLength(MAX_RESPONSE_BYTES)
                .build();
        this(new BbsTransport(client.blocking(), ""), clients, address);
    }

    private BbsClient(BbsTransport transport, HttpClients clients, URI address) {
        this.transport = transport;
        this.clients = clients;
        this.address = address;
    }

    /** The same client, sending this request id so that logs and events can be followed. */
    public BbsClient withTraceId(String traceId) {
        return new BbsClient(transport.withTraceId(traceId), clients, address);
    }

    public DesiredLrpClient desired() {
        return new DesiredLrpClient(transport);
    }

    public ActualLrpClient actual() {
        return new ActualLrpClient(transport);
    }

    public EvacuationClient evacuation() {
        return new EvacuationClient(transport);
    }

    public TaskClient tasks() {
        return new TaskClient(transport);
    }

    /** Whether an active BBS answers; never throws. */
    public boolean ping() {
        try {
            return transport
                    .call(BbsRoute.PING, PingResponse.getDefaultInstance(), PingResponse.parser())
                    .getAvailable();
        } catch (BbsException e) {
            return false;
        }
    }

    /** The domains that are fresh now. */
    public List<String> domains() throws BbsException {
        return transport
                .call(BbsRoute.DOMAINS, PingResponse.getDefaultInstance(), DomainsResponse.parser())
                .getDomainsList();
    }

    /** @param timeToLive in whole seconds; zero means for ever */
    public void upsertDomain(String domain, Duration timeToLive) throws BbsException {
        var request = UpsertDomainRequest.newBuilder()
                .setDomain(domain)
                .setTtl((int) timeToLive.toSeconds())
                .build();
        transport.call(BbsRoute.UPSERT_DOMAIN, request, UpsertDomainResponse.parser());
    }

    /** The cells present now. */
    public List<CellPresence> cells() throws BbsException {
        return transport
                .call(BbsRoute.CELLS, PingResponse.getDefaultInstance(), CellsResponse.parser())
                .getCellsList();
    }

    /**
     * Subscribes to changes of desired LRPs and of actual LRP instances. Nothing is replayed: subscribe first, then list.
     *
     * @param cellId leaves out instance events of other cells; empty means none is left out
     * @throws IOException when the BBS cannot be reached or refuses
     */
    public BbsEvents lrpEvents(String cellId) throws IOException {
        return BbsEvents.subscribe(clients, address, BbsRoute.LRP_INSTANCE_EVENTS_R1, cellId);
    }

    /** The deprecated stream that folds the instances of an index into one group. */
    public BbsEvents lrpGroupEvents(String cellId) throws IOException {
        return BbsEvents.subscribe(clients, address, BbsRoute.EVENTS_R1, cellId);
    }

    public BbsEvents taskEvents() throws IOException {
        return BbsEvents.subscribe(clients, address, BbsRoute.TASK_EVENTS_R1, "");
    }
}
