package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.cupola.protocol.blobstore.BlobKey;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What belongs to what when it is deleted. Each deletion may be repeated; blocking; any thread. */
final class Deletions {
    private static final Logger log = LoggerFactory.getLogger(Deletions.class);

    private final Store store;
    private final LrpSync lrps;
    private final AppActions actions;
    private final BlobStores blobs;
    private final Authenticator authenticator;

    /** What is left to do once the rows are gone. */
    private record Remains(List<String> lrpGuids, List<String> packageGuids, List<BlobKey> dropletKeys) {
        Remains() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    Deletions(Api api, AppActions actions, BlobStores blobs, Authenticator authenticator) {
        this.store = api.store();
        this.lrps = api.lrps();
        this.actions = actions;
        this.blobs = blobs;
        this.authenticator = authenticator;
    }

    void register(Jobs jobs) {
        jobs.deletes(
                "app",
                guid -> finish(store.database.write(dsl -> {
                    Remains remains = new Remains();
                    app(dsl, guid, remains);
                    return remains;
                })));
        jobs.deletes(
                "space",
                guid -> finish(store.database.write(dsl -> {
                    Remains remains = new Remains();
                    space(dsl, guid, remains);
                    return remains;
                })));
        jobs.deletes(
                "organization",
                guid -> finish(store.database.write(dsl -> {
                    Remains remains = new Remains();
                    organization(dsl, guid, remains);
                    return remains;
                })));
        jobs.deletes("route", guid -> routes(GUID.eq(guid)));
        jobs.deletes("domain", this::domain);
        jobs.deletes("package", this::appPackage);
        jobs.deletes("droplet", this::droplet);
        jobs.deletes("role", guid -> simple(store.roles.table, guid));
        jobs.deletes("user", this::user);
        jobs.deletes("organization_quota", guid -> simple(store.quotas.ofOrganizations, guid));
        jobs.deletes("space_quota", this::spaceQuota);
        jobs.deletes("security_group", guid -> store.database.writeVoid(dsl -> store.securityGroups.delete(dsl, guid)));
    }

    private void simple(ResourceTable<?> table, String guid) {
        store.database.writeVoid(dsl -> {
            table.delete(dsl, GUID.eq(guid));
            store.metadata.delete(dsl, List.of(guid));
        });
    }

    private void app(DSLContext dsl, String guid, Remains remains) {
        store.packages
                .table
                .all(dsl, APP_GUID.eq(guid))
                .forEach(found -> remains.packageGuids().add(found.guid()));
        store.droplets.table.all(dsl, APP_GUID.eq(guid)).stream()
                .filter(droplet -> droplet.sha1() != null)
                .forEach(droplet -> remains.dropletKeys().add(BlobStores.dropletKey(droplet)));
        remains.lrpGuids().addAll(actions.delete(dsl, guid));
    }

    private void space(DSLContext dsl, String guid, Remains remains) {
        Condition inSpace = SPACE_GUID.eq(guid);
        store.apps.table.all(dsl, inSpace).forEach(app -> app(dsl, app.guid(), remains));
        List<String> routes =
                store.routes.all(dsl, inSpace).stream().map(Route::guid).toList();
        store.routes.delete(dsl, routes);
        store.metadata.delete(dsl, routes);
        for (var table : List.of(RoleRepository.ROLES, RouteRepository.SHARES, SecurityGroupRepository.SPACES)) {
            dsl.deleteFrom(table).where(inSpace).execute();
        }
        store.metadata.delete(dsl, List.of(guid));
        store.spaces.delete(dsl, guid);
    }

    private void organization(DSLContext dsl, String guid, Remains remains) {
        Condition inOrganization = ORGANIZATION_GUID.eq(guid);
        store.spaces.table.all(dsl, inOrganization).forEach(space -> space(dsl, space.guid(), remains));
        store.domains.table.all(dsl, inOrganization).forEach(domain -> {
            store.metadata.delete(dsl, List.of(domain.guid()));
            store.domains.delete(dsl, domain.guid());
        });
        for (var table : List.of(RoleRepository.ROLES, DomainRepository.SHARES, QuotaRepository.SPACE_QUOTAS)) {
            dsl.deleteFrom(table).where(inOrganization).execute();
        }
        store.metadata.delete(dsl, List.of(guid));
        store.organizations.table.delete(dsl, GUID.eq(guid));
    }

    private void finish(Remains remains) throws IOException {
        lrps.remove(remains.lrpGuids());
        for (String guid : remains.packageGuids()) {
            blobs.packages().delete(BlobStores.packageKey(guid));
        }
        for (BlobKey key : remains.dropletKeys()) {
            blobs.droplets().delete(key);
        }
        log.atDebug().addKeyValue("processes", remains.lrpGuids().size()).log("deleted");
    }

    private void routes(Condition where) {
        List<String> changed = store.database.write(dsl -> {
            List<String> guids =
                    store.routes.all(dsl, where).stream().map(Route::guid).toList();
            List<String> processes = lrps.touchRoutes(dsl, guids);
            store.routes.delete(dsl, guids);
            store.metadata.delete(dsl, guids);
            return processes;
        });
        lrps.sync(changed);
    }

    private void domain(String guid) {
        routes(RouteRepository.DOMAIN_GUID.eq(guid));
        store.database.writeVoid(dsl -> {
            store.metadata.delete(dsl, List.of(guid));
            store.domains.delete(dsl, guid);
        });
    }

    private void appPackage(String guid) throws IOException {
        simple(store.packages.table, guid);
        blobs.packages().delete(BlobStores.packageKey(guid));
    }

    private void droplet(String guid) throws IOException {
        var droplet = store.database.read(dsl -> store.droplets.table.find(dsl, guid));
        simple(store.droplets.table, guid);
        if (droplet.isPresent() && droplet.get().sha1() != null) {
            blobs.droplets().delete(BlobStores.dropletKey(droplet.get()));
        }
    }

    private void user(String guid) {
        store.database.writeVoid(dsl -> dsl.deleteFrom(RoleRepository.ROLES)
                .where(RoleRepository.USER_GUID.eq(guid))
                .execute());
        simple(store.users.table, guid);
        authenticator.forget(guid);
    }

    private void spaceQuota(String guid) {
        Field<String> none = SpaceRepository.QUOTA_GUID;
        store.database.writeVoid(dsl -> dsl.update(SpaceRepository.SPACES)
                .setNull(none)
                .where(none.eq(guid))
                .execute());
        simple(store.quotas.ofSpaces, guid);
    }
}
