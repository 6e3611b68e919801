package org.cupola.bbs;

import static org.cupola.bbs.DesiredLrpStore.DESIRED_LRPS;
import static org.cupola.bbs.DesiredLrpStore.METRIC_TAGS;
import static org.cupola.bbs.DesiredLrpStore.PROCESS_GUID;
import static org.cupola.bbs.DesiredLrpStore.RUN_INFO;

import org.cupola.protocol.bbs.proto.DesiredLRPRunInfo;
import org.jooq.DSLContext;

/** The step of the original's history that moved metric tags out of the run info into a column of their own. */
final class SplitMetricTags {
    private SplitMetricTags() {}

    static void run(DSLContext dsl, RecordCodec codec) {
        dsl.select(PROCESS_GUID, RUN_INFO).from(DESIRED_LRPS).fetch().forEach(row -> {
            var runInfo = codec.protobuf(row.get(RUN_INFO), DesiredLRPRunInfo.parser());
            dsl.update(DESIRED_LRPS)
                    .set(METRIC_TAGS, codec.desiredTags(runInfo.getMetricTagsMap()))
                    .set(
                            RUN_INFO,
                            codec.protobuf(runInfo.toBuilder().clearMetricTags().build()))
                    .where(PROCESS_GUID.eq(row.get(PROCESS_GUID)))
                    .execute();
        });
    }
}
