package org.cupola.launcher.up;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.lifecycle.ComponentGroup;
import org.cupola.platform.lifecycle.ParallelGroup;
import org.jspecify.annotations.Nullable;

/**
 * The whole platform in this process.
 *
 * <p>{@code start} prepares the data directory and starts the components in waves: those of one wave do not need each
 * other. Guarded by its lock; single components may be stopped and started from any thread.
 */
public final class Platform implements Component {
    private final PlatformSettings settings;
    private final Clock clock;
    private final Consumer<String> say;
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final ComponentGroup waves;

    @GuardedBy("this")
    private @Nullable DataDirectory data;

    @GuardedBy("this")
    private @Nullable Endpoints endpoints;

    /** @param say takes a line of progress at a time */
    public Platform(PlatformSettings settings, Clock clock, Consumer<String> say) {
        this.settings = settings;
        this.clock = clock;
        this.say = say;
        List<Component> groups = new ArrayList<>();
        for (List<Slot> wave : new PlatformComponents(settings.data().resolve("config"), clock).waves()) {
            wave.forEach(slot -> slots.put(slot.name(), slot));
            groups.add(
                    new ParallelGroup("wave", wave.stream().map(this::announced).toList()));
        }
        this.waves = new ComponentGroup("components", groups);
    }

    @Override
    public String name() {
        return "platform";
    }

    @Override
    public synchronized void start() throws Exception {
        DataDirectory directory = DataDirectory.open(settings.data());
        try {
            settings.ports().requireFree(PlatformSettings.HOST);
            Path authority = prepare(directory);
            waves.start();
            endpoints = Endpoints.of(settings, directory.root(), authority);
            endpoints.write(directory.root());
            data = directory;
        } catch (Exception e) {
            directory.close();
            throw e;
        }
    }

    /** Writes certificates, secrets and configuration files; what is there already stays as it is. */
    private Path prepare(DataDirectory directory) {
        var secrets = PlatformSecrets.open(directory.root().resolve("secrets.json"));
        var certificates = new PlatformCertificates(directory.certs(), clock);
        var writer = new ConfigWriter(settings, directory, secrets, certificates);
        new RoutingConfigs(writer).write();
        new DiegoConfigs(writer).write();
        new ControlConfigs(writer).write();
        new LogConfigs(writer).write();
        DataDirectory.writePrivate(directory.root().resolve("admin-password"), secrets.get("admin") + "\n");
        return certificates.authorityFile();
    }

    /** Of a started platform. */
    public synchronized Endpoints endpoints() {
        if (endpoints == null) {
            throw new IllegalStateException("the platform has not been started");
        }
        return endpoints;
    }

    /** Names of all components, in the order they start. */
    public List<String> componentNames() {
        return List.copyOf(slots.keySet());
    }

    /** Stops one component; the others go on. Nothing happens when it is stopped already. */
    public void stop(String component) {
        slot(component).close();
    }

    /** Starts one component anew, from its configuration file. Nothing happens when it runs. */
    public void start(String component) throws Exception {
        slot(component).start();
    }

    private Slot slot(String component) {
        Slot slot = slots.get(component);
        if (slot == null) {
            throw new IllegalArgumentException(component + " (expected: one of " + componentNames() + ")");
        }
        return slot;
    }

    @Override
    public CompletionStage<Void> failure() {
        return waves.failure();
    }

    @Override
    public synchronized void close() {
        waves.close();
        DataDirectory directory = data;
        data = null;
        if (directory != null) {
            directory.close();
        }
    }

    private Component announced(Slot slot) {
        return new Component() {
            @Override
            public String name() {
                return slot.name();
            }

            @Override
            public void start() throws Exception {
                long begun = System.nanoTime();
                slot.start();
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
                say.accept("  %-18s up after %5d ms".formatted(slot.name(), millis));
            }

            @Override
            public void close() {
                slot.close();
            }

            @Override
            public CompletionStage<Void> failure() {
                return slot.failure();
            }
        };
    }
}
