package org.cupola.routeemitter;

import java.util.List;
import java.util.Map;
import org.cupola.protocol.routing.RouteOptions;
import org.jspecify.annotations.Nullable;

/**
 * What a desired LRP says about its routes. Immutable.
 *
 * @param instances how many are wanted; an instance with a higher index gets no routes
 */
record Desired(
        String processGuid,
        String domain,
        String logGuid,
        int instances,
        ModificationTag tag,
        Map<String, MetricTag> metricTags,
        Routes routes) {
    Desired {
        metricTags = Map.copyOf(metricTags);
    }

    Desired withRoutes(Routes other) {
        return new Desired(processGuid, domain, logGuid, instances, tag, metricTags, other);
    }

    /** The routes of one process, by the three kinds. */
    record Routes(List<HttpRoute> http, List<TcpRoute> tcp, List<InternalRoute> internal) {
        static final Routes NONE = new Routes(List.of(), List.of(), List.of());

        Routes {
            http = List.copyOf(http);
            tcp = List.copyOf(tcp);
            internal = List.copyOf(internal);
        }
    }

    /**
     * One host name, with or without a path, to one container port.
     *
     * @param options per-route options as they came; passed through untouched
     */
    record HttpRoute(
            String hostname,
            int containerPort,
            String routeServiceUrl,
            String isolationSegment,
            String protocol,
            RouteOptions options) {}

    /**
     * One external port to one container port.
     *
     * @param sniHostname absent means that the route takes every connection of the port
     */
    record TcpRoute(
            String routerGroupGuid,
            int externalPort,
            int containerPort,
            @Nullable String sniHostname,
            boolean terminateFrontendTls,
            boolean enableBackendMtls) {}

    /** A name that other containers reach the instances by. */
    record InternalRoute(String hostname) {}

    /** A tag's value: fixed, or taken from the instance. */
    sealed interface MetricTag {
        String resolve(Instance instance);

        /** The same for all instances. */
        record Fixed(String value) implements MetricTag {
            @Override
            public String resolve(Instance instance) {
                return value;
            }
        }

        /** The instance's index. */
        record Index() implements MetricTag {
            @Override
            public String resolve(Instance instance) {
                return Integer.toString(instance.index());
            }
        }

        /** The instance's guid. */
        record InstanceGuid() implements MetricTag {
            @Override
            public String resolve(Instance instance) {
                return instance.instanceGuid();
            }
        }
    }
}
