package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets requests in and errors out: authentication, scopes, request ids, the error envelope. Blocking; any thread. */
final class Gate {
    private static final Logger log = LoggerFactory.getLogger(Gate.class);
    private static final Caller NOBODY = new Caller("", "", "", Set.of());

    private final Authenticator authenticator;
    private final Store store;

    Gate(Authenticator authenticator, Store store) {
        this.authenticator = authenticator;
        this.store = store;
    }

    /** The caller's permissions; refuses callers whose token has not the scope that the method needs. */
    Permissions admit(RequestHeaders headers) {
        Caller caller = authenticator.authenticate(headers.get(HttpHeaderNames.AUTHORIZATION, ""));
        boolean reads = headers.method() == HttpMethod.GET || headers.method() == HttpMethod.HEAD;
        if (reads ? !caller.mayRead() : !caller.mayWrite()) {
            throw ApiException.notAuthorized();
        }
        return permissions(caller);
    }

    Permissions permissions(Caller caller) {
        return new Permissions(caller, () -> store.database.read(dsl -> store.roles.ofUser(dsl, caller.guid())));
    }

    Permissions nobody() {
        return permissions(NOBODY);
    }

    /** Puts our own part behind the id that the request came with, as the original does. */
    static String requestId(RequestHeaders headers) {
        String given = headers.get("x-vcap-request-id", headers.get("x-request-id", ""));
        String clean = given.replaceAll("[^\\w-]", "");
        String own = UUID.randomUUID().toString();
        return clean.isEmpty() ? own : clean.substring(0, Math.min(255, clean.length())) + "::" + own;
    }

    static HttpResponse failure(Throwable failure, String requestId) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof ApiException refused) {
            return Reply.json(refused.status(), Docs.errors(refused.errors())).http(requestId);
        }
        log.atError().addKeyValue("request-id", requestId).setCause(cause).log("request-failed");
        return Reply.json(
                        HttpStatus.INTERNAL_SERVER_ERROR,
                        Docs.errors(ApiException.unknownError().errors()))
                .http(requestId);
    }
}
