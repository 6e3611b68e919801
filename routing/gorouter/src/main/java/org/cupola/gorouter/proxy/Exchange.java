package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.ResponseHead;
import org.cupola.gorouter.protection.RouteGuard;
import org.cupola.gorouter.routes.Backend;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.Pool;
import org.cupola.gorouter.routes.Selection;
import org.jspecify.annotations.Nullable;

/**
 * One request and what becomes of it. Its phases, each in a class of its own:
 *
 * <ol>
 *   <li>{@link RequestGate}: health checks, requests that name no host or are too large;
 *   <li>{@link RouteLookup}: the pool of endpoints;
 *   <li>{@link Selection}: an endpoint, and after a failure the next one;
 *   <li>{@link BackendConnections}: a connection to it, kept from before or new;
 *   <li>{@link RequestWriter}: the head for the backend; the body follows as it comes;
 *   <li>{@link ResponseWriter}: the head for the client; the body follows as it comes;
 *   <li>{@link AccessLine}: the record.
 * </ol>
 *
 * <p>Reused from request to request; confined to its event loop. It ends when the client's side has ended; the backend's
 * side is let go of before.
 */
final class Exchange {
    private final Loop loop;
    private final RequestHead request = new RequestHead();
    private final Selection selection;
    private final byte[] requestId = new byte[RequestIds.LENGTH];
    private final TraceContext trace = new TraceContext();
    private final Timings times = new Timings();
    private final Attempts attempts = new Attempts();
    private final Outcome outcome = new Outcome();
    private final TimeoutQueue.Node timer = new TimeoutQueue.Node(this::timedOut);

    private @Nullable ClientStream client;
    private @Nullable Pool pool;
    private @Nullable Endpoint endpoint;
    private @Nullable BackendStream backend;
    private @Nullable BackendConnections awaited;
    private boolean inFlight;
    private boolean responseStarted;
    private boolean tunnel;
    private boolean counted;
    private boolean continued;
    private boolean recorded = true; // nothing to tell before it begins
    private String stickyInstance = "";
    private RouteServices.@Nullable Call routeService;
    private boolean fromRouteService;
    private @Nullable RouteGuard guard;

    Exchange(Loop loop) {
        this.loop = loop;
        this.selection = new Selection(loop.settings().balancing(), loop.ids().random(), Pool.EMPTY);
    }

    void attach(ClientStream newClient) {
        client = newClient;
    }

    Loop loop() {
        return loop;
    }

    RequestHead request() {
        return request;
    }

    ClientStream client() {
        return Objects.requireNonNull(client, "an exchange in use has a client");
    }

    byte[] requestId() {
        return requestId;
    }

    TraceContext trace() {
        return trace;
    }

    /** The instance the client is tied to, empty for none. */
    String stickyInstance() {
        return stickyInstance;
    }

    void stickyInstance(String instance) {
        stickyInstance = instance;
    }

    /** Whether it is on its way to a route service, not to its app. */
    boolean isToRouteService() {
        return routeService != null;
    }

    RouteServices.@Nullable Call routeService() {
        return routeService;
    }

    void goesToRouteService(RouteServices.Call call) {
        routeService = call;
    }

    /** It bears the valid signature of its way to a route service, and is on its way back. */
    void cameFromRouteService() {
        fromRouteService = true;
    }

    boolean isFromRouteService() {
        return fromRouteService;
    }

    /** For the record, when no attempt is made. */
    void attributeTo(@Nullable Endpoint chosen) {
        endpoint = chosen;
    }

    @Nullable
    Pool pool() {
        return pool;
    }

    void pool(Pool found) {
        pool = found;
    }

    @Nullable
    Endpoint endpoint() {
        return endpoint;
    }

    Selection selection() {
        return selection;
    }

    /** The route's limits count it, until it is over. */
    void admitted(RouteGuard by) {
        guard = by;
    }

    /** The request's head is there and in order. */
    void begin() {
        recorded = false;
        counted = true;
        loop.requestBegan();
        times.begin();
        loop.ids().next(requestId);
        trace.begin(request, loop.settings().headers(), loop.ids(), requestId);
        Answer refusal = RequestGate.check(this);
        if (refusal != null) {
            answer(refusal);
            return;
        }
        refusal = RouteLookup.find(this);
        long found = System.nanoTime();
        loop.reports().lookedUp(found - times.begun());
        if (refusal != null) {
            answer(refusal);
            return;
        }
        loop.requests(client().version()).join(timer, times.begun());
        attempt(found);
    }

