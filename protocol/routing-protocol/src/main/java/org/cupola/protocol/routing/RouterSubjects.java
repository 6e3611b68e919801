package org.cupola.protocol.routing;

/** NATS subjects between routers and those that announce routes. */
public final class RouterSubjects {
    public static final String REGISTER = "router.register";
    public static final String UNREGISTER = "router.unregister";

    /** Published by a router that has started or has lost its NATS connection for a while. */
    public static final String START = "router.start";

    /** Requests the start message from every router. */
    public static final String GREET = "router.greet";

    /** What a router subscribes to, so that registrations keep their order. */
    public static final String ALL = "router.*";

    public static final String ACTIVE_APPS = "router.active_apps";
    public static final String COMPONENT_ANNOUNCE = "vcap.component.announce";
    public static final String COMPONENT_DISCOVER = "vcap.component.discover";

    private RouterSubjects() {}
}
