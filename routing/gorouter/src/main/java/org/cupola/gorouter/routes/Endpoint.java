package org.cupola.gorouter.routes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.cupola.gorouter.protection.EndpointHealth;
import org.cupola.gorouter.series.Measured;
import org.jspecify.annotations.Nullable;

/**
 * One registered backend of a route. What was registered is immutable; the time of the last refresh has one writer
 * (the table, under its lock).
 */
public final class Endpoint extends Measured {
    private static final VarHandle HEALTH;

    static {
        try {
            HEALTH = MethodHandles.lookup().findVarHandle(Endpoint.class, "health", EndpointHealth.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The source of what no app answers. */
    public static final String ROUTER = "gorouter";

    private final EndpointInfo info;
    private final Backend backend;
    private final @Nullable Announcer announcer;
    private long seenNanos;

    /** Of the message that announces it, 0 for none. */
    private long fingerprint;

    /** Where it is in force, {@code null} once it is not. */
    private @Nullable Pool pool;

    /** Announced more than once, and so known to be announced again and again. */
    private boolean confirmed;

    /** Was found missing by the last look, but not yet taken for it. */
    private boolean doubted;

    private volatile boolean missing;

    // Made by the first event loop that needs it; a second one making the same again does no harm.
    private volatile byte @Nullable [] headers;

    private volatile @Nullable EndpointHealth health;

    Endpoint(EndpointInfo info, Backend backend, @Nullable Announcer announcer, long nowNanos) {
        this.info = info;
        this.backend = backend;
        this.announcer = announcer;
        this.seenNanos = nowNanos;
    }

    /**
     * One that nobody registered: a route service, spoken to over TLS.
     *
     * @param inside whether it is the router itself, by its loopback port
     */
    public static Endpoint outside(String host, int port, boolean inside) {
        var info = new EndpointInfo(
                "",
                host,
                port,
                true,
                false,
                "http1",
                host,
                "",
                "",
                0,
                "",
                "",
                "",
                0,
                ModificationTag.NONE,
                org.cupola.protocol.routing.RouteOptions.NONE,
                null);
        return new Endpoint(info, new Backend(info, inside ? Backend.Trust.SELF : Backend.Trust.SERVICE), null, 0);
    }

    public EndpointInfo info() {
        return info;
    }

    public Backend backend() {
        return backend;
    }

    /** Ready-made bytes kept with it, such as the header lines that name this instance. */
    public byte @Nullable [] headers() {
        return headers;
    }

    public void headers(byte[] bytes) {
        headers = bytes;
    }

    /** How it has answered lately; made when first asked for. Any thread. */
    public EndpointHealth health() {
        EndpointHealth present = health;
        if (present == null) {
            HEALTH.compareAndSet(this, null, new EndpointHealth());
            present = Objects.requireNonNull(health);
        }
        return present;
    }

    /** It takes the place of another at the same address, with what is known of it. */
    void inherit(Endpoint replaced) {
        if (backend == replaced.backend) {
            health = replaced.health;
        }
        succeed(replaced);
    }

    @Nullable
    Pool pool() {
        return pool;
    }

    void joined(Pool newPool) {
        pool = newPool;
    }

    long fingerprint() {
        return fingerprint;
    }

    void fingerprint(long of) {
        fingerprint = of;
    }

    /** The table has it no more. */
    void gone() {
        pool = null;
        forget();
    }

    /** The app's source, as it is called in metrics. */
    @Override
    protected String seriesLabel() {
        String source = info.tag("source_id");
        return source.isEmpty() ? ROUTER : source;
    }

    /** Whether it has failed too often lately. */
    public boolean isEjected() {
        EndpointHealth known = health;
        return known != null && known.isEjected();
    }

    /** Whether it is passed over as long as there are others. */
    public boolean isAside() {
        return backend.isAside() || missing || isEjected();
    }

    /** Whether its announcer leaves it out. */
    public boolean isMissing() {
        return missing;
    }

    /** True when it was not known to be missing; the first call only raises doubts, so that a round can end meanwhile. */
    boolean leftOut() {
        boolean found = doubted && !missing;
        missing |= doubted;
        doubted = true;
        return found;
    }

    @Nullable
    Announcer announcer() {
        return announcer;
    }

    boolean isConfirmed() {
        return confirmed;
    }

    void confirm() {
        confirmed = true;
    }

    void seen(long nowNanos) {
        seenNanos = nowNanos;
        doubted = false;
        if (missing) {
            missing = false;
        }
    }

    long seenNanos() {
        return seenNanos;
    }

    @Override
    public String toString() {
        return info.address();
    }
}
