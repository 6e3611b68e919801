package org.cupola.routingapi;

import org.cupola.protocol.routing.RoutingJson;
import tools.jackson.databind.node.JsonNodeFactory;

/** A request that is answered with an error. The message is the original's where it has one. */
final class ApiError extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String name;

    private ApiError(int status, String name, String message) {
        super(message, null, false, false);
        this.status = status;
        this.name = name;
    }

    /** The request cannot be understood, or breaks a rule about TCP routes or router groups. */
    static ApiError unprocessable(String reason) {
        return new ApiError(400, "ProcessRequestError", "Cannot process request: " + reason);
    }

    static ApiError invalidRoute(String reason) {
        return new ApiError(400, "RouteInvalidError", reason);
    }

    static ApiError invalidRouteService(String reason) {
        return new ApiError(400, "RouteServiceUrlInvalidError", reason);
    }

    static ApiError unauthorized(String reason) {
        return new ApiError(401, "UnauthorizedError", reason);
    }

    static ApiError notFound(String what) {
        return new ApiError(404, "ResourceNotFoundError", what);
    }

    static ApiError database(String reason) {
        return new ApiError(503, "DBCommunicationError", reason);
    }

    int status() {
        return status;
    }

    byte[] body() {
        return RoutingJson.MAPPER.writeValueAsBytes(
                JsonNodeFactory.instance.objectNode().put("name", name).put("message", getMessage()));
    }
}