    private void attempt(long now) {
        RouteServices.Call call = routeService;
        Endpoint next = call == null ? selection.next() : call.target().endpoint();
        if (next == null) {
            conclude(attempts.last());
            return;
        }
        endpoint = next;
        attempts.began();
        times.beginAttempt(now);
        loop.reports().attemptBegan(next);
        connect(next.backend(), true);
    }

    private void connect(Backend to, boolean reuse) {
        to.began();
        inFlight = true;
        awaited = BackendConnections.of(loop, to);
        awaited.acquire(this, reuse);
    }

    /** A connection to the endpoint is there and takes this request. */
    void connected(BackendStream connection, boolean reused) {
        backend = connection;
        outcome.triedOn(connection);
        awaited = null;
        attempts.connected(reused);
    }

    /** A connection was made for this exchange, unless it has gone another way meanwhile. */
    void dialed(DialTimes dialTimes, BackendConnections by) {
        if (isWaitingFor(by)) {
            times.dialed(dialTimes);
        }
    }

    /** No connection came about; told by the event loop, perhaps after the exchange has gone another way. */
    void connectFailed(BackendConnections by, Failure failure) {
        if (isWaitingFor(by)) {
            failed(failure);
        }
    }

    /** Whether the connection that was asked for is still wanted. */
    boolean isWaitingFor(BackendConnections connections) {
        return awaited == connections && backend == null && isWaiting();
    }

    /** Whether pieces of the request's body find a taker; the body of an answered request is thrown away. */
    boolean takesBody() {
        return backend != null || responseStarted;
    }

    /** Takes over a piece of the request's body. */
    void requestBody(ByteBuf piece, int dataBytes, boolean last) {
        outcome.received(dataBytes);
        attempts.bodyForwarded();
        if (guard != null && guard.isTooLarge(outcome.bytesIn())) {
            piece.release();
            refuseBody();
            return;
        }
        BackendStream taker = backend;
        if (taker == null) {
            piece.release();
        } else {
            taker.requestBody(piece, last);
        }
    }

    /** The route does not take that much, as turns out on the way. */
    private void refuseBody() {
        abortBackend();
        released();
        times.endApp();
        if (responseStarted) {
            record();
            client().abort();
        } else {
            answer(RouteProtection.bodyTooLarge(this));
        }
    }

    /** Whether the client should be read on for more of the body. */
    boolean isBackendWritable() {
        BackendStream taker = backend;
        return taker == null || taker.isWritable();
    }

    void flushRequest() {
        BackendStream taker = backend;
        if (taker != null) {
            taker.flush();
        }
    }

    /** The client's side takes more, or no more, of the response. */
    void responseWanted(boolean wanted) {
        BackendStream source = backend;
        if (source != null) {
            source.readable(wanted);
        }
    }

    /** A 1xx of the backend's. */
    void interim(ResponseHead head) {
        boolean goOn = head.status() == 100;
        if (!goOn || !continued) { // a second one might be taken for an answer
            continued |= goOn;
            client().interim(head);
        }
    }

    /** The backend has kept silent on an expectation: the client is told to go on, as a server would. */
    void continueAnyway() {
        if (!continued && !responseStarted && client != null) {
            continued = true;
            client().continueRequest();
        }
    }

    /** The backend's answer begins. */
    void responseHead(ResponseHead head, BodyFraming framing) {
        released();
        Prober.answered(endpoint);
        responseStarted = true;
        int status = head.status();
        outcome.ofBackend(status);
        loop.reports().attemptEnded(this, status, head.contentLength());
        RouteProtection.answered(this, status);
        RouteServices.Call call = routeService;
        if (call != null) {
            RouteServices.answered(call, status);
        }
        if (head.has(Names.X_CF_ROUTERERROR)) {
            outcome.routerError(head.value(Names.X_CF_ROUTERERROR));
        }
        if (status == 101 || request.isUpgrade()) {
            loop.metrics().add(Counter.WEBSOCKET_UPGRADES);
        }
        if (status == 101) {
            tunnel = true;
            timer.leave();
            uncount();
        }
        client().responseHead(head, framing);
        if (tunnel) {
            client().becomeTunnel();
        }
    }

