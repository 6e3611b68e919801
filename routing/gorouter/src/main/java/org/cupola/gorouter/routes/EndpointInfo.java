package org.cupola.gorouter.routes;

import java.util.Map;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RouteOptions;
import org.jspecify.annotations.Nullable;

/**
 * What a registration says about an endpoint. Immutable.
 *
 * @param app         app GUID, for headers and logs
 * @param host        address or name
 * @param port        the one to connect to
 * @param tls         whether it speaks TLS
 * @param http2       whether it may be spoken to in HTTP/2
 * @param protocol    as registered; HTTP/1 when it said nothing
 * @param staleAfterSeconds how long it lives without a refresh, 0 or less as registered
 * @param tags        or {@code null} when the registration had none
 */
public record EndpointInfo(
        String app,
        String host,
        int port,
        boolean tls,
        boolean http2,
        String protocol,
        String serverCertDomainSan,
        String instanceId,
        String instanceIndex,
        long staleAfterSeconds,
        String routeServiceUrl,
        String isolationSegment,
        String availabilityZone,
        long updatedAtNs,
        ModificationTag modificationTag,
        RouteOptions options,
        @Nullable Map<String, String> tags) {

    /** @param http2Enabled false turns a registered {@code http2} into {@code http1} */
    public static EndpointInfo of(RegistryMessage message, boolean http2Enabled) {
        boolean http2 = message.protocol().equals("http2") && http2Enabled;
        boolean tls = message.tlsPort() != 0;
        boolean refused = message.protocol().equals("http2") && !http2Enabled;
        String protocol = message.protocol().isEmpty() || refused ? "http1" : message.protocol();
        String san = message.serverCertDomainSan();
        return new EndpointInfo(
                message.app(),
                message.host(),
                tls ? message.tlsPort() : message.port(),
                tls,
                http2,
                protocol,
                // Instances are usually named by their id: one text instead of two.
                san.equals(message.privateInstanceId()) ? message.privateInstanceId() : san,
                message.privateInstanceId(),
                message.privateInstanceIndex(),
                message.staleThresholdInSeconds(),
                message.routeServiceUrl(),
                message.isolationSegment(),
                message.availabilityZone(),
                message.endpointUpdatedAtNs(),
                ModificationTag.NONE,
                message.options(),
                message.tags());
    }

    /** Equal in all that a refresh compares: everything but the availability zone. */
    boolean refreshes(EndpointInfo other) {
        return port == other.port
                && tls == other.tls
                && updatedAtNs == other.updatedAtNs
                && staleAfterSeconds == other.staleAfterSeconds
                && app.equals(other.app)
                && host.equals(other.host)
                && instanceId.equals(other.instanceId)
                && instanceIndex.equals(other.instanceIndex)
                && protocol.equals(other.protocol)
                && serverCertDomainSan.equals(other.serverCertDomainSan)
                && routeServiceUrl.equals(other.routeServiceUrl)
                && isolationSegment.equals(other.isolationSegment)
                && modificationTag.equals(other.modificationTag)
                && options.equals(other.options)
                && java.util.Objects.equals(tags, other.tags);
    }

    /** The same with another version. */
    public EndpointInfo withTag(ModificationTag tag) {
        return new EndpointInfo(
                app,
                host,
                port,
                tls,
                http2,
                protocol,
                serverCertDomainSan,
                instanceId,
                instanceIndex,
                staleAfterSeconds,
                routeServiceUrl,
                isolationSegment,
                availabilityZone,
                updatedAtNs,
                tag,
                options,
                tags);
    }

    public String address() {
        return host + ":" + port;
    }

    /** Whether {@link #address} is the same; makes no text. */
    public boolean isAt(String other) {
        int digits = host.length() + 1;
        if (other.length() <= digits || other.charAt(digits - 1) != ':' || !other.startsWith(host)) {
            return false;
        }
        int rest = port;
        for (int i = other.length() - 1; i >= digits; i--) {
            if (other.charAt(i) != '0' + rest % 10 || (rest == 0 && i < other.length() - 1)) {
                return false;
            }
            rest /= 10;
        }
        return rest == 0;
    }

    /** The value of a tag, empty when there is none. */
    public String tag(String name) {
        return tags == null ? "" : tags.getOrDefault(name, "");
    }
}
