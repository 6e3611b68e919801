package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.cloudfoundry.client.v3.Relationship;
import org.cloudfoundry.client.v3.ToOneRelationship;
import org.cloudfoundry.client.v3.applications.ApplicationRelationships;
import org.cloudfoundry.client.v3.applications.CreateApplicationRequest;
import org.cloudfoundry.client.v3.applications.GetApplicationProcessStatisticsRequest;
import org.cloudfoundry.client.v3.applications.ScaleApplicationRequest;
import org.cloudfoundry.client.v3.applications.SetApplicationCurrentDropletRequest;
import org.cloudfoundry.client.v3.applications.StartApplicationRequest;
import org.cloudfoundry.client.v3.builds.BuildState;
import org.cloudfoundry.client.v3.builds.CreateBuildRequest;
import org.cloudfoundry.client.v3.builds.GetBuildRequest;
import org.cloudfoundry.client.v3.domains.ListDomainsRequest;
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
import org.cloudfoundry.reactor.DefaultConnectionContext;
import org.cloudfoundry.reactor.client.ReactorCloudFoundryClient;
import org.cloudfoundry.reactor.tokenprovider.PasswordGrantTokenProvider;
import org.cupola.launcher.demo.SampleApps;
import org.cupola.platform.testing.RealParts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The official Java client deploys an app and reads its logs, and so does the {@code cf} command where there is one. */
class OfficialClientTest {
    @TempDir
    private static Path data;

    @Test
    void deploysAnAppThatAnswersAndLogs() throws Exception {
        try (var platform = InOneProcess.start(data)) {
            RunningPlatform.Reach at = platform.reach();
            var connection = DefaultConnectionContext.builder()
                    .apiHost("localhost")
                    .port(at.api().getPort())
                    .secure(false)
                    .build();
            var tokens = PasswordGrantTokenProvider.builder()
                    .username(at.user())
                    .password(at.password())
                    .build();
            var cf = ReactorCloudFoundryClient.builder()
                    .connectionContext(connection)
                    .tokenProvider(tokens)
                    .build();
            Runnable request = () -> platform.get("official.apps.localhost", "/");
            try {
                String app = deploy(cf);

                assertThat(platform.get("official.apps.localhost", "/").body()).startsWith("hello from instance ");
                var logs = new OfficialLogs(connection, tokens, app);
                logs.requireRecent(
                        "APP/PROC/WEB instance ",
                        "CELL Cell cell-0 successfully created container",
                        "RTR official.",
                        "API Created app with guid " + app);
                logs.requireStream(request);
                logs.requireUsage(cf);
            } finally {
                connection.dispose();
            }
            for (String host : List.of("log-cache", "log-stream", "doppler")) {
                assertThat(platform.get(host + "." + at.systemDomain(), "/api/v1/info")
                                .body())
                        .contains("vm_uptime");
            }
            Optional<Path> program = RealParts.find("cf");
            if (program.isPresent()) {
                readWith(new CfCommand(program.get(), Files.createDirectory(data.resolve("cf-home"))), at, request);
            }
        }
    }

    private static void readWith(CfCommand cf, RunningPlatform.Reach at, Runnable request) throws Exception {
        cf.run("api", at.api().toString());
        cf.run("auth", at.user(), at.password());
        cf.run("target", "-o", "official", "-s", "official");

        assertThat(cf.run("logs", "official", "--recent"))
                .contains("[APP/PROC/WEB/0] OUT instance 0 listens on ")
                .contains("[CELL/0] OUT Cell cell-0 ")
                .contains("[RTR/0] OUT official.apps.localhost ");
        cf.followUntil("[RTR/0] OUT official.apps.localhost ", request, "logs", "official");
        cf.run("create-user", "developer", "secret");
        cf.run("set-space-role", "developer", "official", "official", "SpaceDeveloper");
        cf.run("auth", "developer", "secret");
        cf.run("target", "-o", "official", "-s", "official");
        assertThat(cf.run("logs", "official", "--recent")).contains("[APP/PROC/WEB/0] OUT ");
        assertThat(cf.run("app", "official")).containsPattern("#0 +running .* [1-9][0-9.]*M of 128M ");
    }

