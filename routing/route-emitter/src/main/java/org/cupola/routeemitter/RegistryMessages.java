package org.cupola.routeemitter;

import java.util.List;
import java.util.Map;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.routeemitter.Association.Endpoint;
import org.cupola.routeemitter.Association.Http;
import org.cupola.routeemitter.Association.Internal;

/** What goes over NATS for an association. Stateless. */
final class RegistryMessages {
    private static final Map<String, String> INTERNAL_TAGS = Map.of("component", "route-emitter");

    private RegistryMessages() {}

    static RegistryMessage of(Http http) {
        Endpoint endpoint = http.endpoint();
        RegistryMessage.Builder message = RegistryMessage.builder(
                        endpoint.address(), List.of(http.route().hostname()))
                .port(endpoint.port())
                .tlsPort(endpoint.tlsPort())
                .protocol(http.route().protocol())
                .app(http.logGuid())
                .routeServiceUrl(http.route().routeServiceUrl())
                .serverCertDomainSan(endpoint.instanceGuid())
                .isolationSegment(http.route().isolationSegment())
                .endpointUpdatedAtNs(http.sinceNanos())
                .tags(http.tags())
                .availabilityZone(endpoint.availabilityZone())
                .options(http.route().options());
        return instance(message, endpoint.instanceGuid(), endpoint.index()).build();
    }

    static RegistryMessage of(Internal internal) {
        RegistryMessage.Builder message = RegistryMessage.builder(
                        internal.containerAddress(),
                        List.of(internal.hostname(), internal.index() + "." + internal.hostname()))
                .app(internal.logGuid())
                .endpointUpdatedAtNs(internal.sinceNanos())
                .tags(INTERNAL_TAGS);
        return instance(message, internal.instanceGuid(), internal.index()).build();
    }

    private static RegistryMessage.Builder instance(RegistryMessage.Builder message, String guid, int index) {
        return guid.isEmpty() ? message : message.privateInstanceId(guid).privateInstanceIndex(Integer.toString(index));
    }
}
