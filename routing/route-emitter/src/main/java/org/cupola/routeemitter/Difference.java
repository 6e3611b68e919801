package org.cupola.routeemitter;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.cupola.routeemitter.Association.Http;
import org.cupola.routeemitter.Association.Internal;
import org.cupola.routeemitter.Association.Tcp;
import org.cupola.routeemitter.Changes.Batch;
import org.cupola.routeemitter.ProcessRoutes.Addressing;

/**
 * Gathers what differs between the states of processes before and after, then says what must be sent.
 *
 * <p>The counts it is given are kept up to date: by wire key, how many registrations are in force, and by address, whose
 * instance is there. Confined to one thread; used once.
 */
final class Difference {
    private final Addressing addressing;
    private final Map<Object, Integer> held;
    private final Map<String, String> addressOwners;
    private final Side<Http> http = new Side<>();
    private final Side<Internal> internal = new Side<>();
    private final Side<Tcp> tcp = new Side<>();
    private final Function<Object, Optional<Tcp>> tcpHolder;
    private int collisions;

    /** @param tcpHolder finds a mapping in force by its wire key, after the states were replaced */
    Difference(
            Addressing addressing,
            Map<Object, Integer> held,
            Map<String, String> addressOwners,
            Function<Object, Optional<Tcp>> tcpHolder) {
        this.addressing = addressing;
        this.tcpHolder = tcpHolder;
        this.held = held;
        this.addressOwners = addressOwners;
    }

    private static final class Side<A> {
        private final List<A> registered = new ArrayList<>();
        private final List<A> withdrawn = new ArrayList<>();
    }

    void add(ProcessRoutes before, ProcessRoutes after) {
        if (before.equals(after)) {
            return;
        }
        Map<Object, Http> httpBefore = before.http(addressing);
        Map<Object, Http> httpAfter = after.http(addressing);
        trackAddresses(httpBefore, httpAfter);
        Set<Object> routesBefore = routes(before);
        compare(http, httpBefore, httpAfter, Http::showsTheSameAs, added -> {
            boolean newEndpointOfOldRoute =
                    routesBefore.contains(new PortRoute(added.endpoint().containerPort(), added.routeIdentity()))
                            && !httpBefore.containsKey(added.identity());
            return newEndpointOfOldRoute ? added : unstamped(added);
        });
        Map<Object, Internal> internalBefore = before.internal();
        compare(
                internal,
                internalBefore,
                after.internal(),
                (was, is) -> true,
                added -> routesBefore.contains(added.routeIdentity()) ? added : unstamped(added));
        compare(tcp, before.tcp(addressing), after.tcp(addressing), (was, is) -> true, UnaryOperator.identity());
    }

    private record PortRoute(int containerPort, Object route) {}

    private static Set<Object> routes(ProcessRoutes process) {
        Desired desired = process.desired();
        Set<Object> routes = new HashSet<>();
        if (desired != null) {
            desired.routes()
                    .http()
                    .forEach(route -> routes.add(
                            new PortRoute(route.containerPort(), Http.routeIdentity(route, desired.logGuid()))));
            desired.routes()
                    .internal()
                    .forEach(route -> routes.add(Internal.routeIdentity(route.hostname(), desired.logGuid())));
        }
        return routes;
    }

    private <A extends Association> void compare(
            Side<A> side,
            Map<Object, A> before,
            Map<Object, A> after,
            BiPredicate<A, A> showsTheSame,
            UnaryOperator<A> stamping) {
        after.forEach((identity, is) -> {
            A was = before.get(identity);
            if (was == null) {
                held.merge(is.wireKey(), 1, Integer::sum);
            }
            if (was == null || !showsTheSame.test(was, is)) {
                side.registered.add(stamping.apply(is));
            }
        });
        before.forEach((identity, was) -> {
            if (!after.containsKey(identity)) {
                held.computeIfPresent(was.wireKey(), (key, count) -> count == 1 ? null : count - 1);
                side.withdrawn.add(was);
            }
        });
    }

    private record Occupant(String address, String instanceGuid) {}

    private void trackAddresses(Map<Object, Http> before, Map<Object, Http> after) {
        Set<Occupant> were = occupants(before);
        Set<Occupant> are = occupants(after);
        for (Occupant gone : were) {
            if (!are.contains(gone)) {
                addressOwners.remove(gone.address(), gone.instanceGuid());
            }
        }
        for (Occupant added : are) {
            if (!were.contains(added)) {
                String owner = addressOwners.put(added.address(), added.instanceGuid());
                if (owner != null && !owner.equals(added.instanceGuid())) {
                    collisions++;
                }
            }
        }
    }

    private static Set<Occupant> occupants(Map<Object, Http> associations) {
        Set<Occupant> occupants = new LinkedHashSet<>();
        for (Http http : associations.values()) {
            occupants.add(new Occupant(http.addressAndPort(), http.endpoint().instanceGuid()));
        }
        return occupants;
    }

    Changes finish() {
        return new Changes(
                messages(http, Http::address), messages(internal, Internal::wireKey), mappings(), collisions);
    }

    /** Over NATS a registration replaces what was filed under its key, so there is nothing to take back first. */
    private <A extends Association> Batch<A> messages(Side<A> side, Function<A, Object> conflict) {
        Set<Object> registered = new HashSet<>();
        side.registered.forEach(added -> registered.add(conflict.apply(added)));
        List<A> first = new ArrayList<>();
        List<A> last = new ArrayList<>();
        for (A gone : side.withdrawn) {
            if (!held.containsKey(gone.wireKey())) {
                (registered.contains(conflict.apply(gone)) ? first : last).add(gone);
            }
        }
        return new Batch<>(first, side.registered, last);
    }

    /**
     * The Routing API never changes the instance id of a mapping, so one whose key lives on with another instance is
     * deleted and created again.
     */
    private Batch<Tcp> mappings() {
        Map<Object, Tcp> register = new LinkedHashMap<>();
        tcp.registered.forEach(added -> register.put(added.wireKey(), added));
        List<Tcp> first = new ArrayList<>();
        List<Tcp> last = new ArrayList<>();
        for (Tcp gone : tcp.withdrawn) {
            if (!held.containsKey(gone.wireKey())) {
                last.add(gone);
                continue;
            }
            tcpHolder
                    .apply(gone.wireKey())
                    .filter(holder -> !holder.leavesTheSameAs(gone))
                    .ifPresent(holder -> {
                        first.add(gone);
                        register.put(holder.wireKey(), holder);
                    });
        }
        return new Batch<>(first, List.copyOf(register.values()), last);
    }

    static Http unstamped(Http http) {
        return new Http(http.route(), http.logGuid(), http.endpoint(), http.tags(), 0);
    }

    static Internal unstamped(Internal route) {
        return new Internal(
                route.hostname(), route.logGuid(), route.instanceGuid(), route.index(), route.containerAddress(), 0);
    }
}
