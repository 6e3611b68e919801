package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP and TCP routes and where they lead. */
class RoutesTest {
    @TempDir
    static Path directory;

    private static Cloud cloud;
    private static String acme;
    private static String space;
    private static String http;
    private static String tcp;

    @BeforeAll
    static void start() throws Exception {
        cloud = new Cloud(directory);
        acme = cloud.org("acme");
        space = cloud.space(acme, "dev");
        http = cloud.domain("apps.test");
        Awaitility.await().until(() -> !cloud.domain("tcp.test").isEmpty());
        tcp = cloud.domain("tcp.test");
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    private static String error(String domain, String route) {
        return cloud.route(space, domain, route).expect(422).error();
    }

    @Test
    void refusesWhatIsTaken() {
        cloud.route(space, http, "\"host\":\"taken\"").expect(201);
        cloud.route(space, http, "\"host\":\"taken\",\"path\":\"/p\"").expect(201);

        assertThat(error(http, "\"host\":\"taken\""))
                .isEqualTo("Route already exists with host 'taken' for domain 'apps.test'.");
        assertThat(error(http, "\"host\":\"taken\",\"path\":\"/p\""))
                .isEqualTo("Route already exists with host 'taken' and path '/p' for domain 'apps.test'.");
        assertThat(cloud.get("/v3/domains/" + http + "/route_reservations?host=taken")
                        .body()
                        .path("matching_route")
                        .asBoolean())
                .isTrue();
        assertThat(cloud.get("/v3/domains/" + http + "/route_reservations?host=free")
                        .body()
                        .path("matching_route")
                        .asBoolean())
                .isFalse();
    }

    @Test
    void refusesWhatIsNoRoute() {
        assertThat(error(http, "")).isEqualTo("Missing host. Routes in shared domains must have a host defined.");
        assertThat(error(http, "\"host\":\"a b\"")).startsWith("Host must be either");
        assertThat(error(http, "\"host\":\"a\",\"path\":\"/\"")).isEqualTo("Path cannot be a single '/'");
        assertThat(error(http, "\"host\":\"a\",\"path\":\"x\"")).isEqualTo("Path is missing the beginning '/'");
        assertThat(error(http, "\"host\":\"a\",\"path\":\"/x?\"")).isEqualTo("Path cannot contain '?'");
        assertThat(error(http, "\"host\":\"a\",\"port\":1024"))
                .isEqualTo("Routes with protocol 'http' do not support ports.");
        assertThat(error(tcp, "\"host\":\"a\"")).isEqualTo("Hosts are not supported for TCP routes.");
        assertThat(error(tcp, "\"path\":\"/a\"")).isEqualTo("Paths are not supported for TCP routes.");
    }

    @Test
    void givesTcpRoutesThePortsOfTheirRouterGroup() {
        String own = cloud.space(acme, "ports");
        assertThat(cloud.route(own, tcp, "").expect(201).body().path("url").asString())
                .isEqualTo("tcp.test:1024");
        assertThat(cloud.route(own, tcp, "\"port\":2000")
                        .expect(201)
                        .body()
                        .path("protocol")
                        .asString())
                .isEqualTo("tcp");
        assertThat(cloud.route(own, tcp, "\"port\":2000").expect(422).error())
                .isEqualTo("Route already exists with port '2000' for domain 'tcp.test'.");
        assertThat(cloud.route(own, tcp, "\"port\":3000").expect(422).error())
                .isEqualTo("Port '3000' is not available. Try a different port or use a different domain.");
        assertThat(cloud.route(own, tcp, "").expect(201).body().path("port").asInt())
                .isEqualTo(1025);
        assertThat(cloud.route(own, tcp, "").expect(422).error())
                .isEqualTo("There are no more ports available for this domain.");

        cloud.complete(cloud.delete("/v3/spaces/" + own + "/routes?unmapped=true"));
        assertThat(cloud.get("/v3/routes?space_guids=" + own)
                        .body()
                        .path("resources")
                        .size())
                .isZero();
    }

    @Test
    void tellsTheBbsAboutEachMappingAtOnce() {
        String app = cloud.app(space, "mapped");
        cloud.assign(app, cloud.droplet(app));
        cloud.post("/v3/apps/" + app + "/actions/start", "").expect(200);
        String route = cloud.route(
                        space, http, "\"host\":\"mapped\",\"options\":{\"loadbalancing\":\"least-connection\"}")
                .expect(201)
                .guid();

        Cloud.Answer mapped = cloud.post(
                        "/v3/routes/" + route + "/destinations",
                        "{\"destinations\":[{\"app\":{\"guid\":\"" + app
                                + "\"},\"port\":9000,\"protocol\":\"http2\"}]}")
                .expect(200);
        String routes = lrpRoutes(app);
        cloud.delete("/v3/routes/" + route + "/destinations/"
                        + mapped.body()
                                .path("destinations")
                                .path(0)
                                .path("guid")
                                .asString())
                .expect(204);

        assertThat(routes)
                .isEqualTo(
                        "[{\"hostnames\":[\"mapped.apps.test\"],\"port\":9000,\"route_service_url\":null,\"isolation_segment\":null,\"protocol\":\"http2\",\"options\":{\"loadbalancing\":\"least-connection\"}}]");
        assertThat(lrpRoutes(app)).isEqualTo("[]");
        cloud.complete(cloud.delete("/v3/apps/" + app));
    }

    private static String lrpRoutes(String app) {
        return cloud.bbs.desired.values().stream()
                .filter(lrp -> lrp.getLogGuid().equals(app))
                .findFirst()
                .orElseThrow()
                .getRoutes()
                .getRoutesOrThrow("cf-router")
                .toStringUtf8();
    }

    @Test
    void mapsOnlyWhatFits() {
        String app = cloud.app(space, "fits");
        String route = cloud.route(space, http, "\"host\":\"fits\"").expect(201).guid();
        String path = "/v3/routes/" + route + "/destinations";

        assertThat(cloud.post(path, "{\"destinations\":[]}").expect(422).error())
                .startsWith("Destinations must be an array containing between 1 and 100");
        assertThat(cloud.post(path, "{\"destinations\":[{\"app\":{\"guid\":\"nobody\"}}]}")
                        .expect(422)
                        .error())
                .isEqualTo("App(s) with guid(s) \"nobody\" do not exist or you do not have access.");
        assertThat(cloud.post(path, "{\"destinations\":[{\"app\":{\"guid\":\"" + app + "\"},\"protocol\":\"tcp\"}]}")
                        .expect(422)
                        .error())
                .contains("Cannot use 'tcp' protocol for http routes");
        cloud.map(route, app).expect(200);
        assertThat(cloud.map(route, app).expect(200).body().path("destinations").size())
                .isEqualTo(1);
        assertThat(cloud.patch(path, "{\"destinations\":[]}")
                        .expect(200)
                        .body()
                        .path("destinations")
                        .size())
                .isZero();
    }

    @Test
    void keepsPrivateDomainsToTheirOrganizations() {
        String other = cloud.org("other");
        String domain = cloud.post(
                        "/v3/domains",
                        "{\"name\":\"private.test\",\"relationships\":{\"organization\":{\"data\":{\"guid\":\"" + other
                                + "\"}}}}")
                .expect(201)
                .guid();

        assertThat(cloud.route(space, domain, "\"host\":\"x\"").expect(422).error())
                .isEqualTo("Invalid domain. Domain 'private.test' is not available in organization 'acme'.");
        assertThat(cloud.post("/v3/domains", "{\"name\":\"private.test\"}")
                        .expect(422)
                        .error())
                .isEqualTo("The domain name \"private.test\" is already in use");
        assertThat(cloud.post("/v3/domains", "{\"name\":\"sub.private.test\"}")
                        .expect(422)
                        .error())
                .isEqualTo(
                        "The domain name \"sub.private.test\" cannot be created because \"private.test\" is already reserved by another domain");
        cloud.post(
                        "/v3/domains/" + domain + "/relationships/shared_organizations",
                        "{\"data\":[{\"guid\":\"" + acme + "\"}]}")
                .expect(200);
        cloud.route(space, domain, "\"host\":\"x\"").expect(201);
        cloud.complete(cloud.delete("/v3/domains/" + domain));
        assertThat(cloud.get("/v3/routes?hosts=x").body().path("resources").size())
                .isZero();
    }

    @Test
    void countsRoutesAgainstTheQuota() {
        String small = cloud.org("small");
        String smallSpace = cloud.space(small, "dev");
        String quota = cloud.post("/v3/organization_quotas", "{\"name\":\"one\",\"routes\":{\"total_routes\":1}}")
                .expect(201)
                .guid();
        cloud.post(
                        "/v3/organization_quotas/" + quota + "/relationships/organizations",
                        "{\"data\":[{\"guid\":\"" + small + "\"}]}")
                .expect(200);

        cloud.route(smallSpace, http, "\"host\":\"first\"").expect(201);
        assertThat(cloud.route(smallSpace, http, "\"host\":\"second\"")
                        .expect(422)
                        .error())
                .isEqualTo("Routes quota exceeded for organization 'small'.");
    }
}
