package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Paging, ordering, filters, includes and the errors around them. */
class ListsTest {
    @TempDir
    static Path directory;

    private static Cloud cloud;
    private static String space;

    @BeforeAll
    static void start() throws Exception {
        cloud = new Cloud(directory);
        space = cloud.space(cloud.org("acme"), "dev");
        for (String name : List.of("c", "a", "b,1")) {
            cloud.app(space, name);
        }
        String first = names("order_by=name").getFirst();
        label(first, "{\"env\":\"prod\",\"example.com/team\":\"red\"}");
        label("c", "{\"env\":\"test\"}");
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    private static void label(String app, String labels) {
        String guid = cloud.get("/v3/apps?names=" + app)
                .body()
                .path("resources")
                .path(0)
                .path("guid")
                .asString();
        cloud.patch("/v3/apps/" + guid, "{\"metadata\":{\"labels\":" + labels + "}}")
                .expect(200);
    }

    private static List<String> names(String query) {
        return cloud.get("/v3/apps?" + query)
                .expect(200)
                .body()
                .path("resources")
                .valueStream()
                .map(app -> app.path("name").asString())
                .toList();
    }

    @Test
    void ordersByCreationUnlessAskedOtherwise() {
        assertThat(names("")).containsExactly("c", "a", "b,1");
        assertThat(names("order_by=name")).containsExactly("a", "b,1", "c");
        assertThat(names("order_by=-created_at")).containsExactly("b,1", "a", "c");
        assertThat(cloud.get("/v3/apps?order_by=color").expect(400).code()).isEqualTo(10005);
    }

    @Test
    void linksPagesWithAllTheirFilters() {
        JsonNode pagination = cloud.get("/v3/apps?order_by=name&per_page=2")
                .expect(200)
                .body()
                .path("pagination");

        assertThat(pagination.path("total_results").asInt()).isEqualTo(3);
        assertThat(pagination.path("total_pages").asInt()).isEqualTo(2);
        assertThat(pagination.path("next").path("href").asString())
                .isEqualTo("http://api.test/v3/apps?order_by=name&page=2&per_page=2");
        assertThat(pagination.path("previous").isNull()).isTrue();
        assertThat(names("order_by=name&per_page=2&page=2")).containsExactly("c");
        assertThat(names("page=9")).isEmpty();
    }

    @Test
    void boundsPages() {
        assertThat(cloud.get("/v3/apps?per_page=5001").expect(400).error())
                .contains("Per page must be between 1 and 5000");
        cloud.get("/v3/apps?per_page=5000").expect(200);
        cloud.get("/v3/apps?page=0").expect(400);
        cloud.get("/v3/apps?page=x").expect(400);
    }

    @Test
    void refusesUnknownParameters() {
        assertThat(cloud.get("/v3/apps?color=red").expect(400).error())
                .startsWith(
                        "The query parameter is invalid: Unknown query parameter(s): 'color'. Valid parameters are: ");
    }

    @Test
    void filtersByNamesThatMayHoldCommas() {
        assertThat(names("names=a,c")).containsExactly("c", "a");
        assertThat(names("names=b%252C1")).containsExactly("b,1");
        assertThat(names("names=nothing")).isEmpty();
    }

    @Test
    void filtersByTime() {
        assertThat(names("created_ats[gt]=2001-01-01T00:00:00Z")).hasSize(3);
        assertThat(names("created_ats[lt]=2001-01-01T00:00:00Z")).isEmpty();
        cloud.get("/v3/apps?created_ats[lt]=yesterday").expect(400);
    }

    @Test
    void selectsByLabels() {
        assertThat(names("label_selector=env")).containsExactly("c", "a");
        assertThat(names("label_selector=!env")).containsExactly("b,1");
        assertThat(names("label_selector=env%3Dprod")).containsExactly("a");
        assertThat(names("label_selector=env!%3Dprod")).containsExactly("c", "b,1");
        assertThat(names("label_selector=env+in+(prod,test),example.com/team%3Dred"))
                .containsExactly("a");
        assertThat(names("label_selector=env+notin+(prod)")).containsExactly("c", "b,1");
    }

    @Test
    void includesSpacesAndTheirOrganizations() {
        JsonNode included = cloud.get("/v3/apps?include=space.organization")
                .expect(200)
                .body()
                .path("included");

        assertThat(included.path("spaces").path(0).path("name").asString()).isEqualTo("dev");
        assertThat(included.path("organizations").path(0).path("name").asString())
                .isEqualTo("acme");
        cloud.get("/v3/apps?include=moon").expect(400);
    }

    @Test
    void mergesMetadataKeyByKey() {
        String guid = cloud.app(space, "labelled");
        cloud.patch(
                        "/v3/apps/" + guid,
                        "{\"metadata\":{\"labels\":{\"a\":\"1\",\"b\":\"2\"},\"annotations\":{\"n\":\"some text\"}}}")
                .expect(200);

        JsonNode metadata = cloud.patch("/v3/apps/" + guid, "{\"metadata\":{\"labels\":{\"a\":null,\"c\":\"3\"}}}")
                .expect(200)
                .body()
                .path("metadata");

        assertThat(metadata.toString())
                .isEqualTo("{\"labels\":{\"b\":\"2\",\"c\":\"3\"},\"annotations\":{\"n\":\"some text\"}}");
        assertThat(cloud.patch("/v3/apps/" + guid, "{\"metadata\":{\"labels\":{\"cloudfoundry.org/x\":\"1\"}}}")
                        .expect(422)
                        .error())
                .contains("Metadata label key error");
        assertThat(cloud.patch("/v3/apps/" + guid, "{\"metadata\":{\"labels\":{\"x\":\"a b\"}}}")
                        .expect(422)
                        .error())
                .contains("Metadata label value error");
        cloud.complete(cloud.delete("/v3/apps/" + guid));
    }

    @Test
    void answersUnknownPathsAndBrokenBodiesAsTheOriginalDoes() {
        Cloud.Answer unknown = cloud.get("/v3/nonsense").expect(404);
        assertThat(unknown.code()).isEqualTo(10000);
        assertThat(unknown.error()).isEqualTo("Unknown request");
        assertThat(cloud.post("/v3/apps", "{").expect(400).code()).isEqualTo(1001);
        assertThat(cloud.post("/v3/apps", "{\"name\":\"x\",\"color\":1}")
                        .expect(422)
                        .error())
                .contains("Unknown field(s): 'color'")
                .contains("Relationships is not an object");
        assertThat(cloud.get("/v3/apps").headers().firstValue("x-vcap-request-id"))
                .isPresent();
    }

    @Test
    void announcesWhatClientsLookFor() {
        JsonNode links = cloud.get("/").expect(200).body().path("links");

        assertThat(links.path("cloud_controller_v3")
                        .path("meta")
                        .path("version")
                        .asString())
                .matches("\\d+\\.\\d+\\.\\d+");
        assertThat(links.path("login").path("href").asString()).isEqualTo(cloud.uaa.url());
        assertThat(links.path("routing").path("href").asString()).isEqualTo(cloud.routingApi.url());
        assertThat(links.path("log_cache").isNull()).isTrue();
        assertThat(cloud.get("/v3")
                        .body()
                        .path("links")
                        .path("apps")
                        .path("href")
                        .asString())
                .isEqualTo("http://api.test/v3/apps");
    }
}
