package org.cupola.bbs;

import org.cupola.protocol.bbs.BbsRoute;
import org.cupola.protocol.bbs.proto.CellsResponse;
import org.cupola.protocol.bbs.proto.DomainsResponse;
import org.cupola.protocol.bbs.proto.PingResponse;
import org.cupola.protocol.bbs.proto.UpsertDomainRequest;
import org.cupola.protocol.bbs.proto.UpsertDomainResponse;

/** Ping, domains and cells. */
final class PlatformRoutes {
    private final Stores stores;
    private final Cells cells;

    PlatformRoutes(Stores stores, Cells cells) {
        this.stores = stores;
        this.cells = cells;
    }

    void register(RpcRoutes routes) {
        routes.add(
                BbsRoute.PING,
                PingResponse.getDefaultInstance(),
                () -> PingResponse.newBuilder().setAvailable(true).build());
        routes.add(
                BbsRoute.DOMAINS,
                DomainsResponse.getDefaultInstance(),
                () -> DomainsResponse.newBuilder()
                        .addAllDomains(
                                stores.database().read(dsl -> stores.domains().fresh(dsl, stores.now())))
                        .build());
        routes.add(
                BbsRoute.UPSERT_DOMAIN,
                UpsertDomainRequest.getDefaultInstance(),
                UpsertDomainResponse.getDefaultInstance(),
                (request, problems) -> problems.required(request.getDomain(), "domain"),
                (request, trace) -> {
                    long now = stores.now();
                    stores.database()
                            .writeVoid(dsl -> stores.domains().upsert(dsl, request.getDomain(), request.getTtl(), now));
                    return UpsertDomainResponse.getDefaultInstance();
                });
        routes.add(
                BbsRoute.CELLS,
                CellsResponse.getDefaultInstance(),
                () -> CellsResponse.newBuilder().addAllCells(cells.all()).build());
    }
}
