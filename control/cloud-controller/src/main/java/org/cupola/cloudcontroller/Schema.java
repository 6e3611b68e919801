package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.CREATED_AT;
import static org.cupola.cloudcontroller.Columns.ERROR;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;
import static org.cupola.cloudcontroller.Columns.STATE;
import static org.cupola.cloudcontroller.Columns.TYPE;
import static org.cupola.cloudcontroller.Columns.UPDATED_AT;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cupola.platform.sql.Database;
import org.cupola.platform.sql.Migrations;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** The Cloud Controller's tables, as history. */
final class Schema {
    private Schema() {}

    static void migrate(Database database) {
        new Migrations("cloud-controller", List.of(Schema::first, Schema::second)).run(database);
    }

    private static void first(DSLContext dsl) {
        tenants(dsl);
        apps(dsl);
        routing(dsl);
        platform(dsl);
    }

    private static void second(DSLContext dsl) {
        resource(
                dsl,
                TaskRepository.TASKS,
                APP_GUID,
                NAME,
                STATE,
                TaskRepository.DROPLET_GUID,
                TaskRepository.SEQUENCE_ID,
                TaskRepository.COMMAND,
                TaskRepository.USER,
                TaskRepository.MEMORY_MB,
                TaskRepository.DISK_MB,
                TaskRepository.LOG_RATE,
                TaskRepository.FAILURE_REASON);
        unique(dsl, TaskRepository.TASKS, APP_GUID, TaskRepository.SEQUENCE_ID);
        index(dsl, TaskRepository.TASKS, STATE);
    }

    private static void tenants(DSLContext dsl) {
        resource(dsl, QuotaRepository.ORGANIZATION_QUOTAS, NAME, QuotaRepository.LIMITS);
        unique(dsl, QuotaRepository.ORGANIZATION_QUOTAS, NAME);
        resource(dsl, QuotaRepository.SPACE_QUOTAS, NAME, ORGANIZATION_GUID, QuotaRepository.LIMITS);
        unique(dsl, QuotaRepository.SPACE_QUOTAS, ORGANIZATION_GUID, NAME);
        resource(
                dsl,
                OrganizationRepository.ORGANIZATIONS,
                NAME,
                OrganizationRepository.SUSPENDED,
                OrganizationRepository.QUOTA_GUID);
        unique(dsl, OrganizationRepository.ORGANIZATIONS, NAME);
        resource(
                dsl,
                SpaceRepository.SPACES,
                NAME,
                ORGANIZATION_GUID,
                SpaceRepository.SSH_ALLOWED,
                SpaceRepository.QUOTA_GUID);
        unique(dsl, SpaceRepository.SPACES, ORGANIZATION_GUID, NAME);
        resource(dsl, UserRepository.USERS, UserRepository.USERNAME, UserRepository.ORIGIN);
        resource(dsl, RoleRepository.ROLES, TYPE, RoleRepository.USER_GUID, ORGANIZATION_GUID, SPACE_GUID);
        index(dsl, RoleRepository.ROLES, RoleRepository.USER_GUID);
        index(dsl, RoleRepository.ROLES, SPACE_GUID);
        index(dsl, RoleRepository.ROLES, ORGANIZATION_GUID);
    }

