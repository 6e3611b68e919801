package org.cupola.platform.http;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.logging.RequestLogProperty;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts requests that are not answered to the end, so that a server can wait for those and for nothing else. Armeria's own
 * graceful stop waits another second for each open connection of HTTP/1, idle or not. Any thread.
 */
final class InFlight implements DecoratingHttpServiceFunction {
    private static final long LOOK_MILLIS = 5;

    private final AtomicInteger requests = new AtomicInteger();

    @Override
    public HttpResponse serve(HttpService delegate, ServiceRequestContext context, HttpRequest request)
            throws Exception {
        requests.incrementAndGet();
        context.log().whenAvailable(RequestLogProperty.RESPONSE_END_TIME).thenRun(requests::decrementAndGet);
        return delegate.serve(context, request);
    }

    /**
     * Waits until there was no request for that long: one may be on its way when the last is answered.
     *
     * @param patience after which it is enough in any case
     */
    void awaitNone(Duration quiet, Duration patience) throws InterruptedException {
        long begun = System.nanoTime();
        long busy = begun;
        while (System.nanoTime() - begun < patience.toNanos()) {
            long now = System.nanoTime();
            if (requests.get() > 0) {
                busy = now;
            } else if (now - busy >= quiet.toNanos()) {
                return;
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }
}
