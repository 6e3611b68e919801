package org.cupola.routingapi;

import org.cupola.protocol.routing.RouteEvent.Action;

/**
 * One change of a route table. Immutable.
 *
 * @param row as stored after the change; for a removal, before it
 */
record RouteChange<R>(Kind kind, StoredRoute<R> row) {
    enum Kind {
        CREATED,
        UPDATED,
        DELETED,
        EXPIRED;

        boolean removes() {
            return this == DELETED || this == EXPIRED;
        }
    }

    /** What subscribers are told. */
    Action action() {
        return kind.removes() ? Action.DELETE : Action.UPSERT;
    }
}
