package org.cupola.uaa;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer that refuses a request: a status and a JSON object of {@code error}, {@code error_description} and perhaps more.
 * SCIM resources repeat the description as {@code message}.
 */
final class UaaError extends RuntimeException {
    private static final long serialVersionUID = 1L;
    static final String BAD_CREDENTIALS = "Bad credentials";
    static final String LOCKED = "Your account has been locked because of too many failed attempts to login.";

    private final int status;
    private final String error;
    private final String challenge;
    private final transient Map<String, Object> body;

    private UaaError(int status, String error, String description, String challenge, Map<String, Object> body) {
        super(description, null, false, false);
        this.status = status;
        this.error = error;
        this.challenge = challenge;
        this.body = body;
    }

    static UaaError oauth(int status, String error, String description) {
        return new UaaError(status, error, description, "", oauthBody(error, description));
    }

    static UaaError scim(int status, String error, String description, Map<String, ?> extra) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", error);
        body.put("message", description);
        body.put("error_description", description);
        body.putAll(extra);
        return new UaaError(status, error, description, "", body);
    }

    static UaaError scim(int status, String error, String description) {
        return scim(status, error, description, Map.of());
    }

    static UaaError invalidRequest(String description) {
        return oauth(400, "invalid_request", description);
    }

    static UaaError invalidScope(String description) {
        return oauth(400, "invalid_scope", description);
    }

    static UaaError invalidResource(String description) {
        return scim(400, "invalid_scim_resource", description);
    }

    /** A client or a user that did not prove who it is; both look the same to whoever guesses. */
    static UaaError badCredentials() {
        return badClient(BAD_CREDENTIALS);
    }

    static UaaError badClient(String description) {
        return new UaaError(
                401,
                "invalid_client",
                description,
                basicChallenge("unauthorized", description),
                oauthBody("invalid_client", description));
    }

    static UaaError noClientAuthentication() {
        String description = "Full authentication is required to access this resource";
        return new UaaError(
                401,
                "unauthorized",
                description,
                basicChallenge("unauthorized", description),
                oauthBody("unauthorized", description));
    }

    static UaaError unauthorized(String description) {
        return oauth(401, "unauthorized", description);
    }

    static UaaError notAuthenticated() {
        return bearer(401, "unauthorized", "Full authentication is required to access this resource", Map.of());
    }

    static UaaError invalidToken(String description) {
        return bearer(401, "invalid_token", description, Map.of());
    }

    static UaaError insufficientScope(String scopes) {
        return bearer(403, "insufficient_scope", "Insufficient scope for this resource", Map.of("scope", scopes));
    }

    private static UaaError bearer(int status, String error, String description, Map<String, String> extra) {
        Map<String, Object> body = oauthBody(error, description);
        body.putAll(extra);
        String challenge =
                "Bearer realm=\"oauth\", error=\"" + error + "\", error_description=\"" + quotable(description) + "\"";
        return new UaaError(status, error, description, challenge, body);
    }

    private static String basicChallenge(String error, String description) {
        return "Basic realm=\"UAA/client\", error=\"" + error + "\", error_description=\"" + quotable(description)
                + "\"";
    }

    private static String quotable(String text) {
        return text.replaceAll("[\"\\\\\\p{Cntrl}]", "'");
    }

    private static Map<String, Object> oauthBody(String error, String description) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", error);
        body.put("error_description", description);
        return body;
    }

    int status() {
        return status;
    }

    String error() {
        return error;
    }

    String description() {
        return String.valueOf(getMessage());
    }

    /** The {@code WWW-Authenticate} value, or empty. */
    String challenge() {
        return challenge;
    }

    Map<String, Object> body() {
        return body;
    }
}
