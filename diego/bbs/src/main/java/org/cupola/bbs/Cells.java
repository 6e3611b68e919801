package org.cupola.bbs;

import java.util.List;
import java.util.Optional;
import org.cupola.protocol.bbs.CellPresences;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.LocketException;
import org.cupola.protocol.bbs.proto.CellPresence;
import org.cupola.protocol.bbs.proto.Resource;
import org.cupola.protocol.bbs.proto.TypeCode;

/** The cells present, read from Locket at each call. Blocking, any thread. */
final class Cells {
    private final LocketClient locket;

    Cells(LocketClient locket) {
        this.locket = locket;
    }

    /** @throws Refusal when Locket does not answer */
    List<CellPresence> all() {
        try {
            return locket.fetchAll(TypeCode.PRESENCE).stream()
                    .map(Resource::getValue)
                    .flatMap(value -> CellPresences.decode(value).stream())
                    .toList();
        } catch (LocketException e) {
            throw Refusal.unknown(String.valueOf(e.getMessage()));
        }
    }

    /** @throws Refusal when Locket does not answer */
    Optional<CellPresence> find(String cellId) {
        try {
            return locket.fetch(cellId)
                    .filter(resource -> resource.getTypeCode() == TypeCode.PRESENCE)
                    .flatMap(resource -> CellPresences.decode(resource.getValue()));
        } catch (LocketException e) {
            throw Refusal.unknown(String.valueOf(e.getMessage()));
        }
    }
}
