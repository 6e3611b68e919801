package org.cupola.rep;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServerBuilder;
import java.util.Map;
import org.cupola.platform.http.BlockingService;

/** What only the cell's own host may ask. */
record AdminApi(CellEvacuation evacuation) {
    void register(ServerBuilder server) {
        server.route().get("/ping").build((ctx, request) -> HttpResponse.of(HttpStatus.OK));
        server.route().post("/evacuate").build(new BlockingService((ctx, request) -> {
            evacuation.begin();
            return RepApi.json(HttpStatus.ACCEPTED, Map.of("ping_path", "/ping"));
        }));
    }
}
