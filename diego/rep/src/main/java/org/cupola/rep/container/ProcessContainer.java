package org.cupola.rep.container;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One container of the process backend: {@code <folder>/root} holds its files, {@code <folder>/pids} the notes about its
 * processes. Thread-safe; {@code destroy} waits for a start of a process that is under way, and none starts after it.
 */
final class ProcessContainer implements Container {
    private static final Duration DEATH = Duration.ofSeconds(10);
    /** Variables that carry the port to listen on. */
    private static final Set<String> PORT_VARIABLES = Set.of("PORT", "VCAP_APP_PORT");

    private final ContainerSpec spec;
    private final Path folder;
    private final ContainerFiles files;
    private final PidFiles pids;
    private final ProcessBackendSettings settings;
    private final HostPorts hostPorts;
    private final Consumer<String> onDestroyed;
    private final Set<HostProcess> processes = ConcurrentHashMap.newKeySet();

    private volatile NetworkInfo network;
    private volatile @Nullable Breach breach;
    private boolean destroyed;

    ProcessContainer(
            ContainerSpec spec,
            Path folder,
            ProcessBackendSettings settings,
            HostPorts hostPorts,
            Consumer<String> onDestroyed) {
        this.spec = spec;
        this.folder = folder;
        this.files = new ContainerFiles(folder.resolve("root"));
        this.pids = new PidFiles(folder.resolve("pids"));
        this.settings = settings;
        this.hostPorts = hostPorts;
        this.onDestroyed = onDestroyed;
        this.network = new NetworkInfo(settings.address(), settings.address(), List.of());
    }

    void create() throws ContainerException {
        try {
            pids.make();
            files.make();
            network = new NetworkInfo(settings.address(), settings.address(), takePorts());
            for (BindMount mount : spec.mounts()) {
                files.link(mount);
            }
        } catch (IOException | ContainerException e) {
            var failure = new ContainerException("cannot make container " + spec.handle() + ": " + e.getMessage(), e);
            try {
                destroy();
            } catch (ContainerException left) {
                failure.addSuppressed(left);
            }
            throw failure;
        }
    }

    private List<PortMapping> takePorts() throws ContainerException {
        List<PortMapping> mappings = new ArrayList<>();
        for (int port : spec.ports()) {
            OptionalInt host = hostPorts.take();
            if (host.isEmpty()) {
                mappings.forEach(mapping -> hostPorts.giveBack(mapping.hostPort()));
                throw new ContainerException("no host port is free in the cell's range");
            }
            mappings.add(new PortMapping(port, host.getAsInt(), host.getAsInt()));
        }
        return mappings;
    }

    @Override
    public String handle() {
        return spec.handle();
    }

    @Override
    public NetworkInfo network() {
        return network;
    }

    @Override
    public synchronized RunningProcess run(ProcessSpec process, ProcessOutput output) throws ContainerException {
        if (destroyed) {
            throw new ContainerException("container " + handle() + " is destroyed");
        }
        try {
            Path directory = files.onHost(process.directory());
            Files.createDirectories(directory);
            Map<String, String> environment = environment(process, directory);
            List<String> command = new ArrayList<>(Lifecycle.command(process, files, environment));
            if (command.isEmpty()) {
                command.add(Programs.find(process.path(), files, directory, environment)
                        .toString());
                process.arguments().forEach(argument -> command.add(files.rewrite(argument)));
            }
            HostProcess started = HostProcess.start(command, directory, environment, process.openFiles(), output);
            processes.add(started);
            pids.note(started.handle());
            started.exit().thenRun(() -> ended(started));
            return started;
        } catch (IOException e) {
            throw new ContainerException(process.path() + ": cannot be started: " + e.getMessage(), e);
        }
    }

