package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.STATE;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets old packages and droplets of an app expire, the newest few and what the app runs excepted. Blocking; any thread. */
final class Retention {
    private static final Logger log = LoggerFactory.getLogger(Retention.class);
    private static final String EXPIRED = "EXPIRED";

    private final Store store;
    private final BlobStores blobs;
    private final CloudControllerConfig.Blobs config;

    Retention(Store store, BlobStores blobs, CloudControllerConfig.Blobs config) {
        this.store = store;
        this.blobs = blobs;
        this.config = config;
    }

    /** After a package of the app became ready. */
    void packages(String packageGuid) {
        Optional<AppPackage> fresh = store.database.read(dsl -> store.packages.table.find(dsl, packageGuid));
        if (fresh.isEmpty()) {
            return;
        }
        String appGuid = fresh.get().appGuid();
        String inUse = store.database.read(dsl -> store.apps
                .table
                .find(dsl, appGuid)
                .map(App::dropletGuid)
                .flatMap(guid -> store.droplets.table.find(dsl, guid))
                .map(Droplet::packageGuid)
                .orElse(""));
        List<AppPackage> old = store.database.read(dsl ->
                store.packages.table.all(dsl, APP_GUID.eq(appGuid).and(STATE.in(AppPackage.READY, AppPackage.FAILED))));
        old.stream()
                .filter(found -> found.bits() && !found.guid().equals(inUse))
                .sorted(Comparator.comparingLong(
                                (AppPackage found) -> found.stamp().createdAt())
                        .reversed())
                .skip(config.keptPackages())
                .forEach(this::expire);
    }

    private void expire(AppPackage old) {
        store.database.writeVoid(
                dsl -> store.packages.advance(dsl, old.guid(), old.state(), EXPIRED, store.stamps.micros()));
        delete("package", old.guid(), () -> blobs.packages().delete(BlobStores.packageKey(old.guid())));
    }

    /** After a droplet of the app was staged. */
    void droplets(String appGuid) {
        String current = store.database
                .read(dsl -> store.apps.table.find(dsl, appGuid))
                .map(App::dropletGuid)
                .orElse("");
        List<Droplet> old = store.database.read(dsl ->
                store.droplets.table.all(dsl, APP_GUID.eq(appGuid).and(STATE.in(Droplet.STAGED, Droplet.FAILED))));
        old.stream()
                .filter(droplet -> !droplet.guid().equals(current) && !runsNow(droplet))
                .sorted(Comparator.comparingLong(
                                (Droplet droplet) -> droplet.stamp().createdAt())
                        .reversed())
                .skip(config.keptDroplets())
                .forEach(this::expire);
    }

    /** Old web processes of a deployment may still be started from it. */
    private boolean runsNow(Droplet droplet) {
        return store.database.read(dsl -> store.deployments
                .activeOf(dsl, droplet.appGuid())
                .filter(deployment -> droplet.guid().equals(deployment.previousDropletGuid()))
                .isPresent());
    }

    private void expire(Droplet old) {
        store.database.writeVoid(
                dsl -> store.droplets.advance(dsl, old.guid(), old.state(), EXPIRED, store.stamps.micros()));
        if (old.sha1() != null) {
            delete("droplet", old.guid(), () -> blobs.droplets().delete(BlobStores.dropletKey(old)));
        }
    }

    /** What deletes the content. */
    @FunctionalInterface
    private interface Delete {
        void run() throws IOException;
    }

    /** Content that stays behind costs space only. */
    private static void delete(String kind, String guid, Delete delete) {
        try {
            delete.run();
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("kind", kind)
                    .addKeyValue("guid", guid)
                    .setCause(e)
                    .log("blob-not-deleted");
        }
    }
}
