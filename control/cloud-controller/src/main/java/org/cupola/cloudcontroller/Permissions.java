package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.RoleType.ORGANIZATION_AUDITOR;
import static org.cupola.cloudcontroller.RoleType.ORGANIZATION_BILLING_MANAGER;
import static org.cupola.cloudcontroller.RoleType.ORGANIZATION_MANAGER;
import static org.cupola.cloudcontroller.RoleType.ORGANIZATION_USER;
import static org.cupola.cloudcontroller.RoleType.SPACE_AUDITOR;
import static org.cupola.cloudcontroller.RoleType.SPACE_DEVELOPER;
import static org.cupola.cloudcontroller.RoleType.SPACE_MANAGER;
import static org.cupola.cloudcontroller.RoleType.SPACE_SUPPORTER;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * What one caller may see and change, from the scopes of the token and the roles in the database (read once, when first asked).
 * Confined to one request.
 */
final class Permissions {
    private static final Set<RoleType> ORG_MEMBERS =
            EnumSet.of(ORGANIZATION_USER, ORGANIZATION_AUDITOR, ORGANIZATION_MANAGER, ORGANIZATION_BILLING_MANAGER);
    private static final Set<RoleType> SPACE_MEMBERS =
            EnumSet.of(SPACE_AUDITOR, SPACE_DEVELOPER, SPACE_MANAGER, SPACE_SUPPORTER);

    private final Caller caller;
    private final Supplier<List<Role>> loader;
    private @Nullable List<Role> roles;

    Permissions(Caller caller, Supplier<List<Role>> loader) {
        this.caller = caller;
        this.loader = loader;
    }

    Caller caller() {
        return caller;
    }

    boolean admin() {
        return caller.admin();
    }

    void requireAdmin() {
        if (!admin()) {
            throw ApiException.notAuthorized();
        }
    }

    boolean readsOrganization(String organizationGuid) {
        return caller.readsEverything() || inOrganization(organizationGuid, ORG_MEMBERS);
    }

    boolean managesOrganization(String organizationGuid) {
        return admin() || inOrganization(organizationGuid, EnumSet.of(ORGANIZATION_MANAGER));
    }

    /** The space and most of what is in it. */
    boolean readsSpace(Space space) {
        return caller.readsEverything()
                || inSpace(space.guid(), SPACE_MEMBERS)
                || inOrganization(space.organizationGuid(), EnumSet.of(ORGANIZATION_MANAGER));
    }

    boolean readsRoutes(Space space) {
        return readsSpace(space) || inOrganization(space.organizationGuid(), EnumSet.of(ORGANIZATION_AUDITOR));
    }

    /** Environment, credentials, commands. */
    boolean readsSecrets(Space space) {
        return caller.readsAllSecrets() || inSpace(space.guid(), EnumSet.of(SPACE_DEVELOPER));
    }

    boolean readsEnvironment(Space space) {
        return caller.readsAllSecrets() || inSpace(space.guid(), EnumSet.of(SPACE_DEVELOPER, SPACE_SUPPORTER));
    }

    /** Create, change and delete what is in the space. */
    void requireWrite(Space space) {
        require(space, EnumSet.of(SPACE_DEVELOPER));
    }

    /** Start, stop, scale, stage, map routes. */
    void requireManage(Space space) {
        require(space, EnumSet.of(SPACE_DEVELOPER, SPACE_SUPPORTER));
    }

    /** Rename, features, roles of the space. */
    void requireChange(Space space) {
        if (admin()) {
            return;
        }
        if (!inSpace(space.guid(), EnumSet.of(SPACE_MANAGER)) && !managesOrganization(space.organizationGuid())) {
            throw ApiException.notAuthorized();
        }
        refuseSuspended(space.suspended());
    }

    void requireManager(Organization organization) {
        if (admin()) {
            return;
        }
        if (!managesOrganization(organization.guid())) {
            throw ApiException.notAuthorized();
        }
        refuseSuspended(organization.suspended());
    }

    private void require(Space space, Set<RoleType> types) {
        if (admin()) {
            return;
        }
        if (!inSpace(space.guid(), types)) {
            throw ApiException.notAuthorized();
        }
        refuseSuspended(space.suspended());
    }

    private static void refuseSuspended(boolean suspended) {
        if (suspended) {
            throw ApiException.orgSuspended();
        }
    }

    /** Restricts a list of organizations, or of what belongs to one. */
    Condition visibleOrganizations(Field<String> organizationGuid) {
        return caller.readsEverything()
                ? DSL.noCondition()
                : organizationGuid.in(RoleRepository.organizationsOf(caller.guid(), ORG_MEMBERS));
    }

    /** Restricts a list of spaces, or of what is in one. */
    Condition visibleSpaces(Field<String> spaceGuid) {
        return caller.readsEverything()
                ? DSL.noCondition()
                : spaceGuid
                        .in(RoleRepository.spacesOf(caller.guid(), SPACE_MEMBERS))
                        .or(inOrganizationsOf(spaceGuid, EnumSet.of(ORGANIZATION_MANAGER)));
    }

    Condition visibleRoutes(Field<String> spaceGuid) {
        return caller.readsEverything()
                ? DSL.noCondition()
                : visibleSpaces(spaceGuid).or(inOrganizationsOf(spaceGuid, EnumSet.of(ORGANIZATION_AUDITOR)));
    }

    private Condition inOrganizationsOf(Field<String> spaceGuid, Set<RoleType> types) {
        return spaceGuid.in(DSL.select(GUID)
                .from(SpaceRepository.SPACES)
                .where(Columns.ORGANIZATION_GUID.in(RoleRepository.organizationsOf(caller.guid(), types))));
    }

    private boolean inOrganization(String organizationGuid, Set<RoleType> types) {
        return roles().stream()
                .anyMatch(role -> organizationGuid.equals(role.organizationGuid()) && types.contains(role.type()));
    }

    private boolean inSpace(String spaceGuid, Set<RoleType> types) {
        return roles().stream().anyMatch(role -> spaceGuid.equals(role.spaceGuid()) && types.contains(role.type()));
    }

    private List<Role> roles() {
        List<Role> known = roles;
        if (known == null) {
            known = loader.get();
            roles = known;
        }
        return known;
    }
}
