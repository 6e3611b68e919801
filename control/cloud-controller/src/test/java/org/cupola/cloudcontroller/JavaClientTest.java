package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.cloudfoundry.client.CloudFoundryClient;
import org.cloudfoundry.client.v3.Relationship;
import org.cloudfoundry.client.v3.ToOneRelationship;
import org.cloudfoundry.client.v3.applications.ApplicationRelationships;
import org.cloudfoundry.client.v3.applications.ApplicationState;
import org.cloudfoundry.client.v3.applications.CreateApplicationRequest;
import org.cloudfoundry.client.v3.applications.DeleteApplicationRequest;
import org.cloudfoundry.client.v3.applications.GetApplicationEnvironmentRequest;
import org.cloudfoundry.client.v3.applications.GetApplicationProcessStatisticsRequest;
import org.cloudfoundry.client.v3.applications.GetApplicationRequest;
import org.cloudfoundry.client.v3.applications.ListApplicationRoutesRequest;
import org.cloudfoundry.client.v3.applications.ListApplicationsRequest;
import org.cloudfoundry.client.v3.applications.ScaleApplicationRequest;
import org.cloudfoundry.client.v3.applications.SetApplicationCurrentDropletRequest;
import org.cloudfoundry.client.v3.applications.StartApplicationRequest;
import org.cloudfoundry.client.v3.applications.StopApplicationRequest;
import org.cloudfoundry.client.v3.builds.BuildState;
import org.cloudfoundry.client.v3.builds.CreateBuildRequest;
import org.cloudfoundry.client.v3.builds.GetBuildRequest;
import org.cloudfoundry.client.v3.domains.ListDomainsRequest;
import org.cloudfoundry.client.v3.jobs.GetJobRequest;
import org.cloudfoundry.client.v3.jobs.JobState;
import org.cloudfoundry.client.v3.organizations.CreateOrganizationRequest;
import org.cloudfoundry.client.v3.organizations.ListOrganizationsRequest;
import org.cloudfoundry.client.v3.packages.CreatePackageRequest;
import org.cloudfoundry.client.v3.packages.GetPackageRequest;
import org.cloudfoundry.client.v3.packages.PackageRelationships;
import org.cloudfoundry.client.v3.packages.PackageState;
import org.cloudfoundry.client.v3.packages.PackageType;
import org.cloudfoundry.client.v3.packages.UploadPackageRequest;
import org.cloudfoundry.client.v3.processes.ProcessState;
import org.cloudfoundry.client.v3.routes.Application;
import org.cloudfoundry.client.v3.routes.CreateRouteRequest;
import org.cloudfoundry.client.v3.routes.Destination;
import org.cloudfoundry.client.v3.routes.InsertRouteDestinationsRequest;
import org.cloudfoundry.client.v3.routes.RouteRelationships;
import org.cloudfoundry.client.v3.spaces.CreateSpaceRequest;
import org.cloudfoundry.client.v3.spaces.SpaceRelationships;
import org.cloudfoundry.reactor.ConnectionContext;
import org.cloudfoundry.reactor.DefaultConnectionContext;
import org.cloudfoundry.reactor.RootProvider;
import org.cloudfoundry.reactor.client.ReactorCloudFoundryClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** The official Java client deploys an app: every answer has the fields it insists on. */
class JavaClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private Cloud cloud;
    private DefaultConnectionContext connection;
    private CloudFoundryClient client;

    @BeforeEach
    void start() throws Exception {
        cloud = new Cloud(directory);
        connection = DefaultConnectionContext.builder()
                .apiHost("127.0.0.1")
                .port(cloud.port())
                .secure(false)
                .rootProvider(new Root())
                .build();
        String token = cloud.uaa.admin();
        client = ReactorCloudFoundryClient.builder()
                .connectionContext(connection)
                .tokenProvider(_ -> Mono.just("bearer " + token))
                .build();
    }

    private final class Root implements RootProvider {
        @Override
        public Mono<String> getRoot(ConnectionContext context) {
            return Mono.just("http://127.0.0.1:" + cloud.port());
        }

        @Override
        public Mono<String> getRoot(String key, ConnectionContext context) {
            return Mono.just("http://127.0.0.1:" + cloud.port() + "/v3");
        }
    }

    @AfterEach
    void stop() {
        connection.dispose();
        cloud.close();
    }

    private static <T> T get(Mono<T> mono) {
        T value = mono.block(PATIENCE);
        assertThat(value).isNotNull();
        return value;
    }

    private static ToOneRelationship to(String guid) {
        return ToOneRelationship.builder()
                .data(Relationship.builder().id(guid).build())
                .build();
    }

    @Test
    void deploysScalesAndDeletesAnApp() throws Exception {
        String org = get(client.organizationsV3()
                        .create(CreateOrganizationRequest.builder().name("acme").build()))
                .getId();
        String space = get(client.spacesV3()
                        .create(CreateSpaceRequest.builder()
                                .name("dev")
                                .relationships(SpaceRelationships.builder()
                                        .organization(to(org))
                                        .build())
                                .build()))
                .getId();
        String app = get(client.applicationsV3()
                        .create(CreateApplicationRequest.builder()
                                .name("hello")
                                .environmentVariable("GREETING", "hi")
                                .relationships(ApplicationRelationships.builder()
                                        .space(to(space))
                                        .build())
                                .build()))
                .getId();
        String route = route(space, app);

        String droplet = stage(upload(app));
        get(client.applicationsV3()
                .setCurrentDroplet(SetApplicationCurrentDropletRequest.builder()
                        .applicationId(app)
                        .data(Relationship.builder().id(droplet).build())
                        .build()));
        assertThat(get(client.applicationsV3()
                                .start(StartApplicationRequest.builder()
                                        .applicationId(app)
                                        .build()))
                        .getState())
                .isEqualTo(ApplicationState.STARTED);
        get(client.applicationsV3()
                .scale(ScaleApplicationRequest.builder()
                        .applicationId(app)
                        .type("web")
                        .instances(2)
                        .build()));

        assertThat(get(client.applicationsV3()
                                .getProcessStatistics(GetApplicationProcessStatisticsRequest.builder()
                                        .applicationId(app)
                                        .type("web")
                                        .build()))
                        .getResources())
                .hasSize(2)
                .allSatisfy(instance -> assertThat(instance.getState()).isEqualTo(ProcessState.RUNNING));
        assertThat(get(client.applicationsV3()
                                .listRoutes(ListApplicationRoutesRequest.builder()
                                        .applicationId(app)
                                        .build()))
                        .getResources())
                .extracting(found -> found.getId())
                .containsExactly(route);
        assertThat(get(client.applicationsV3()
                                .getEnvironment(GetApplicationEnvironmentRequest.builder()
                                        .applicationId(app)
                                        .build()))
                        .getEnvironmentVariables())
                .containsEntry("GREETING", "hi");
        assertThat(get(client.applicationsV3()
                                .list(ListApplicationsRequest.builder().build()))
                        .getPagination()
                        .getTotalResults())
                .isEqualTo(1);
        assertThat(get(client.organizationsV3()
                                .list(ListOrganizationsRequest.builder()
                                        .name("acme")
                                        .build()))
                        .getResources())
                .hasSize(1);

        get(client.applicationsV3()
                .stop(StopApplicationRequest.builder().applicationId(app).build()));
        String job = get(client.applicationsV3()
                .delete(DeleteApplicationRequest.builder().applicationId(app).build()));
        Awaitility.await()
                .until(() -> get(client.jobsV3()
                                        .get(GetJobRequest.builder().jobId(job).build()))
                                .getState()
                        == JobState.COMPLETE);
        assertThat(client.applicationsV3()
                        .get(GetApplicationRequest.builder().applicationId(app).build())
                        .map(_ -> "there")
                        .onErrorResume(_ -> Mono.just("gone"))
                        .block(PATIENCE))
                .isEqualTo("gone");
    }

    private String route(String space, String app) {
        String domain = get(client.domainsV3()
                        .list(ListDomainsRequest.builder().name("apps.test").build()))
                .getResources()
                .getFirst()
                .getId();
        String route = get(client.routesV3()
                        .create(CreateRouteRequest.builder()
                                .host("hello")
                                .relationships(RouteRelationships.builder()
                                        .space(to(space))
                                        .domain(to(domain))
                                        .build())
                                .build()))
                .getId();
        get(client.routesV3()
                .insertDestinations(InsertRouteDestinationsRequest.builder()
                        .routeId(route)
                        .destination(Destination.builder()
                                .application(
                                        Application.builder().applicationId(app).build())
                                .build())
                        .build()));
        return route;
    }

    private String upload(String app) throws Exception {
        String guid = get(client.packages()
                        .create(CreatePackageRequest.builder()
                                .type(PackageType.BITS)
                                .relationships(PackageRelationships.builder()
                                        .application(to(app))
                                        .build())
                                .build()))
                .getId();
        Path zip = Files.write(directory.resolve("app.zip"), Cloud.zip(Map.of("Procfile", "web: ./run")));
        get(client.packages()
                .upload(UploadPackageRequest.builder().packageId(guid).bits(zip).build()));
        Awaitility.await()
                .until(() -> get(client.packages()
                                        .get(GetPackageRequest.builder()
                                                .packageId(guid)
                                                .build()))
                                .getState()
                        == PackageState.READY);
        return guid;
    }

    private String stage(String packageGuid) {
        String build = get(client.builds()
                        .create(CreateBuildRequest.builder()
                                .getPackage(
                                        Relationship.builder().id(packageGuid).build())
                                .build()))
                .getId();
        Awaitility.await()
                .until(() -> get(client.builds()
                                        .get(GetBuildRequest.builder()
                                                .buildId(build)
                                                .build()))
                                .getState()
                        == BuildState.STAGED);
        return get(client.builds().get(GetBuildRequest.builder().buildId(build).build()))
                .getDroplet()
                .getId();
    }
}
