package org.cupola.gorouter.routes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.cupola.gorouter.series.Measured;
import org.jspecify.annotations.Nullable;

/**
 * One address that requests are sent to, shared by all endpoints registered for it: what one request learns of it
 * (refuses connections, shows a wrong certificate) holds for all.
 *
 * <p>Any thread, without locks. {@link #slot} belongs to one event loop each.
 */
public final class Backend extends Measured {
    private static final VarHandle IN_FLIGHT;
    private static final VarHandle SLOTS;
    private static final VarHandle ASIDE;

    static {
        try {
            var lookup = MethodHandles.lookup();
            IN_FLIGHT = lookup.findVarHandle(Backend.class, "inFlight", int.class);
            SLOTS = lookup.findVarHandle(Backend.class, "slots", Object[].class);
            ASIDE = lookup.findVarHandle(Backend.class, "aside", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String host;
    private final int port;
    private final boolean tls;
    private final boolean http2;
    private final String san;
    private final Trust trust;

    /** By which rules a certificate is checked, and ours shown. */
    public enum Trust {
        /** A registered backend. */
        REGISTERED,
        /** A route service. */
        SERVICE,
        /** This router's own loopback port. */
        SELF
    }

    private volatile int inFlight;
    private volatile boolean aside;
    private volatile boolean retired;
    private volatile Object @Nullable [] slots;
    private int users;

    Backend(EndpointInfo info, Trust trust) {
        this.host = info.host();
        this.port = info.port();
        this.tls = info.tls();
        this.http2 = info.http2();
        this.san = info.serverCertDomainSan();
        this.trust = trust;
    }

    /** Whether a connection to this one is as good as one to that endpoint. */
    boolean serves(EndpointInfo info) {
        return port == info.port()
                && tls == info.tls()
                && http2 == info.http2()
                && host.equals(info.host())
                && san.equals(info.serverCertDomainSan());
    }

    /** By which rules its certificate is checked. */
    public Trust trust() {
        return trust;
    }

    public String host() {
        return host;
    }

    public int port() {
        return port;
    }

    public boolean tls() {
        return tls;
    }

    public boolean http2() {
        return http2;
    }

    /** The name its certificate must bear; empty means its address. */
    public String serverCertDomainSan() {
        return san;
    }

    public String address() {
        return host + ":" + port;
    }

    @Override
    protected String seriesLabel() {
        return address();
    }

    /** Requests that were sent to it and have no response head yet. */
    public int inFlight() {
        return inFlight;
    }

    public void began() {
        IN_FLIGHT.getAndAdd(this, 1);
    }

    public void ended() {
        IN_FLIGHT.getAndAdd(this, -1);
    }

    /** Whether it is passed over as long as there are others. */
    public boolean isAside() {
        return aside;
    }

    /** To be called when it failed; true for the caller who has to probe it from now on. */
    public boolean setAside() {
        return ASIDE.compareAndSet(this, false, true);
    }

    /** It answered a probe, or a request. */
    public void restore() {
        aside = false;
    }

    /** No endpoint refers to it any more: its idle connections are of no use and probing can end. */
    public boolean isRetired() {
        return retired;
    }

    /** What the given event loop keeps for it. Confined to that loop. */
    public @Nullable Object slot(int loop) {
        Object[] present = slots;
        return present == null || loop >= present.length ? null : present[loop];
    }

    /** Confined to the given event loop. */
    public void slot(int loop, int loops, Object value) {
        Object[] present = slots;
        if (present == null) {
            SLOTS.compareAndSet(this, null, new Object[loops]);
            present = java.util.Objects.requireNonNull(slots);
        }
        present[loop] = value;
    }

    /** Under the table's lock. */
    void use() {
        users++;
        retired = false;
    }

    /** Under the table's lock; true when nobody uses it any more. */
    boolean release() {
        if (--users == 0) {
            retired = true;
            forget();
        }
        return retired;
    }
}
