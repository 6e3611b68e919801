package org.cupola.routeemitter;

import java.util.ArrayList;
import java.util.List;
import org.cupola.routeemitter.Association.Http;
import org.cupola.routeemitter.Association.Internal;
import org.cupola.routeemitter.Association.Tcp;

/**
 * What is to be told to the routers after a change.
 *
 * @param collisions endpoints that were added on an address another instance holds
 */
record Changes(Batch<Http> http, Batch<Internal> internal, Batch<Tcp> tcp, int collisions) {
    static final Changes NONE = new Changes(Batch.none(), Batch.none(), Batch.none(), 0);

    boolean isEmpty() {
        return http.isEmpty() && internal.isEmpty() && tcp.isEmpty();
    }

    /**
     * Registrations and what is taken back, in the order in which they must be sent. HTTP and internal registrations with a
     * {@code sinceNanos} other than 0 are to show it.
     *
     * @param withdrawFirst would otherwise take a registration of this batch with it
     * @param register      before the rest is taken back, so that no route is without endpoints in between
     */
    record Batch<A extends Association>(List<A> withdrawFirst, List<A> register, List<A> withdraw) {
        Batch {
            withdrawFirst = List.copyOf(withdrawFirst);
            register = List.copyOf(register);
            withdraw = List.copyOf(withdraw);
        }

        static <A extends Association> Batch<A> none() {
            return new Batch<>(List.of(), List.of(), List.of());
        }

        boolean isEmpty() {
            return register.isEmpty() && withdraw.isEmpty() && withdrawFirst.isEmpty();
        }

        List<A> allWithdrawn() {
            List<A> all = new ArrayList<>(withdrawFirst);
            all.addAll(withdraw);
            return all;
        }
    }
}