    /** Takes over a piece of the response's body. */
    void responseBody(ByteBuf piece, int dataBytes) {
        outcome.sent(dataBytes);
        client().responseBody(piece);
    }

    void flushResponse() {
        client().flush();
    }

    /** The response is complete; the backend's connection has been let go of. */
    void responseEnd() {
        backend = null;
        times.endApp();
        record();
        client().responseEnd();
    }

    /** The backend failed, before its answer or in the middle. */
    void failed(Failure failure) {
        backend = null;
        released();
        times.endApp();
        if (client == null) {
            return;
        }
        if (responseStarted) {
            record();
            client().abort();
            return;
        }
        attempts.failed(failure);
        Endpoint failing = Objects.requireNonNull(endpoint);
        if (attempts.tryFreshConnection(this, failure)) {
            connect(failing.backend(), false);
            return;
        }
        times.attemptFailed();
        loop.reports().attemptEnded(this, 0, 0);
        RouteProtection.failed(this, failure);
        boolean retry = attempts.mayRetry(this, failure);
        FailureReport.log(this, failing, failure, retry);
        if (failure.kind().setsAside() && routeService == null) {
            loop.shared().prober().setAside(this, failing, failure);
        }
        if (retry) {
            loop.metrics().add(Counter.RETRIES);
            attempt(System.nanoTime());
        } else {
            conclude(failure);
        }
    }

    /** No more attempts. */
    private void conclude(Failure failure) {
        FailureReport.count(loop.metrics(), failure);
        if (request.isUpgrade()) {
            loop.metrics().add(Counter.WEBSOCKET_FAILURES);
        }
        answer(Answer.of(failure));
    }

    private void timedOut() {
        FailureReport.timedOut(this);
        abortBackend();
        failed(Failure.TIMEOUT);
    }

    private void abortBackend() {
        BackendStream used = backend;
        if (used != null) {
            backend = null;
            used.abort();
        }
    }

    /** Answers without a backend. */
    void answer(Answer answer) {
        outcome.ofOurs(answer);
        responseStarted = true;
        record();
        client().answer(answer);
    }

    /** The client has gone; nobody is there to answer to. */
    void clientGone() {
        abortBackend();
        released();
        if (!recorded) {
            if (!responseStarted) {
                outcome.ofNobody(
                        FailureKind.CLIENT_GONE.status(),
                        Answer.of(Failure.CLIENT_GONE).routerError());
                FailureReport.clientGone(this);
            }
            times.endApp();
            record();
        }
        end();
    }

    private void released() {
        Endpoint held = endpoint;
        if (inFlight && held != null) {
            inFlight = false;
            held.backend().ended();
        }
    }

    /** Tells those who want to know; once. */
    private void record() {
        if (recorded) {
            return;
        }
        recorded = true;
        timer.leave();
        loop.reports().ended(this);
        uncount();
        leaveRoute();
    }

    private void leaveRoute() {
        RouteGuard held = guard;
        if (held != null) {
            guard = null;
            held.leave();
        }
    }

    private void uncount() {
        if (counted) {
            counted = false;
            loop.requestEnded();
        }
    }

    /** The client's side has let go of it. */
    void end() {
        timer.leave();
        request.clear();
        client = null;
        pool = null;
        endpoint = null;
        backend = null;
        awaited = null;
        inFlight = false;
        responseStarted = false;
        tunnel = false;
        continued = false;
        times.clear();
        recorded = true;
        stickyInstance = "";
        routeService = null;
        fromRouteService = false;
        attempts.clear();
        outcome.clear();
        leaveRoute();
        trace.clear();
        loop.giveBack(this);
    }

    boolean isTunnel() {
        return tunnel;
    }

    /** Whether the client still waits; false after it has gone or was answered. */
    boolean isWaiting() {
        return client != null && !responseStarted;
    }

    Timings times() {
        return times;
    }

    /** For the record. */
    Outcome outcome() {
        return outcome;
    }
}
