package org.cupola.launcher.up;

/** Every port that an all-in-one platform listens on, beside the range of TCP routes. */
public enum PlatformPort {
    HTTP("HTTP load balancer", "--http-port"),
    API("Cloud Controller API", "--api-port"),
    UAA("UAA", "--uaa-port"),
    LOGS("Log Cache and log streams", "--logs-port"),
    DNS("DNS server", "--dns-port"),
    NATS("NATS", ""),
    NATS_MONITOR("NATS monitoring", ""),
    LOCKET("Locket", ""),
    BBS("BBS", ""),
    BBS_HEALTH("BBS health", ""),
    AUCTIONEER("auctioneer", ""),
    REP("rep", ""),
    REP_SECURABLE("rep with mutual TLS", ""),
    ROUTE_EMITTER_HEALTH("route emitter health", ""),
    GOROUTER("Gorouter", ""),
    GOROUTER_STATUS("Gorouter status", ""),
    GOROUTER_ROUTES("Gorouter route table", ""),
    ROUTING_API("Routing API", ""),
    ROUTING_API_MTLS("Routing API with mutual TLS", ""),
    ROUTING_API_ADMIN("Routing API admin", ""),
    TCP_ROUTER_HEALTH("TCP router health", ""),
    UAA_TLS("UAA with TLS", ""),
    CLOUD_CONTROLLER_INTERNAL("Cloud Controller internal API", ""),
    BLOBSTORE("blobstore", ""),
    LOGGREGATOR("Loggregator", ""),
    LOGGREGATOR_UDP("Loggregator agent by UDP", "");

    private final String label;
    private final String flag;

    PlatformPort(String label, String flag) {
        this.label = label;
        this.flag = flag;
    }

    /** What listens there, for messages. */
    public String label() {
        return label;
    }

    /** The flag of {@code up} that moves it. */
    public String flag() {
        return isPublic() ? flag : "--internal-ports";
    }

    /** Whether datagrams come in there, and not only there connections. */
    boolean isUdp() {
        return this == DNS || this == LOGGREGATOR_UDP;
    }

    /** Whether a user of the platform connects to it; the others are between components. */
    public boolean isPublic() {
        return !flag.isEmpty();
    }
}
