package org.cupola.rep.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Containers made of plain processes, for any operating system and without root.
 *
 * <p>Each has a folder of its own, process groups of its own, a clean environment and host ports from the cell's pool; limits
 * are watched and not enforced by the kernel. There is no isolation: what runs here can see the host's files and network as
 * the cell's user can. Thread-safe.
 *
 * <p>Processes end with the cell. When the cell itself is killed they live on; the next start finds them by the notes kept of
 * them ({@link PidFiles}) and by a variable in their environment, and kills them before anything new starts.
 */
public final class ProcessBackend implements ContainerBackend {
    private static final Logger log = LoggerFactory.getLogger(ProcessBackend.class);

    /** Marks the processes of one container, descendants that left its process groups among them. */
    static final String MARKER = "CUPOLA_CONTAINER";

    private final ProcessBackendSettings settings;
    private final HostPorts ports;
    private final Map<String, ProcessContainer> containers = new ConcurrentHashMap<>();
    private final LimitWatch watch;

    private @Nullable FileChannel lockFile;
    private @Nullable FileLock lock;

    public ProcessBackend(ProcessBackendSettings settings) {
        this.settings = settings;
        this.ports = new HostPorts(settings.firstPort(), settings.portCount());
        this.watch = new LimitWatch(containers::values, settings.memoryInterval(), settings.diskInterval());
    }

    @Override
    public synchronized void start() throws IOException {
        Files.createDirectories(containersFolder());
        FileChannel channel = FileChannel.open(
                settings.folder().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lockFile = channel;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException(settings.folder() + ": in use by another cell");
        }
        destroyLeftovers();
        ports.beginAt(lastPortOffset());
        watch.start();
    }

    /**
     * Where the run before stopped handing out ports: a router that still has its routes must not reach another application by them.
     * Without one anywhere, so that cells beside each other on one host seldom want the same port.
     */
    private int lastPortOffset() throws IOException {
        try {
            return Integer.parseInt(Files.readString(portFile()).strip());
        } catch (NoSuchFileException | NumberFormatException e) {
            return settings.folder().toString().hashCode();
        }
    }

    private Path portFile() {
        return settings.folder().resolve("next-port");
    }

    @Override
    public BackendCapacity capacity() {
        return new BackendCapacity(settings.memoryBytes(), settings.diskBytes(), settings.maxContainers());
    }

    @Override
    public Container create(ContainerSpec spec) throws ContainerException {
        if (containers.size() >= settings.maxContainers()) {
            throw new ContainerException("max containers reached");
        }
        Path folder = containersFolder().resolve(spec.handle());
        if (Files.exists(folder) || containers.containsKey(spec.handle())) {
            throw new ContainerException("Handle '" + spec.handle() + "' already in use");
        }
        var container = new ProcessContainer(spec, folder, settings, ports, containers::remove);
        container.create();
        containers.put(spec.handle(), container);
        try {
            Files.writeString(portFile(), Integer.toString(ports.offset()));
        } catch (IOException e) {
            log.atWarn().setCause(e).log("next-port-not-noted"); // it only makes a wrong route less likely
        }
        return container;
    }

    @Override
    public Map<String, ContainerUsage> usage() {
        return watch.usage();
    }

    @Override
    public void check() throws ContainerException {
        var spec = new ContainerSpec(
                "check-" + java.util.UUID.randomUUID(), "preloaded:check", Map.of(), 0, 0, 0, List.of(), List.of());
        var container = new ProcessContainer(
                spec, containersFolder().resolve(spec.handle()), settings, ports, containers::remove);
        try {
            container.create();
            int status = container
                    .run(
                            new ProcessSpec(
                                    "/bin/sh", List.of("-c", "ls > check"), "", Map.of(), "vcap", OptionalLong.empty()),
                            ProcessOutput.discard())
                    .exit()
                    .get(1, TimeUnit.MINUTES);
            if (status != 0) {
                throw new ContainerException("self-check process ended with status " + status);
            }
        } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
            throw new ContainerException("self-check process did not end", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContainerException("self-check was interrupted", e);
        } finally {
            container.destroy();
        }
    }

    @Override
    public synchronized void close() {
        watch.close();
        for (ProcessContainer container : containers.values()) {
            try {
                container.destroy();
            } catch (ContainerException e) {
                log.atError()
                        .setCause(e)
                        .addKeyValue("guid", container.handle())
                        .log("container-not-destroyed");
            }
        }
        try {
            if (lock != null) {
                lock.release();
                lock = null;
            }
            if (lockFile != null) {
                lockFile.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void destroyLeftovers() throws IOException {
        List<Path> folders;
        try (DirectoryStream<Path> found = Files.newDirectoryStream(containersFolder())) {
            folders = new java.util.ArrayList<>();
            found.forEach(folders::add);
        }
        int killed = 0;
        for (Path folder : folders) {
            killed += ProcessContainer.killNoted(folder);
        }
        killed += ProcessContainer.killMarked(containersFolder() + "/");
        for (Path folder : folders) {
            FileTrees.delete(folder);
        }
        if (!folders.isEmpty() || killed > 0) {
            log.atInfo()
                    .addKeyValue("containers", folders.size())
                    .addKeyValue("processes", killed)
                    .log("destroyed-leftover-containers");
        }
    }

    private Path containersFolder() {
        return settings.folder().resolve("containers");
    }
}
