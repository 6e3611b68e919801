import java.util.List;

/** A route and who serves it. */
final class Route {
    /** That an instance serves a route, as the router has been told. */
    static final class Member {
        final Route route;
        final Instance instance;

        /** From when on the router knows; {@link Instance#NEVER} from before it is told otherwise. */
        volatile long registeredSince = Instance.NEVER;

        /** Whether it is registered, and refreshed, at all; of the registrar's thread. */
        boolean wanted = true;

        private Member(Route route, Instance instance) {
            this.route = route;
            this.instance = instance;
        }

        boolean serves(long sinceNanos) {
            return registeredSince <= sinceNanos && instance.healthySince <= sinceNanos;
        }
    }

    final String host;
    final List<Member> members;

    /** From when on the router must have forgotten it. */
    volatile long goneSince = Instance.NEVER;

    Route(String host, List<Instance> instances) {
        this.host = host;
        this.members =
                instances.stream().map(instance -> new Member(this, instance)).toList();
    }

    /** Whether one and the same instance was healthy and registered all the time since then. */
    boolean wasServedSince(long nanos) {
        for (Member member : members) {
            if (member.serves(nanos)) {
                return true;
            }
        }
        return false;
    }

    /** Whether an instance that may have got the request was broken since then. */
    boolean hadFaultSince(long nanos) {
        for (Member member : members) {
            if (member.instance.healthySince > nanos) {
                return true;
            }
        }
        return false;
    }

    boolean hadFaultSince(long nanos, String instancePort) {
        for (Member member : members) {
            if (String.valueOf(member.instance.port).equals(instancePort)) {
                return member.instance.healthySince > nanos;
            }
        }
        return false;
    }
}
