package org.cupola.uaa;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.annotation.Nullable;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import org.cupola.platform.http.BlockingService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which endpoint answers what, and how failures look. Immutable. */
final class Routes {
    private static final Logger log = LoggerFactory.getLogger(Routes.class);
    private final Hosts hosts;
    private final Endpoints endpoints;

    /** All of them. */
    record Endpoints(
            TokenEndpoint tokens,
            AuthorizeEndpoint authorize,
            LoginPages login,
            KeyEndpoints keys,
            TokenInfoEndpoints info,
            RevocationEndpoints revocation,
            UserEndpoints users,
            UserIdsEndpoint userIds,
            GroupEndpoints groups,
            ClientEndpoints clients) {}

    /** Answers one call. */
    private interface Endpoint {
        HttpResponse answer(Call call);
    }

    Routes(Hosts hosts, Endpoints endpoints) {
        this.hosts = hosts;
        this.endpoints = endpoints;
    }

    void install(ServerBuilder server) {
        server.errorHandler(new JsonErrors());
        server.route()
                .get("/healthz")
                .build((ctx, request) -> HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, "ok"));
        oauth(server);
        pages(server);
        users(server);
        groups(server);
        clients(server);
    }

    private void oauth(ServerBuilder server) {
        on(server, "GET", "/oauth/token", endpoints.tokens()::token);
        on(server, "POST", "/oauth/token", endpoints.tokens()::token);
        on(server, "GET", "/oauth/authorize", endpoints.authorize()::ask);
        on(server, "POST", "/oauth/authorize", endpoints.authorize()::decide);
        on(server, "GET", "/token_key", endpoints.keys()::key);
        on(server, "GET", "/token_keys", endpoints.keys()::keys);
        on(server, "GET", "/.well-known/openid-configuration", endpoints.keys()::discovery);
        on(server, "GET", "/oauth/token/.well-known/openid-configuration", endpoints.keys()::discovery);
        on(server, "GET", "/check_token", endpoints.info()::check);
        on(server, "POST", "/check_token", endpoints.info()::check);
        on(server, "POST", "/introspect", endpoints.info()::introspect);
        on(server, "GET", "/userinfo", endpoints.info()::userInfo);
        on(server, "POST", "/userinfo", endpoints.info()::userInfo);
        on(server, "DELETE", "/oauth/token/revoke/{id}", endpoints.revocation()::token);
        on(server, "GET", "/oauth/token/revoke/user/{id}", endpoints.revocation()::ofUser);
        on(server, "GET", "/oauth/token/revoke/client/{id}", endpoints.revocation()::ofClient);
        on(server, "GET", "/oauth/token/revoke/user/{id}/client/{client}", endpoints.revocation()::ofUserAndClient);
        on(server, "GET", "/oauth/token/list", endpoints.revocation()::list);
        on(server, "GET", "/oauth/token/list/user/{id}", endpoints.revocation()::listOfUser);
        on(server, "GET", "/oauth/token/list/client/{id}", endpoints.revocation()::listOfClient);
    }

    private void pages(ServerBuilder server) {
        on(server, "GET", "/", endpoints.login()::home);
        on(server, "GET", "/home", endpoints.login()::home);
        on(server, "GET", "/login", endpoints.login()::login);
        on(server, "GET", "/info", endpoints.login()::info);
        on(server, "POST", "/login.do", endpoints.login()::submit);
        on(server, "GET", "/logout.do", endpoints.login()::logout);
        on(server, "POST", "/logout.do", endpoints.login()::logout);
        on(server, "GET", "/passcode", endpoints.login()::passcode);
    }

    private void users(ServerBuilder server) {
        on(server, "GET", "/Users", endpoints.users()::list);
        on(server, "POST", "/Users", endpoints.users()::create);
        on(server, "GET", "/Users/{id}", endpoints.users()::get);
        on(server, "PUT", "/Users/{id}", endpoints.users()::replace);
        on(server, "PATCH", "/Users/{id}", endpoints.users()::merge);
        on(server, "DELETE", "/Users/{id}", endpoints.users()::delete);
        on(server, "PUT", "/Users/{id}/password", endpoints.users()::changePassword);
        on(server, "PATCH", "/Users/{id}/status", endpoints.users()::status);
        on(server, "GET", "/Users/{id}/verify", endpoints.users()::verify);
        on(server, "GET", "/ids/Users", endpoints.userIds()::list);
    }

    private void groups(ServerBuilder server) {
        on(server, "GET", "/Groups", endpoints.groups()::list);
        on(server, "POST", "/Groups", endpoints.groups()::create);
        on(server, "GET", "/Groups/External", endpoints.groups()::listExternal);
        on(server, "POST", "/Groups/External", endpoints.groups()::mapExternal);
        on(
                server,
                "DELETE",
                "/Groups/External/groupId/{id}/externalGroup/{external}/origin/{origin}",
                endpoints.groups()::unmapExternal);
        on(
                server,
                "DELETE",
                "/Groups/External/displayName/{name}/externalGroup/{external}/origin/{origin}",
                endpoints.groups()::unmapExternal);
        on(server, "GET", "/Groups/{id}", endpoints.groups()::get);
        on(server, "PUT", "/Groups/{id}", endpoints.groups()::replace);
        on(server, "PATCH", "/Groups/{id}", endpoints.groups()::merge);
        on(server, "DELETE", "/Groups/{id}", endpoints.groups()::delete);
        on(server, "GET", "/Groups/{id}/members", endpoints.groups()::listMembers);
        on(server, "POST", "/Groups/{id}/members", endpoints.groups()::addMember);
        on(server, "GET", "/Groups/{id}/members/{member}", endpoints.groups()::getMember);
        on(server, "DELETE", "/Groups/{id}/members/{member}", endpoints.groups()::removeMember);
    }

    private void clients(ServerBuilder server) {
        on(server, "GET", "/oauth/clients", endpoints.clients()::list);
        on(server, "POST", "/oauth/clients", endpoints.clients()::create);
        on(server, "GET", "/oauth/clients/meta", endpoints.clients()::metas);
        on(server, "POST", "/oauth/clients/tx", endpoints.clients()::createMany);
        on(server, "PUT", "/oauth/clients/tx", endpoints.clients()::updateMany);
        on(server, "POST", "/oauth/clients/tx/delete", endpoints.clients()::deleteMany);
        on(server, "POST", "/oauth/clients/tx/secret", endpoints.clients()::secretMany);
        on(server, "POST", "/oauth/clients/tx/modify", endpoints.clients()::modifyMany);
        on(server, "GET", "/oauth/clients/{id}", endpoints.clients()::get);
        on(server, "PUT", "/oauth/clients/{id}", endpoints.clients()::update);
        on(server, "DELETE", "/oauth/clients/{id}", endpoints.clients()::delete);
        on(server, "PUT", "/oauth/clients/{id}/secret", endpoints.clients()::secret);
        on(server, "PUT", "/oauth/clients/{id}/clientjwt", endpoints.clients()::keys);
        on(server, "GET", "/oauth/clients/{id}/meta", endpoints.clients()::meta);
        on(server, "PUT", "/oauth/clients/{id}/meta", endpoints.clients()::updateMeta);
    }

    private void on(ServerBuilder server, String method, String path, Endpoint endpoint) {
        server.route().methods(HttpMethod.valueOf(method)).path(path).build(new BlockingService((ctx, request) -> {
            try {
                var call = new Call(ctx, request);
                hosts.require(call.host());
                return endpoint.answer(call);
            } catch (UaaError e) {
                log.atDebug()
                        .addKeyValue("path", path)
                        .addKeyValue("status", e.status())
                        .addKeyValue("error", e.error())
                        .log("request-refused");
                return Answers.error(e);
            }
        }));
    }

    /** What no endpoint answers, and what none of them expected. */
    private static final class JsonErrors implements ServerErrorHandler {
        @Override
        public HttpResponse onServiceException(ServiceRequestContext ctx, Throwable cause) {
            if (cause instanceof HttpStatusException status) {
                return Answers.error(error(status.httpStatus(), ctx.method().name()));
            }
            if (cause instanceof UaaError error) {
                return Answers.error(error);
            }
            log.atError().addKeyValue("path", ctx.path()).setCause(cause).log("request-failed");
            return Answers.error(UaaError.oauth(500, "server_error", "An unexpected error occurred."));
        }

        @Override
        public AggregatedHttpResponse renderStatus(
                @Nullable ServiceRequestContext ctx,
                ServiceConfig config,
                @Nullable RequestHeaders headers,
                HttpStatus status,
                @Nullable String description,
                @Nullable Throwable cause) {
            return Answers.whole(
                    error(status, headers == null ? "" : headers.method().name()));
        }

        private static UaaError error(HttpStatus status, String method) {
            return switch (status.code()) {
                case 404 -> UaaError.oauth(404, "not_found", "Resource not found");
                case 405 -> UaaError.oauth(405, "method_not_allowed", "Request method '" + method + "' not supported");
                default ->
                    UaaError.oauth(
                            status.code(),
                            status.code() < 500 ? "invalid_request" : "server_error",
                            status.reasonPhrase());
            };
        }
    }
}
