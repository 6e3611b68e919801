package org.cupola.cloudcontroller;

import java.util.Optional;
import java.util.OptionalLong;
import org.jooq.DSLContext;

/** Refuses what would exceed the quota of the organization or the space; called inside the transaction that changes it. */
final class QuotaGuard {
    private final Store store;

    QuotaGuard(Store store) {
        this.store = store;
    }

    /** Checks running processes after a change was written. */
    void checkProcesses(DSLContext dsl, Space space) {
        Usage organization = Usage.ofOrganization(dsl, space.organizationGuid());
        Quota quota = quotaOf(dsl, space);
        refuseAbove(organization.memoryMb(), quota.limit("apps", "total_memory_in_mb"), "memory quota_exceeded");
        refuseAbove(organization.instances(), quota.limit("apps", "total_instances"), "app_instance_limit_exceeded");
        Optional<Quota> ofSpace = spaceQuota(dsl, space);
        if (ofSpace.isPresent()) {
            Usage usage = Usage.ofSpace(dsl, space.guid());
            refuseAbove(
                    usage.memoryMb(), ofSpace.get().limit("apps", "total_memory_in_mb"), "memory space_quota_exceeded");
            refuseAbove(
                    usage.instances(), ofSpace.get().limit("apps", "total_instances"), "app_instance_limit_exceeded");
        }
    }

    /** Checks one process's size. */
    void checkInstance(DSLContext dsl, Space space, ProcessRow process) {
        refuseAbove(
                process.memoryMb(),
                quotaOf(dsl, space).limit("apps", "per_process_memory_in_mb"),
                "memory instance_memory_limit_exceeded");
        spaceQuota(dsl, space)
                .ifPresent(quota -> refuseAbove(
                        process.memoryMb(),
                        quota.limit("apps", "per_process_memory_in_mb"),
                        "memory space_instance_memory_limit_exceeded"));
    }

    /** Checks routes after one was written. */
    void checkRoutes(DSLContext dsl, Space space) {
        Usage organization = Usage.ofOrganization(dsl, space.organizationGuid());
        Quota quota = quotaOf(dsl, space);
        refuseAbove(
                organization.routes(),
                quota.limit("routes", "total_routes"),
                "Routes quota exceeded for organization '" + space.organizationName() + "'.");
        refuseAbove(
                organization.reservedPorts(),
                quota.limit("routes", "total_reserved_ports"),
                "Reserved route ports quota exceeded for organization '" + space.organizationName() + "'.");
        spaceQuota(dsl, space).ifPresent(ofSpace -> {
            Usage usage = Usage.ofSpace(dsl, space.guid());
            refuseAbove(
                    usage.routes(),
                    ofSpace.limit("routes", "total_routes"),
                    "Routes quota exceeded for space '" + space.name() + "'.");
            refuseAbove(
                    usage.reservedPorts(),
                    ofSpace.limit("routes", "total_reserved_ports"),
                    "Reserved route ports quota exceeded for space '" + space.name() + "'.");
        });
    }

    private Quota quotaOf(DSLContext dsl, Space space) {
        return store.organizations
                .table
                .find(dsl, space.organizationGuid())
                .flatMap(organization -> store.quotas.ofOrganizations.find(dsl, organization.quotaGuid()))
                .orElseThrow(
                        () -> new IllegalStateException("organization " + space.organizationGuid() + " has no quota"));
    }

    private Optional<Quota> spaceQuota(DSLContext dsl, Space space) {
        String guid = space.quotaGuid();
        return guid == null ? Optional.empty() : store.quotas.ofSpaces.find(dsl, guid);
    }

    private static void refuseAbove(long used, OptionalLong limit, String problem) {
        if (limit.isPresent() && used > limit.getAsLong()) {
            throw ApiException.unprocessable(problem);
        }
    }
}
