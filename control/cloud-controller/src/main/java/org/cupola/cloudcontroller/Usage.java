package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;

import java.math.BigDecimal;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.impl.DSL;
import tools.jackson.databind.node.ObjectNode;

/** What an organization or space uses of its quota now. Memory in MB. */
record Usage(long instances, long memoryMb, long routes, long reservedPorts, long domains) {
    static Usage ofOrganization(DSLContext dsl, String organizationGuid) {
        Condition spaces = SPACE_GUID.in(
                DSL.select(GUID).from(SpaceRepository.SPACES).where(ORGANIZATION_GUID.eq(organizationGuid)));
        long domains = dsl.fetchCount(
                dsl.selectOne().from(DomainRepository.DOMAINS).where(ORGANIZATION_GUID.eq(organizationGuid)));
        return of(dsl, spaces, domains);
    }

    static Usage ofSpace(DSLContext dsl, String spaceGuid) {
        return of(dsl, SPACE_GUID.eq(spaceGuid), 0);
    }

    private static Usage of(DSLContext dsl, Condition spaces, long domains) {
        Condition started = APP_GUID.in(
                DSL.select(GUID).from(AppRepository.APPS).where(spaces).and(AppRepository.STARTED.eq(true)));
        Record sums = dsl.select(
                        DSL.coalesce(DSL.sum(ProcessRepository.INSTANCES), BigDecimal.ZERO),
                        DSL.coalesce(
                                DSL.sum(ProcessRepository.INSTANCES.mul(ProcessRepository.MEMORY_MB)), BigDecimal.ZERO))
                .from(ProcessRepository.PROCESSES)
                .where(started)
                .fetchSingle();
        long routes =
                dsl.fetchCount(dsl.selectOne().from(RouteRepository.ROUTES).where(spaces));
        long ports = dsl.fetchCount(
                dsl.selectOne().from(RouteRepository.ROUTES).where(spaces).and(RouteRepository.PORT.gt(0)));
        return new Usage(sums.get(0, Long.class), sums.get(1, Long.class), routes, ports, domains);
    }

    ObjectNode document() {
        return Docs.object()
                .put("started_instances", instances)
                .put("memory_in_mb", memoryMb)
                .put("routes", routes)
                .put("service_instances", 0)
                .put("reserved_ports", reservedPorts)
                .put("domains", domains)
                .put("per_app_tasks", 0)
                .put("service_keys", 0);
    }
}
