package org.cupola.auctioneer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.CellResources;
import org.cupola.protocol.bbs.CellState;
import org.cupola.protocol.bbs.CellTask;
import org.cupola.protocol.bbs.RootFsProvider;

/** Makes cells' reports and work for tests. */
final class States {
    static final String ROOT_FS = "preloaded:cflinuxfs4";

    private final Map<String, RootFsProvider> providers = new LinkedHashMap<>();
    private final List<CellLrp> lrps = new ArrayList<>();
    private final List<CellTask> tasks = new ArrayList<>();
    private final String id;
    private CellResources available = new CellResources(1000, 1000, 100);
    private CellResources total = new CellResources(1000, 1000, 100);
    private int index;
    private int starting;
    private String zone = "z1";
    private boolean evacuating;
    private List<String> drivers = List.of();
    private List<String> tags = List.of();
    private List<String> optionalTags = List.of();
    private int proxyMemory;

    private States(String id) {
        this.id = id;
        providers.put("preloaded", RootFsProvider.fixedSet(List.of("cflinuxfs4")));
    }

    static States cell(String id) {
        return new States(id);
    }

    States zone(String name) {
        zone = name;
        return this;
    }

    States index(int number) {
        index = number;
        return this;
    }

    States available(int memory, int disk, int containers) {
        available = new CellResources(memory, disk, containers);
        return this;
    }

    States total(int memory, int disk, int containers) {
        total = new CellResources(memory, disk, containers);
        return available(memory, disk, containers);
    }

    States starting(int count) {
        starting = count;
        return this;
    }

    States evacuating() {
        evacuating = true;
        return this;
    }

    States drivers(String... names) {
        drivers = List.of(names);
        return this;
    }

    States tags(String... names) {
        tags = List.of(names);
        return this;
    }

    States optionalTags(String... names) {
        optionalTags = List.of(names);
        return this;
    }

    States proxyMemory(int mebibytes) {
        proxyMemory = mebibytes;
        return this;
    }

    States docker() {
        providers.put("docker", RootFsProvider.arbitrary());
        return this;
    }

    States running(String process, int count) {
        for (int i = 0; i < count; i++) {
            lrps.add(lrp(process, i, 10).lrp());
        }
        return this;
    }

    States runningTasks(int count) {
        for (int i = 0; i < count; i++) {
            tasks.add(task("running-" + i, 10).task());
        }
        return this;
    }

    CellState state() {
        return new CellState(
                "https://" + id,
                id,
                index,
                providers,
                available,
                total,
                lrps,
                tasks,
                starting,
                zone,
                evacuating,
                drivers,
                tags,
                optionalTags,
                proxyMemory);
    }

    Cell build() {
        return new Cell(id, state());
    }

    static Item.Lrp lrp(String process, int index, int memoryMb) {
        return lrp(process, index, memoryMb, ROOT_FS, List.of(), List.of());
    }

    static Item.Lrp lrp(
            String process, int index, int memoryMb, String rootFs, List<String> drivers, List<String> tags) {
        return new Item.Lrp(new CellLrp("", process, index, "d", tags, drivers, rootFs, memoryMb, 10, 0, ""), 1, "");
    }

    static Item.Task task(String guid, int memoryMb) {
        return new Item.Task(
                new CellTask(guid, "d", List.of(), List.of(), ROOT_FS, memoryMb, 10, 0, "Invalid", false), 1, "");
    }
}
