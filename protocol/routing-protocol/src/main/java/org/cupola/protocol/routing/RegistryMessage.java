package org.cupola.protocol.routing;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One registration or unregistration of a backend for some routes, as sent on {@code router.register} and
 * {@code router.unregister}. Immutable. Absent texts are empty, absent numbers 0.
 *
 * @param host                     address or name of the backend
 * @param port                     plain port, 0 to 65535
 * @param tlsPort                  when not 0 it takes the place of {@code port}, and the backend speaks TLS
 * @param uris                     routes: a host name, possibly with a leading {@code *.} and a path
 * @param protocol                 {@code http1} (also when empty) or {@code http2}
 * @param app                      app GUID
 * @param staleThresholdInSeconds  shortens the router's own threshold; 0 means the router's
 * @param privateInstanceId        instance GUID
 * @param privateInstanceIndex     instance index, as text
 * @param isolationSegment         shard
 * @param serverCertDomainSan      name that the backend's certificate must bear
 * @param tags                     metric tags, or {@code null} when the message has none
 * @param routeServiceUrl          empty or an https URL
 * @param endpointUpdatedAtNs      when the endpoint came up, nanoseconds since 1970
 * @param availabilityZone         where the backend is
 * @param options                  balancing for these routes
 */
public record RegistryMessage(
        String host,
        int port,
        int tlsPort,
        List<String> uris,
        String protocol,
        String app,
        long staleThresholdInSeconds,
        String privateInstanceId,
        String privateInstanceIndex,
        String isolationSegment,
        String serverCertDomainSan,
        @Nullable Map<String, String> tags,
        String routeServiceUrl,
        long endpointUpdatedAtNs,
        String availabilityZone,
        RouteOptions options) {
    public RegistryMessage {
        uris = List.copyOf(uris);
        tags = tags == null || tags instanceof Tags ? tags : Map.copyOf(tags);
    }

    /**
     * Reads what a router is sent: keys in any case, unknown keys and {@code null} values ignored, the last of equal
     * keys wins.
     *
     * @throws RegistryMessageException when it is not a JSON object, a value has the wrong type or range, or the
     *     route service URL is not https
     */
    public static RegistryMessage parse(byte[] json) throws RegistryMessageException {
        return parse(json, SharedTexts.forOne());
    }

    /** As {@link #parse(byte[])}, with the objects of earlier messages for equal texts. */
    public static RegistryMessage parse(byte[] json, SharedTexts shared) throws RegistryMessageException {
        return parse(json, json.length, shared);
    }

    /** As the other, of the first so many bytes. */
    public static RegistryMessage parse(byte[] json, int length, SharedTexts shared) throws RegistryMessageException {
        return RegistryMessageParser.parse(json, length, shared);
    }

    /** The bytes as the route emitter writes them: keys in its order, empty ones left out except {@code port}. */
    public byte[] toEmitterJson() {
        return RegistryMessageWriter.emitter(this);
    }

    /** The bytes as the route registrar writes them: its own order, {@code tags} always there, possibly {@code null}. */
    public byte[] toRegistrarJson() {
        return RegistryMessageWriter.registrar(this);
    }

    public static Builder builder(String host, List<String> uris) {
        return new Builder(host, uris);
    }

    /** Collects the fields that are there. Confined to its thread. */
    public static final class Builder {
        private final String host;
        private final List<String> uris;
        private int port;
        private int tlsPort;
        private String protocol = "";
        private String app = "";
        private long staleThresholdInSeconds;
        private String privateInstanceId = "";
        private String privateInstanceIndex = "";
        private String isolationSegment = "";
        private String serverCertDomainSan = "";
        private @Nullable Map<String, String> tags;
        private String routeServiceUrl = "";
        private long endpointUpdatedAtNs;
        private String availabilityZone = "";
        private RouteOptions options = RouteOptions.NONE;

        private Builder(String host, List<String> uris) {
            this.host = host;
            this.uris = uris;
        }

        public Builder port(int value) {
            port = value;
            return this;
        }

        public Builder tlsPort(int value) {
            tlsPort = value;
            return this;
        }

        public Builder protocol(String value) {
            protocol = value;
            return this;
        }

        public Builder app(String value) {
            app = value;
            return this;
        }

        public Builder staleThresholdInSeconds(long value) {
            staleThresholdInSeconds = value;
            return this;
        }

        public Builder privateInstanceId(String value) {
            privateInstanceId = value;
            return this;
        }

        public Builder privateInstanceIndex(String value) {
            privateInstanceIndex = value;
            return this;
        }

        public Builder isolationSegment(String value) {
            isolationSegment = value;
            return this;
        }

        public Builder serverCertDomainSan(String value) {
            serverCertDomainSan = value;
            return this;
        }

        public Builder tags(@Nullable Map<String, String> value) {
            tags = value;
            return this;
        }

        public Builder routeServiceUrl(String value) {
            routeServiceUrl = value;
            return this;
        }

        public Builder endpointUpdatedAtNs(long value) {
            endpointUpdatedAtNs = value;
            return this;
        }

        public Builder availabilityZone(String value) {
            availabilityZone = value;
            return this;
        }

        public Builder options(RouteOptions value) {
            options = value;
            return this;
        }

        public RegistryMessage build() {
            return new RegistryMessage(
                    host,
                    port,
                    tlsPort,
                    uris,
                    protocol,
                    app,
                    staleThresholdInSeconds,
                    privateInstanceId,
                    privateInstanceIndex,
                    isolationSegment,
                    serverCertDomainSan,
                    tags,
                    routeServiceUrl,
                    endpointUpdatedAtNs,
                    availabilityZone,
                    options);
        }
    }
}
