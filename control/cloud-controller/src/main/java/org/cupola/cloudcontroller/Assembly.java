package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.cupola.protocol.bbs.BbsClient;

/** Puts the services together. */
final class Assembly implements AutoCloseable {
    private static final Duration HOUSEKEEPING_INTERVAL = Duration.ofHours(1);
    private static final Duration SEED_INTERVAL = Duration.ofSeconds(30);
    private static final long MAX_UPLOAD_BYTES = 2L << 30;

    private final CloudControllerConfig config;
    private final Gate gate;
    private final ApiRoutes routes = new ApiRoutes();
    private final Seeds seeds;
    private final Jobs jobs;
    private final Packages packages;
    private final Droplets droplets;
    private final Builds builds;
    private final Stacks stacks;
    private final InternalServer internal;
    private final Repeater sync;
    private final Repeater updater;
    private final Repeater housekeeping;
    private final Repeater tcpDomains;

    Assembly(
            CloudControllerConfig config,
            Store store,
            UserDirectory directory,
            RouterGroups routerGroups,
            Optional<BbsClient> bbs,
            BlobStores blobs,
            Authenticator authenticator,
            CellUrls cellUrls,
            InstanceUsage usage,
            RandomGenerator random) {
        this.config = config;
        this.gate = new Gate(authenticator, store);
        this.seeds = new Seeds(store, config, routerGroups);

        Urls urls = new Urls(config.apiUrl());
        AppEnvironmentRules environment =
                new AppEnvironmentRules(config.apiUrl(), config.limits().fileDescriptors());
        LrpBuilder builder = new LrpBuilder(config.limits(), config.platform().fileServer(), cellUrls, environment);
        LrpSync lrps = new LrpSync(store, builder, bbs, this::wakeSync);
        LrpInstances instances = new LrpInstances(bbs);
        TaskSync tasks = new TaskSync(
                store, new TaskBuilder(config.limits(), config.platform().fileServer(), cellUrls, environment), bbs);
        this.internal = new InternalServer(store, blobs.droplets(), tasks, gate);
        this.sync = new Repeater("diego-sync", config.platform().syncInterval(), () -> {
            boolean good = lrps.everything();
            return tasks.everything() && good;
        });
        this.jobs = new Jobs(store, urls);
        Api api = new Api(store, urls, new Listing(urls, store), new Visible(store), jobs, lrps, config);

        AppActions actions = new AppActions(api);
        DeploymentUpdater steps = new DeploymentUpdater(api, instances, actions);
        this.updater = new Repeater("deployment-updater", config.platform().deploymentInterval(), () -> {
            steps.step();
            return true;
        });
        this.housekeeping = new Repeater("housekeeping", HOUSEKEEPING_INTERVAL, new Housekeeping(store)::run);
        this.tcpDomains = new Repeater("tcp-domains", SEED_INTERVAL, seeds::plantTcpDomains);

        RouteRules routeRules = new RouteRules(store, routerGroups, config);
        LifecycleRules lifecycles = new LifecycleRules(store, config);
        ProcessChanges changes = new ProcessChanges(store, config.limits());
        Domains domains = new Domains(api, routerGroups);
        Organizations organizations = new Organizations(api, domains);
        Spaces spaces = new Spaces(api, organizations);
        Users users = new Users(api, directory);
        Routes routeService = new Routes(api, routeRules, domains, spaces);
        Destinations destinations = new Destinations(api);
        ProcessStats stats = new ProcessStats(api, instances, usage);
        Processes processes = new Processes(api, changes, stats);
        PackageBits bits = new PackageBits(blobs.packages(), blobs.resources(), config.blobs());
        Retention retention = new Retention(store, blobs, config.blobs());
        this.packages = new Packages(api, bits, blobs.packages(), retention);
        this.droplets = new Droplets(api, blobs.droplets());
        this.builds = new Builds(api, new ProcfileStager(), blobs, retention);
        this.stacks = new Stacks(api);
        ManifestApply manifestApply = new ManifestApply(
                api, actions, changes, lifecycles, routeService, routeRules, destinations, new RouteNames(random));

        new RootDocuments(urls, config).register(routes);
        organizations.register(routes);
        spaces.register(routes);
        users.register(routes);
        new Roles(api, users, organizations, spaces, directory).register(routes);
        new Quotas(api).register(routes);
        domains.register(routes);
        routeService.register(routes);
        destinations.register(routes);
        new Apps(api, actions, lifecycles, spaces).register(routes);
        new AppEnvironment(api, environment).register(routes);
        new AppFeatures(api).register(routes);
        processes.register(routes);
        stats.register(routes, processes);
        packages.register(routes);
        builds.register(routes);
        droplets.register(routes);
        new Manifests(api, manifestApply).register(routes);
        new Deployments(api, actions, updater::wake).register(routes);
        new Tasks(api, tasks).register(routes);
        new JobsApi(api).register(routes);
        new FeatureFlagsApi(api).register(routes);
        stacks.register(routes);
        new Buildpacks(api).register(routes);
        new SecurityGroups(api).register(routes);
        new AuditEventsApi(api).register(routes);
        new EmptyCollections(api).register(routes);
        new Deletions(api, actions, blobs, authenticator).register(jobs);
    }

    private void wakeSync() {
        sync.wake();
    }

    /** What must be there before the first request. */
    void prepare() {
        seeds.plant();
        stacks.seed(config.platform().stacks());
        packages.recover();
        builds.recover();
    }

    void addTo(ServerBuilder server) {
        Uploads uploads = new Uploads(gate, config.blobs().temporary(), MAX_UPLOAD_BYTES);
        uploads.addTo(server, "/v3/packages/{guid}/upload", packages::requireMayUpload, packages::upload);
        uploads.addTo(server, "/v3/droplets/{guid}/upload", droplets::requireMayUpload, droplets::upload);
        Downloads.addTo(server, "/v3/packages/{guid}/download", (ctx, headers) -> packages.content(call(ctx, headers)));
        Downloads.addTo(server, "/v3/droplets/{guid}/download", (ctx, headers) -> droplets.content(call(ctx, headers)));
        new ApiServer(gate, routes).addTo(server);
    }

    void addInternalTo(ServerBuilder server) {
        internal.addTo(server);
    }

    private Call call(ServiceRequestContext ctx, RequestHeaders headers) {
        return new Call(headers, ctx.path(), ctx.pathParams(), QueryParams.of(), HttpData.empty(), gate.admit(headers));
    }

    /** What may go on beside requests. */
    void start() {
        jobs.recover();
        sync.start();
        updater.start();
        housekeeping.start();
        tcpDomains.start();
    }

    @Override
    public void close() {
        tcpDomains.close();
        housekeeping.close();
        updater.close();
        sync.close();
        jobs.close();
    }
}
