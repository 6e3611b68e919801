package org.cupola.routingapi;

import java.time.Instant;
import java.util.List;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** Table {@code tcp_routes}. The odd names of its last columns are what the original's ORM derived. */
final class TcpRouteRows extends RouteRows<TcpRouteMapping> {
    private static final Field<String> ROUTER_GROUP_GUID = text("router_group_guid");
    private static final Field<Integer> HOST_PORT = number("host_port");
    private static final Field<Integer> HOST_TLS_PORT = number("host_tls_port");
    private static final Field<String> HOST_IP = text("host_ip");
    private static final Field<String> SNI_HOSTNAME = text("sni_hostname");
    private static final Field<String> SNI_REWRITE_HOSTNAME = text("sni_rewrite_hostname");
    private static final Field<String> INSTANCE_ID = text("instance_id");
    private static final Field<Integer> EXTERNAL_PORT = number("external_port");
    private static final Field<String> ISOLATION_SEGMENT = text("isolation_segment");
    private static final Field<Boolean> TERMINATE_FRONTEND_TLS =
            DSL.field(DSL.name("terminate_frontend_tls"), SQLDataType.BOOLEAN);
    private static final Field<String> ALPNS = text("alp_ns");
    private static final Field<Boolean> ENABLE_BACKEND_MTLS =
            DSL.field(DSL.name("enable_backend_m_tls"), SQLDataType.BOOLEAN);

    private final TimeColumn createdAt;
    private final TimeColumn updatedAt;
    private final TimeColumn expiresAt;

    TcpRouteRows(SQLDialect dialect) {
        super("tcp_routes");
        this.createdAt = new TimeColumn("created_at", dialect);
        this.updatedAt = new TimeColumn("updated_at", dialect);
        this.expiresAt = new TimeColumn("expires_at", dialect);
    }

    @Override
    List<Field<?>> allFields() {
        return List.of(
                GUID,
                createdAt.field(),
                updatedAt.field(),
                expiresAt.field(),
                ROUTER_GROUP_GUID,
                HOST_PORT,
                HOST_TLS_PORT,
                HOST_IP,
                SNI_HOSTNAME,
                SNI_REWRITE_HOSTNAME,
                INSTANCE_ID,
                EXTERNAL_PORT,
                MODIFICATION_GUID,
                MODIFICATION_INDEX,
                TTL,
                ISOLATION_SEGMENT,
                TERMINATE_FRONTEND_TLS,
                ALPNS,
                ENABLE_BACKEND_MTLS);
    }

    @Override
    StoredRoute<TcpRouteMapping> read(Record row) {
        TcpRouteMapping route = TcpRouteMapping.builder(
                        text(row, ROUTER_GROUP_GUID),
                        number(row, EXTERNAL_PORT),
                        text(row, HOST_IP),
                        number(row, HOST_PORT))
                .backendTlsPort(number(row, HOST_TLS_PORT))
                .backendSniHostname(row.get(SNI_HOSTNAME))
                .sniRewriteHostname(row.get(SNI_REWRITE_HOSTNAME))
                .instanceId(text(row, INSTANCE_ID))
                .modificationTag(tag(row))
                .ttl(row.get(TTL))
                .isolationSegment(text(row, ISOLATION_SEGMENT))
                .terminateFrontendTls(Boolean.TRUE.equals(row.get(TERMINATE_FRONTEND_TLS)))
                .alpns(text(row, ALPNS))
                .enableBackendMtls(Boolean.TRUE.equals(row.get(ENABLE_BACKEND_MTLS)))
                .build();
        return new StoredRoute<>(text(row, GUID), route, expiresAt.read(row));
    }

    @Override
    @Nullable
    Object[] allValues(StoredRoute<TcpRouteMapping> row, Instant now) {
        TcpRouteMapping route = row.route();
        return new @Nullable Object[] {
            row.rowGuid(),
            createdAt.bind(now),
            updatedAt.bind(now),
            expiresAt.bind(row.expiresAt()),
            route.routerGroupGuid(),
            route.backendPort(),
            route.backendTlsPort(),
            route.backendIp(),
            route.backendSniHostname(),
            route.sniRewriteHostname(),
            route.instanceId(),
            route.port(),
            route.modificationTag().guid(),
            route.modificationTag().index(),
            route.ttl(),
            route.isolationSegment(),
            route.terminateFrontendTls(),
            route.alpns(),
            route.enableBackendMtls()
        };
    }

    @Override
    List<Field<?>> changingFields() {
        return List.of(
                updatedAt.field(),
                expiresAt.field(),
                MODIFICATION_GUID,
                MODIFICATION_INDEX,
                TTL,
                ISOLATION_SEGMENT,
                SNI_REWRITE_HOSTNAME);
    }

    @Override
    @Nullable
    Object[] changingValues(StoredRoute<TcpRouteMapping> row, Instant now) {
        TcpRouteMapping route = row.route();
        return new @Nullable Object[] {
            updatedAt.bind(now),
            expiresAt.bind(row.expiresAt()),
            route.modificationTag().guid(),
            route.modificationTag().index(),
            route.ttl(),
            route.isolationSegment(),
            route.sniRewriteHostname(),
            row.rowGuid()
        };
    }
}
