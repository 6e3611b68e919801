package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.MediaType;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What clients read first, without a token: where everything is. */
final class RootDocuments {
    /** Announces what clients may use; see docs/compatibility/cloud-controller.md before raising it. */
    static final String API_VERSION = "3.211.0";

    private static final List<String> COLLECTIONS = List.of(
            "app_usage_events",
            "apps",
            "audit_events",
            "buildpacks",
            "builds",
            "deployments",
            "domains",
            "droplets",
            "environment_variable_groups",
            "feature_flags",
            "info",
            "isolation_segments",
            "organizations",
            "organization_quotas",
            "packages",
            "processes",
            "resource_matches",
            "roles",
            "routes",
            "security_groups",
            "service_brokers",
            "service_instances",
            "service_credential_bindings",
            "service_offerings",
            "service_plans",
            "service_route_bindings",
            "service_usage_events",
            "spaces",
            "space_quotas",
            "stacks",
            "tasks",
            "users");

    private final Urls urls;
    private final CloudControllerConfig config;

    RootDocuments(Urls urls, CloudControllerConfig config) {
        this.urls = urls;
        this.config = config;
    }

    void register(ApiRoutes routes) {
        routes.open("/", _ -> Reply.ok(root()))
                .open("/v3", _ -> Reply.ok(v3()))
                .open("/v3/", _ -> Reply.ok(v3()))
                .open("/v3/info", _ -> Reply.ok(info()))
                .open("/v2/info", _ -> Reply.ok(v2Info()))
                .open("/healthz", _ -> Reply.text(MediaType.PLAIN_TEXT_UTF_8, "OK"));
    }

    private ObjectNode root() {
        CloudControllerConfig.InfoSettings info = config.info();
        ObjectNode document = Docs.object();
        ObjectNode links = document.putObject("links");
        links.set("self", Docs.link(urls.base()));
        ObjectNode v3 = links.putObject("cloud_controller_v3").put("href", urls.base() + "/v3");
        v3.putObject("meta").put("version", API_VERSION);
        links.set("network_policy_v0", Docs.link(urls.base() + "/networking/v0/external"));
        links.set("network_policy_v1", Docs.link(urls.base() + "/networking/v1/external"));
        links.set("login", Docs.link(config.uaa().loginUrl()));
        links.set("uaa", Docs.link(config.uaa().url()));
        links.putNull("credhub");
        putLink(
                links,
                "routing",
                config.routingApi()
                        .map(CloudControllerConfig.RoutingApi::externalUrl)
                        .orElse(""));
        putLink(links, "logging", info.dopplerUrl());
        putLink(links, "log_cache", info.logCacheUrl());
        putLink(links, "log_stream", info.logStreamUrl());
        ObjectNode ssh = links.putObject("app_ssh").put("href", info.sshEndpoint());
        ssh.putObject("meta").put("host_key_fingerprint", info.sshFingerprint()).put("oauth_client", info.sshClient());
        return document;
    }

    private static void putLink(ObjectNode links, String name, String href) {
        if (href.isEmpty()) {
            links.putNull(name);
        } else {
            links.set(name, Docs.link(href));
        }
    }

    private ObjectNode v3() {
        ObjectNode document = Docs.object();
        ObjectNode links = document.putObject("links");
        links.set("self", Docs.link(urls.base() + "/v3"));
        COLLECTIONS.forEach(name -> links.set(name, urls.link("/" + name)));
        return document;
    }

    private ObjectNode info() {
        CloudControllerConfig.InfoSettings info = config.info();
        ObjectNode document = Docs.object().put("build", info.build());
        document.putObject("cli_version")
                .put("minimum", info.minCliVersion())
                .put("recommended", info.minRecommendedCliVersion());
        document.putObject("custom");
        document.put("description", info.description())
                .put("name", info.name())
                .put("version", info.version())
                .put("osbapi_version", "2.15");
        document.putObject("rate_limits")
                .put("enabled", false)
                .put("general_limit", "")
                .put("reset_interval_in_minutes", "");
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/info"));
        links.set("support", Docs.link(info.supportAddress()));
        return document;
    }

    /** Old clients find the login server here even where version 2 is not served. */
    private ObjectNode v2Info() {
        CloudControllerConfig.InfoSettings info = config.info();
        ObjectNode document = Docs.object()
                .put("name", info.name())
                .put("build", info.build())
                .put("support", "CF API v2 is disabled")
                .put("version", info.version())
                .put("description", info.description())
                .put("authorization_endpoint", config.uaa().loginUrl())
                .put("token_endpoint", config.uaa().url())
                .put("min_cli_version", info.minCliVersion())
                .put("min_recommended_cli_version", info.minRecommendedCliVersion())
                .put("app_ssh_endpoint", info.sshEndpoint())
                .put("app_ssh_host_key_fingerprint", info.sshFingerprint())
                .put("app_ssh_oauth_client", info.sshClient())
                .put("doppler_logging_endpoint", info.dopplerUrl())
                .put("api_version", "")
                .put("osbapi_version", "2.15");
        config.routingApi().ifPresent(api -> document.put("routing_endpoint", api.externalUrl()));
        return document;
    }
}
