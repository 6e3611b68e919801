package org.cupola.protocol.routing;

/**
 * One change on an event stream of the Routing API. Immutable.
 *
 * @param id    where the stream can be resumed after this event
 * @param route as stored after the change; for a deletion, before it
 * @param <T>   {@link HttpRoute} or {@link TcpRouteMapping}
 */
public record RouteEvent<T>(String id, Action action, T route) {
    /** What happened to the route. */
    public enum Action {
        /** Created, changed or only kept alive. */
        UPSERT("Upsert"),
        /** Deleted or expired. */
        DELETE("Delete");

        private final String wireName;

        Action(String wireName) {
            this.wireName = wireName;
        }

        /** As in the {@code event} field of the stream. */
        public String wireName() {
            return wireName;
        }
    }
}