    private static void apps(DSLContext dsl) {
        resource(
                dsl,
                AppRepository.APPS,
                NAME,
                SPACE_GUID,
                AppRepository.STARTED,
                AppRepository.LIFECYCLE_TYPE,
                AppRepository.BUILDPACKS,
                AppRepository.STACK,
                AppRepository.DROPLET_GUID,
                AppRepository.SSH_ENABLED,
                AppRepository.REVISIONS_ENABLED,
                AppRepository.ENVIRONMENT);
        unique(dsl, AppRepository.APPS, SPACE_GUID, NAME);
        List<Field<?>> process = new ArrayList<>(List.of(
                APP_GUID,
                TYPE,
                ProcessRepository.VERSION,
                ProcessRepository.COMMAND,
                ProcessRepository.USER,
                ProcessRepository.INSTANCES,
                ProcessRepository.MEMORY_MB,
                ProcessRepository.DISK_MB,
                ProcessRepository.LOG_RATE,
                ProcessRepository.HEALTH_CHECK,
                ProcessRepository.READINESS_CHECK));
        resource(dsl, ProcessRepository.PROCESSES, process.toArray(Field<?>[]::new));
        index(dsl, ProcessRepository.PROCESSES, APP_GUID);
        resource(
                dsl,
                PackageRepository.PACKAGES,
                APP_GUID,
                TYPE,
                STATE,
                ERROR,
                PackageRepository.SHA256,
                PackageRepository.DOCKER_IMAGE,
                PackageRepository.DOCKER_USERNAME,
                PackageRepository.DOCKER_PASSWORD);
        index(dsl, PackageRepository.PACKAGES, APP_GUID);
        resource(
                dsl,
                DropletRepository.DROPLETS,
                APP_GUID,
                DropletRepository.PACKAGE_GUID,
                STATE,
                ERROR,
                DropletRepository.LIFECYCLE,
                DropletRepository.SHA1,
                DropletRepository.SHA256,
                DropletRepository.PROCESS_TYPES,
                DropletRepository.EXECUTION_METADATA,
                DropletRepository.IMAGE);
        index(dsl, DropletRepository.DROPLETS, APP_GUID);
        resource(
                dsl,
                BuildRepository.BUILDS,
                APP_GUID,
                BuildRepository.PACKAGE_GUID,
                STATE,
                ERROR,
                BuildRepository.DROPLET_GUID,
                BuildRepository.LIFECYCLE,
                BuildRepository.MEMORY_MB,
                BuildRepository.DISK_MB,
                BuildRepository.LOG_RATE,
                BuildRepository.CREATED_BY_GUID,
                BuildRepository.CREATED_BY_NAME,
                BuildRepository.CREATED_BY_EMAIL);
        index(dsl, BuildRepository.BUILDS, APP_GUID);
        resource(
                dsl,
                DeploymentRepository.DEPLOYMENTS,
                APP_GUID,
                STATE,
                DeploymentRepository.DROPLET_GUID,
                DeploymentRepository.PREVIOUS_DROPLET_GUID,
                DeploymentRepository.MAX_IN_FLIGHT,
                DeploymentRepository.TARGET_INSTANCES,
                DeploymentRepository.NEW_PROCESS_GUID,
                DeploymentRepository.SUPERSEDED,
                DeploymentRepository.STATUS_CHANGED_AT,
                DeploymentRepository.LAST_HEALTHY_AT);
        index(dsl, DeploymentRepository.DEPLOYMENTS, APP_GUID);
        index(dsl, DeploymentRepository.DEPLOYMENTS, STATE);
    }

    private static void routing(DSLContext dsl) {
        resource(
                dsl,
                DomainRepository.DOMAINS,
                NAME,
                DomainRepository.INTERNAL,
                DomainRepository.ROUTER_GROUP_GUID,
                ORGANIZATION_GUID);
        unique(dsl, DomainRepository.DOMAINS, NAME);
        pairs(dsl, DomainRepository.SHARES, DomainRepository.DOMAIN_GUID, ORGANIZATION_GUID);
        resource(
                dsl,
                RouteRepository.ROUTES,
                SPACE_GUID,
                RouteRepository.DOMAIN_GUID,
                RouteRepository.HOST,
                RouteRepository.PATH,
                RouteRepository.PORT,
                RouteRepository.OPTIONS);
        unique(
                dsl,
                RouteRepository.ROUTES,
                RouteRepository.DOMAIN_GUID,
                RouteRepository.HOST,
                RouteRepository.PATH,
                RouteRepository.PORT);
        index(dsl, RouteRepository.ROUTES, SPACE_GUID);
        pairs(dsl, RouteRepository.SHARES, RouteRepository.ROUTE_GUID, SPACE_GUID);
        resource(
                dsl,
                DestinationRepository.DESTINATIONS,
                DestinationRepository.ROUTE_GUID,
                APP_GUID,
                DestinationRepository.PROCESS_TYPE,
                DestinationRepository.APP_PORT,
                DestinationRepository.PROTOCOL,
                DestinationRepository.WEIGHT);
        index(dsl, DestinationRepository.DESTINATIONS, DestinationRepository.ROUTE_GUID);
        index(dsl, DestinationRepository.DESTINATIONS, APP_GUID);
    }

