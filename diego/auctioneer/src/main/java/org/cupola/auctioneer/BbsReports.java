package org.cupola.auctioneer;

import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the BBS. One that cannot be told asks again by itself in its next convergence. */
record BbsReports(BbsClient bbs) implements Reports {
    private static final Logger log = LoggerFactory.getLogger(BbsReports.class);

    @Override
    public void failed(Item.Lrp lrp, PlacementError error) {
        var key = ActualLRPKey.newBuilder()
                .setProcessGuid(lrp.lrp().processGuid())
                .setIndex(lrp.lrp().index())
                .setDomain(lrp.lrp().domain())
                .build();
        try {
            bbs.withTraceId(lrp.traceId()).actual().fail(key, error.text());
        } catch (BbsException e) {
            notReported(lrp, error, e);
        }
    }

    @Override
    public void failed(Item.Task task, PlacementError error) {
        try {
            bbs.withTraceId(task.traceId()).tasks().reject(task.task().taskGuid(), error.text());
        } catch (BbsException e) {
            notReported(task, error, e);
        }
    }

    private static void notReported(Item item, PlacementError error, BbsException e) {
        log.atError()
                .addKeyValue("item", item.key())
                .addKeyValue("placement_error", error.text())
                .addKeyValue("reason", e.getMessage())
                .log("placement-failure-not-reported");
    }
}