    private static String deploy(ReactorCloudFoundryClient cf) throws Exception {
        String organization = cf.organizationsV3()
                .create(CreateOrganizationRequest.builder().name("official").build())
                .block()
                .getId();
        assertThat(cf.organizationsV3()
                        .list(ListOrganizationsRequest.builder()
                                .name("official")
                                .build())
                        .block()
                        .getResources())
                .hasSize(1);
        String space = cf.spacesV3()
                .create(CreateSpaceRequest.builder()
                        .name("official")
                        .relationships(SpaceRelationships.builder()
                                .organization(to(organization))
                                .build())
                        .build())
                .block()
                .getId();
        String app = cf.applicationsV3()
                .create(CreateApplicationRequest.builder()
                        .name("official")
                        .relationships(ApplicationRelationships.builder()
                                .space(to(space))
                                .build())
                        .build())
                .block()
                .getId();
        stage(cf, app);
        cf.applicationsV3()
                .scale(ScaleApplicationRequest.builder()
                        .applicationId(app)
                        .type("web")
                        .instances(2)
                        .memoryInMb(128)
                        .build())
                .block();
        map(cf, space, app);
        cf.applicationsV3()
                .start(StartApplicationRequest.builder().applicationId(app).build())
                .block();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> cf
                                .applicationsV3()
                                .getProcessStatistics(GetApplicationProcessStatisticsRequest.builder()
                                        .applicationId(app)
                                        .type("web")
                                        .build())
                                .block()
                                .getResources()
                                .stream()
                                .filter(instance -> instance.getState() == ProcessState.RUNNING)
                                .count()
                        == 2);
        return app;
    }

    private static void stage(ReactorCloudFoundryClient cf, String app) throws Exception {
        Path bits = Files.write(data.resolve("official.zip"), SampleApps.http());
        String uploaded = cf.packages()
                .create(CreatePackageRequest.builder()
                        .type(PackageType.BITS)
                        .relationships(PackageRelationships.builder()
                                .application(to(app))
                                .build())
                        .build())
                .block()
                .getId();
        cf.packages()
                .upload(UploadPackageRequest.builder()
                        .packageId(uploaded)
                        .bits(bits)
                        .build())
                .block();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> cf.packages()
                                .get(GetPackageRequest.builder()
                                        .packageId(uploaded)
                                        .build())
                                .block()
                                .getState()
                        == PackageState.READY);
        String build = cf.builds()
                .create(CreateBuildRequest.builder()
                        .getPackage(Relationship.builder().id(uploaded).build())
                        .build())
                .block()
                .getId();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> cf.builds()
                                .get(GetBuildRequest.builder().buildId(build).build())
                                .block()
                                .getState()
                        == BuildState.STAGED);
        String droplet = cf.builds()
                .get(GetBuildRequest.builder().buildId(build).build())
                .block()
                .getDroplet()
                .getId();
        cf.applicationsV3()
                .setCurrentDroplet(SetApplicationCurrentDropletRequest.builder()
                        .applicationId(app)
                        .data(Relationship.builder().id(droplet).build())
                        .build())
                .block();
    }

    private static void map(ReactorCloudFoundryClient cf, String space, String app) {
        String domain = cf.domainsV3()
                .list(ListDomainsRequest.builder().name("apps.localhost").build())
                .block()
                .getResources()
                .getFirst()
                .getId();
        String route = cf.routesV3()
                .create(CreateRouteRequest.builder()
                        .host("official")
                        .relationships(RouteRelationships.builder()
                                .space(to(space))
                                .domain(to(domain))
                                .build())
                        .build())
                .block()
                .getId();
        cf.routesV3()
                .insertDestinations(InsertRouteDestinationsRequest.builder()
                        .routeId(route)
                        .destination(Destination.builder()
                                .application(
                                        Application.builder().applicationId(app).build())
                                .build())
                        .build())
                .block();
    }

    private static ToOneRelationship to(String id) {
        return ToOneRelationship.builder()
                .data(Relationship.builder().id(id).build())
                .build();
    }
}