    /**
     * Nothing of the platform's own environment; from the weakest to the strongest: defaults, the cell's, the container's, the
     * process'.
     */
    private Map<String, String> environment(ProcessSpec process, Path directory) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", "/usr/local/bin:/usr/bin:/bin");
        environment.put("USER", process.user().isEmpty() ? "vcap" : process.user());
        environment.put("HOME", files.home().toString());
        environment.put("TMPDIR", files.temporary().toString());
        environment.putAll(settings.environment());
        spec.environment().forEach((name, value) -> environment.put(name, onHost(value)));
        process.environment().forEach((name, value) -> environment.put(name, onHost(value)));
        for (String variable : PORT_VARIABLES) {
            environment.computeIfPresent(variable, (name, value) -> listenPort(value));
        }
        environment.put("PWD", directory.toString());
        environment.put(ProcessBackend.MARKER, folder.toString() + "/");
        return environment;
    }

    /** A variable that names something in the container, such as its certificate, names it where it really is. */
    private String onHost(String value) {
        boolean named = value.length() > 1 && value.startsWith("/") && Files.exists(files.onHost(value));
        return named ? files.onHost(value).toString() : files.rewrite(value);
    }

    private String listenPort(String value) {
        return network.ports().stream()
                .filter(mapping -> Integer.toString(mapping.containerPort()).equals(value))
                .map(mapping -> Integer.toString(mapping.listenPort()))
                .findFirst()
                .orElse(value);
    }

    private void ended(HostProcess process) {
        // A member of the group that outlives its leader is found by its session and its environment.
        if (!Signals.group(process.pid(), Signals.NONE)) {
            processes.remove(process);
        }
        try {
            pids.forget(process.pid());
        } catch (IOException e) {
            // The container's folder is going away, or a note stays whose start time fits nobody any more.
        }
    }

    @Override
    public void unpack(Path archive, String folder, String user) throws IOException {
        Archives.unpack(archive, files.onHost(folder));
    }

    @Override
    public void write(String file, byte[] content) throws IOException {
        Path place = files.onHost(file);
        Files.createDirectories(place.getParent());
        Path fresh = place.resolveSibling(place.getFileName() + ".tmp");
        Files.write(fresh, content);
        Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public InputStream read(String file) throws IOException {
        return Files.newInputStream(files.onHost(file));
    }

    @Override
    public Optional<Breach> breach() {
        return Optional.ofNullable(breach);
    }

    /** Ends everything that runs in here because of a limit; what starts later is not kept from it. */
    void end(Breach reason) {
        breach = reason;
        processes.forEach(HostProcess::kill);
    }

    long memoryLimitBytes() {
        return spec.memoryBytes();
    }

    long diskLimitBytes() {
        return spec.diskBytes();
    }

    Path root() {
        return files.root();
    }

    /** The sessions of its processes, by which their descendants are known. */
    Set<Long> sessions() {
        return processes.stream().map(HostProcess::pid).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public synchronized void destroy() throws ContainerException {
        if (destroyed && !Files.exists(folder)) {
            return;
        }
        destroyed = true;
        try {
            processes.forEach(HostProcess::kill);
            killMarked(folder + "/");
            FileTrees.delete(folder);
        } catch (IOException e) {
            throw new ContainerException("cannot remove container " + handle() + ": " + e.getMessage(), e);
        }
        network.ports().forEach(mapping -> hostPorts.giveBack(mapping.hostPort()));
        onDestroyed.accept(handle());
    }

    /** Kills the process groups noted in a container's folder. */
    static int killNoted(Path folder) throws IOException {
        int killed = 0;
        for (ProcessHandle process : new PidFiles(folder.resolve("pids")).alive()) {
            if (!Signals.group(process.pid(), Signals.KILL)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            killed++;
        }
        return killed;
    }

    /** Kills whatever carries a container's mark, again and again until nothing does: a process may fork meanwhile. */
    static int killMarked(String folderPrefix) throws IOException {
        long deadline = System.nanoTime() + DEATH.toNanos();
        int killed = 0;
        List<Long> alive = ProcessTable.carrying(ProcessBackend.MARKER, folderPrefix);
        while (!alive.isEmpty()) {
            killed = Math.max(killed, alive.size());
            for (long pid : alive) {
                Signals.process(pid, Signals.KILL);
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("processes " + alive + " cannot be killed");
            }
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while killing processes " + alive, e);
            }
            alive = ProcessTable.carrying(ProcessBackend.MARKER, folderPrefix);
        }
        return killed;
    }
}
