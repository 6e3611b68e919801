package org.cupola.routingapi;

import org.cupola.protocol.uaa.AccessToken;
import org.cupola.protocol.uaa.TokenException;
import org.cupola.protocol.uaa.TokenValidator;
import org.jspecify.annotations.Nullable;

/** Decides who may do what. Any thread; may ask the UAA for new keys. */
final class Authorizer {
    private final @Nullable TokenValidator validator;
    private final RoutingMetrics metrics;

    /** @param validator absent lets everybody do everything */
    Authorizer(@Nullable TokenValidator validator, RoutingMetrics metrics) {
        this.validator = validator;
        this.metrics = metrics;
    }

    /** @param authorization the header; empty when there is none */
    void require(String scope, String authorization) throws ApiError {
        if (validator == null) {
            return;
        }
        try {
            AccessToken token = validator.validateHeader(authorization);
            if (!token.hasScope(scope)) {
                metrics.tokenRefused();
                throw ApiError.unauthorized("You are not authorized to perform the requested action");
            }
        } catch (TokenException e) {
            metrics.tokenRefused();
            throw ApiError.unauthorized(String.valueOf(e.getMessage()));
        }
    }
}
