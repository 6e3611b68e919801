package org.cupola.cloudcontroller;

import org.cupola.platform.sql.Database;

/** The database and everything that is stored in it, for services to share. Immutable; any thread. */
final class Store {
    final Database database;
    final Stamps stamps;
    final MetadataRepository metadata;
    final QuotaRepository quotas = new QuotaRepository();
    final OrganizationRepository organizations = new OrganizationRepository();
    final SpaceRepository spaces = new SpaceRepository();
    final UserRepository users = new UserRepository();
    final RoleRepository roles = new RoleRepository();
    final DomainRepository domains = new DomainRepository();
    final AppRepository apps = new AppRepository();
    final ProcessRepository processes = new ProcessRepository();
    final PackageRepository packages = new PackageRepository();
    final DropletRepository droplets = new DropletRepository();
    final BuildRepository builds = new BuildRepository();
    final RouteRepository routes = new RouteRepository(domains);
    final DestinationRepository destinations = new DestinationRepository();
    final DeploymentRepository deployments = new DeploymentRepository();
    final TaskRepository tasks = new TaskRepository();
    final JobRepository jobs = new JobRepository();
    final StackRepository stacks = new StackRepository();
    final SecurityGroupRepository securityGroups = new SecurityGroupRepository();
    final AuditEvents events;
    final FeatureFlags flags;
    final EnvironmentGroups environmentGroups;

    Store(Database database, Stamps stamps, int maxLabels, int maxAnnotations) {
        this.database = database;
        this.stamps = stamps;
        this.metadata = new MetadataRepository(maxLabels, maxAnnotations);
        this.events = new AuditEvents(stamps);
        this.flags = new FeatureFlags(database, stamps);
        this.environmentGroups = new EnvironmentGroups(database, stamps);
    }
}
