package org.cupola.bbs;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.bbs.CellException;
import org.cupola.protocol.bbs.LrpUpdate;
import org.cupola.protocol.bbs.RepClient;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.CellPresence;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the BBS tells cells. A cell that cannot be reached keeps running what it runs; convergence tries again. Any thread. */
final class Reps {
    private static final Logger log = LoggerFactory.getLogger(Reps.class);

    private final Cells cells;
    private final HttpClients clients;
    private final Duration timeout;
    private final Background background;
    private final ConcurrentMap<String, RepClient> byUrl = new ConcurrentHashMap<>();

    Reps(Cells cells, HttpClients clients, Duration timeout, Background background) {
        this.cells = cells;
        this.clients = clients;
        this.timeout = timeout;
        this.background = background;
    }

    Cells cells() {
        return cells;
    }

    /** @throws Refusal when the presence names no usable address */
    RepClient client(CellPresence cell) {
        if (!cell.getRepUrl().startsWith("https://")) {
            throw Refusal.unknown("cell " + cell.getCellId() + " has no https address: " + cell.getRepUrl());
        }
        return byUrl.computeIfAbsent(cell.getRepUrl(), url -> new RepClient(clients, URI.create(url), timeout));
    }

    void stop(CellPresence cell, ActualLRP row, String traceId) throws CellException {
        client(cell)
                .stopLrp(
                        row.getActualLrpKey().getProcessGuid(),
                        row.getActualLrpInstanceKey().getInstanceGuid(),
                        traceId);
    }

    /** Finds the cell and stops the instance there, without waiting. */
    void stopLater(ActualLRP row, String traceId) {
        background.run(() -> {
            Optional<CellPresence> cell =
                    findOrLog(row.getActualLrpInstanceKey().getCellId());
            if (cell.isPresent()) {
                try {
                    stop(cell.get(), row, traceId);
                } catch (CellException e) {
                    failed(
                            "failed-to-stop-instance",
                            row.getActualLrpInstanceKey().getCellId(),
                            e);
                }
            }
        });
    }

    void updateLater(String cellId, LrpUpdate update, String traceId) {
        background.run(() -> {
            Optional<CellPresence> cell = findOrLog(cellId);
            if (cell.isPresent()) {
                try {
                    client(cell.get()).updateLrp(update, traceId);
                } catch (CellException e) {
                    failed("failed-to-update-instance", cellId, e);
                }
            }
        });
    }

    void cancelTaskLater(String cellId, String taskGuid, String traceId) {
        background.run(() -> {
            Optional<CellPresence> cell = findOrLog(cellId);
            if (cell.isPresent()) {
                try {
                    client(cell.get()).cancelTask(taskGuid, traceId);
                } catch (CellException e) {
                    failed("failed-to-cancel-task", cellId, e);
                }
            }
        });
    }

    private Optional<CellPresence> findOrLog(String cellId) {
        try {
            return cells.find(cellId);
        } catch (Refusal e) {
            failed("failed-to-find-cell", cellId, e);
            return Optional.empty();
        }
    }

    private static void failed(String message, String cellId, Exception e) {
        log.atWarn()
                .addKeyValue("cell_id", cellId)
                .addKeyValue("error", e.getMessage())
                .log(message);
    }
}