    private static void platform(DSLContext dsl) {
        resource(
                dsl,
                JobRepository.JOBS,
                JobRepository.OPERATION,
                STATE,
                JobRepository.RESOURCE_TYPE,
                JobRepository.RESOURCE_GUID,
                JobRepository.ERRORS,
                JobRepository.WARNINGS);
        resource(
                dsl,
                AuditEvents.EVENTS,
                TYPE,
                AuditEvents.ACTOR_GUID,
                AuditEvents.ACTOR_TYPE,
                AuditEvents.ACTOR_NAME,
                AuditEvents.TARGET_GUID,
                AuditEvents.TARGET_TYPE,
                AuditEvents.TARGET_NAME,
                AuditEvents.DATA,
                SPACE_GUID,
                ORGANIZATION_GUID);
        index(dsl, AuditEvents.EVENTS, AuditEvents.TARGET_GUID);
        index(dsl, AuditEvents.EVENTS, CREATED_AT);
        resource(dsl, StackRepository.STACKS, NAME, StackRepository.DESCRIPTION, STATE, StackRepository.STATE_REASON);
        unique(dsl, StackRepository.STACKS, NAME);
        dsl.createTable(FeatureFlags.FLAGS)
                .columns(NAME, FeatureFlags.ENABLED, FeatureFlags.MESSAGE, UPDATED_AT)
                .constraints(DSL.primaryKey(NAME))
                .execute();
        dsl.createTable(EnvironmentGroups.GROUPS)
                .columns(NAME, EnvironmentGroups.VARIABLES, UPDATED_AT)
                .constraints(DSL.primaryKey(NAME))
                .execute();
        dsl.createTable(MetadataRepository.METADATA)
                .columns(
                        MetadataRepository.RESOURCE_GUID,
                        MetadataRepository.KIND,
                        MetadataRepository.KEY,
                        MetadataRepository.VALUE)
                .constraints(DSL.primaryKey(
                        MetadataRepository.RESOURCE_GUID, MetadataRepository.KIND, MetadataRepository.KEY))
                .execute();
        index(dsl, MetadataRepository.METADATA, MetadataRepository.KEY);
        resource(
                dsl,
                SecurityGroupRepository.SECURITY_GROUPS,
                NAME,
                SecurityGroupRepository.RULES,
                SecurityGroupRepository.RUNNING,
                SecurityGroupRepository.STAGING);
        unique(dsl, SecurityGroupRepository.SECURITY_GROUPS, NAME);
        dsl.createTable(SecurityGroupRepository.SPACES)
                .columns(SecurityGroupRepository.GROUP_GUID, SPACE_GUID, SecurityGroupRepository.LIFECYCLE)
                .constraints(DSL.primaryKey(
                        SecurityGroupRepository.GROUP_GUID, SPACE_GUID, SecurityGroupRepository.LIFECYCLE))
                .execute();
    }

    /** A table with guid and times beside its own columns. */
    private static void resource(DSLContext dsl, Table<?> table, Field<?>... columns) {
        List<Field<?>> all = new ArrayList<>(List.of(GUID, CREATED_AT, UPDATED_AT));
        all.addAll(Arrays.asList(columns));
        dsl.createTable(table).columns(all).constraints(DSL.primaryKey(GUID)).execute();
    }

    private static void pairs(DSLContext dsl, Table<?> table, Field<?> left, Field<?> right) {
        dsl.createTable(table)
                .columns(left, right)
                .constraints(DSL.primaryKey(left, right))
                .execute();
    }

    private static void unique(DSLContext dsl, Table<?> table, Field<?>... columns) {
        dsl.createUniqueIndex(indexName(table, columns)).on(table, columns).execute();
    }

    private static void index(DSLContext dsl, Table<?> table, Field<?>... columns) {
        dsl.createIndex(indexName(table, columns)).on(table, columns).execute();
    }

    private static String indexName(Table<?> table, Field<?>... columns) {
        StringBuilder name = new StringBuilder(table.getName());
        for (Field<?> column : columns) {
            name.append('_').append(column.getName());
        }
        return name.toString();
    }
}
