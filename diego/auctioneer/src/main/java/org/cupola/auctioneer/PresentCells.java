package org.cupola.auctioneer;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.bbs.CellException;
import org.cupola.protocol.bbs.CellPresences;
import org.cupola.protocol.bbs.CellState;
import org.cupola.protocol.bbs.CellWork;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.LocketException;
import org.cupola.protocol.bbs.RepClient;
import org.cupola.protocol.bbs.proto.CellPresence;
import org.cupola.protocol.bbs.proto.Resource;
import org.cupola.protocol.bbs.proto.TypeCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cells whose presence Locket holds. A cell without a usable {@code https} address is left out. Any thread. */
final class PresentCells implements Cells {
    private static final Logger log = LoggerFactory.getLogger(PresentCells.class);

    private final LocketClient locket;
    private final HttpClients clients;
    private final Duration stateTimeout;
    private final Duration workTimeout;
    private final Map<String, RemoteCell> known = new ConcurrentHashMap<>();

    PresentCells(LocketClient locket, HttpClients clients, Duration stateTimeout, Duration workTimeout) {
        this.locket = locket;
        this.clients = clients;
        this.stateTimeout = stateTimeout;
        this.workTimeout = workTimeout;
    }

    @Override
    public List<Present> present() throws CellsUnknown {
        List<Resource> resources;
        try {
            resources = locket.fetchAll(TypeCode.PRESENCE);
        } catch (LocketException e) {
            throw new CellsUnknown("locket: " + e.getMessage(), e);
        }
        List<Present> present = new ArrayList<>();
        for (Resource resource : resources) {
            CellPresences.decode(resource.getValue()).flatMap(this::cell).ifPresent(present::add);
        }
        known.keySet().retainAll(present.stream().map(Present::id).toList());
        return present;
    }

    private Optional<RemoteCell> cell(CellPresence presence) {
        Optional<URI> address = address(presence);
        if (address.isEmpty()) {
            log.atError()
                    .addKeyValue("cell", presence.getCellId())
                    .addKeyValue("rep_url", presence.getRepUrl())
                    .log("cell-address-not-usable");
            return Optional.empty();
        }
        return Optional.of(known.compute(
                presence.getCellId(),
                (id, old) -> old != null && old.address().equals(address.get()) ? old : remote(id, address.get())));
    }

    private static Optional<URI> address(CellPresence presence) {
        try {
            return Optional.of(URI.create(presence.getRepUrl()))
                    .filter(uri -> "https".equals(uri.getScheme()) && uri.getHost() != null);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private RemoteCell remote(String id, URI address) {
        return new RemoteCell(
                id,
                address,
                new RepClient(clients, address, stateTimeout),
                new RepClient(clients, address, workTimeout));
    }

    private record RemoteCell(String id, URI address, RepClient forState, RepClient forWork) implements Present {
        @Override
        public CellState state() throws CellException {
            return forState.state();
        }

        @Override
        public CellWork perform(CellWork work, String traceId) throws CellException {
            return forWork.perform(work, traceId);
        }
    }
}
