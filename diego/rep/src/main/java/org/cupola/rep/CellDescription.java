package org.cupola.rep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.protocol.bbs.CellResources;
import org.cupola.protocol.bbs.RootFsProvider;
import org.cupola.protocol.bbs.proto.CellCapacity;
import org.cupola.protocol.bbs.proto.CellPresence;
import org.cupola.protocol.bbs.proto.Provider;

/**
 * What a cell says of itself that does not change while it runs. Immutable.
 *
 * @param repAddress      older form of {@code repUrl}, for information
 * @param repUrl          where the BBS and the auctioneer reach the rep
 * @param stacks          preloaded root file systems
 * @param providers       URL schemes of root file systems that are fetched, such as {@code docker}
 */
record CellDescription(
        String cellId,
        int index,
        String zone,
        String repAddress,
        String repUrl,
        List<String> stacks,
        List<String> providers,
        List<String> placementTags,
        List<String> optionalPlacementTags) {
    private static final String PRELOADED = "preloaded";
    private static final String PRELOADED_LAYER = "preloaded+layer";

    Map<String, RootFsProvider> rootFsProviders() {
        Map<String, RootFsProvider> found = new LinkedHashMap<>();
        found.put(PRELOADED, RootFsProvider.fixedSet(stacks));
        found.put(PRELOADED_LAYER, RootFsProvider.fixedSet(stacks));
        providers.forEach(provider -> found.put(provider, RootFsProvider.arbitrary()));
        return found;
    }

    /** Whether the cell has the root file system that work asks for. */
    boolean has(String rootFs) {
        int colon = rootFs.indexOf(':');
        int query = rootFs.indexOf('?');
        if (colon < 0) {
            return false;
        }
        RootFsProvider provider = rootFsProviders().get(rootFs.substring(0, colon));
        String opaque = rootFs.substring(colon + 1, query < colon ? rootFs.length() : query);
        return provider != null && provider.has(opaque);
    }

    CellPresence presence(CellResources total) {
        List<Provider> list = new ArrayList<>();
        for (String name : List.of(PRELOADED, PRELOADED_LAYER)) {
            list.add(
                    Provider.newBuilder().setName(name).addAllProperties(stacks).build());
        }
        providers.forEach(name -> list.add(Provider.newBuilder().setName(name).build()));
        return CellPresence.newBuilder()
                .setCellId(cellId)
                .setRepAddress(repAddress)
                .setRepUrl(repUrl)
                .setZone(zone)
                .setCapacity(CellCapacity.newBuilder()
                        .setMemoryMb(total.memoryMb())
                        .setDiskMb(total.diskMb())
                        .setContainers(total.containers()))
                .addAllRootfsProviders(list)
                .addAllPlacementTags(placementTags)
                .addAllOptionalPlacementTags(optionalPlacementTags)
                .build();
    }
}
