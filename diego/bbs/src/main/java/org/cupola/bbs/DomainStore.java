package org.cupola.bbs;

import java.util.List;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** Domains: whose desired LRPs are known to be complete, and until when. Runs in the caller's transaction. */
final class DomainStore {
    private static final Table<?> DOMAINS = DSL.table("domains");
    private static final Field<String> DOMAIN = DSL.field(DSL.name("domain"), SQLDataType.VARCHAR(255));
    private static final Field<Long> EXPIRE_TIME = DSL.field("expire_time", SQLDataType.BIGINT);
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** @param ttlSeconds unsigned; zero means for ever */
    void upsert(DSLContext dsl, String domain, int ttlSeconds, long now) {
        long expiry = ttlSeconds == 0 ? Long.MAX_VALUE : now + Integer.toUnsignedLong(ttlSeconds) * NANOS_PER_SECOND;
        int updated = dsl.update(DOMAINS)
                .set(EXPIRE_TIME, expiry)
                .where(DOMAIN.eq(domain))
                .execute();
        if (updated == 0) {
            dsl.insertInto(DOMAINS)
                    .columns(DOMAIN, EXPIRE_TIME)
                    .values(domain, expiry)
                    .execute();
        }
    }

    List<String> fresh(DSLContext dsl, long now) {
        return dsl.select(DOMAIN)
                .from(DOMAINS)
                .where(EXPIRE_TIME.gt(rounded(now)))
                .orderBy(DOMAIN)
                .fetch(DOMAIN);
    }

    void deleteExpired(DSLContext dsl, long now) {
        dsl.deleteFrom(DOMAINS).where(EXPIRE_TIME.le(rounded(now))).execute();
    }

    private static long rounded(long now) {
        return (now + NANOS_PER_SECOND / 2) / NANOS_PER_SECOND * NANOS_PER_SECOND;
    }
}
