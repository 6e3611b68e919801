package org.cupola.gorouter.proxy;

/** Names of loggers by the original's words for its parts, which operators find in {@code source}. */
public final class LogSources {
    private static final String HOME = "org.cupola.gorouter.";

    public static final String NATS = HOME + "nats";
    public static final String REGISTRY = HOME + "registry";
    public static final String SUBSCRIBER = HOME + "subscriber";
    public static final String ROUTE_FETCHER = HOME + "route-fetcher";
    public static final String ROUTER = HOME + "router";
    public static final String PROXY = HOME + "proxy";
    public static final String ACCESS_LOG = HOME + "access-grlog";

    private LogSources() {}
}
