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
    private final TimeoutQueue.Node timer = new TimeoutQueue.Node(this::timedOut);

    private @Nullable ClientStream client;
    private @Nullable Pool pool;
    private @Nullable Endpoint endpoint;
    private @Nullable BackendStream backend;
    private @Nullable BackendConnections awaited;
    private boolean inFlight;
    private boolean reusedConnection;
    private boolean triedFreshConnection;
    private boolean responseStarted;
    private boolean tunnel;
    private boolean counted;
    private boolean requestBodyForwarded;
    private boolean continued;
    private boolean recorded = true; // nothing to tell before it begins
    private boolean answeredByBackend;
    private @Nullable BackendStream lastBackend;
    private int status;
    private long bytesIn;
    private long bytesOut;
    private String routerError = "";
    private String stickyInstance = "";
    private RouteServices.@Nullable Call routeService;
    private boolean fromRouteService;
    private int serviceAttempts;
    private @Nullable Failure lastFailure;
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
        if (refusal == null) {
            refusal = RouteLookup.find(this);
            loop.reports().lookedUp(System.nanoTime() - times.begun());
        }
        if (refusal != null) {
            answer(refusal);
            return;
        }
        loop.requests(client().isHttp2()).join(timer, times.begun());
        attempt();
    }

    private void attempt() {
        RouteServices.Call call = routeService;
        Endpoint next = call == null ? selection.next() : call.target().endpoint();
        serviceAttempts++;
        if (next == null) {
            conclude(lastFailure == null ? Failure.NO_ENDPOINT : lastFailure);
            return;
        }
        endpoint = next;
        triedFreshConnection = false;
        times.beginAttempt();
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
        lastBackend = connection;
        awaited = null;
        reusedConnection = reused;
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
        bytesIn += dataBytes;
        requestBodyForwarded = true;
        if (guard != null && guard.isTooLarge(bytesIn)) {
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
        BackendStream used = backend;
        backend = null;
        if (used != null) {
            used.abort();
        }
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
        if (head.status() == 100) {
            if (continued) {
                return; // sent by us already, a second one might be taken for an answer
            }
            continued = true;
        }
        client().interim(head);
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
        restoreBackend();
        responseStarted = true;
        answeredByBackend = true;
        status = head.status();
        loop.reports().attemptEnded(this, status, head.contentLength());
        RouteProtection.answered(this, status);
        RouteServices.Call call = routeService;
        if (call != null) {
            RouteServices.answered(call, status);
        }
        if (head.has(Names.X_CF_ROUTERERROR)) {
            routerError = head.value(Names.X_CF_ROUTERERROR);
        }
        if (status == 101) {
            tunnel = true;
            loop.metrics().add(Counter.WEBSOCKET_UPGRADES);
            timer.leave();
            uncount();
        } else if (request.isUpgrade()) {
            loop.metrics().add(Counter.WEBSOCKET_UPGRADES);
        }
        client().responseHead(head, framing);
        if (tunnel) {
            client().becomeTunnel();
        }
    }

    /** A backend that was set aside and answers all the same is a backend again. */
    private void restoreBackend() {
        Endpoint answering = endpoint;
        if (answering != null && answering.backend().isAside()) {
            answering.backend().restore();
        }
    }

    /** Takes over a piece of the response's body. */
    void responseBody(ByteBuf piece, int dataBytes) {
        bytesOut += dataBytes;
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
        lastFailure = failure;
        Endpoint failing = Objects.requireNonNull(endpoint);
        if (staleConnection(failure)) {
            triedFreshConnection = true;
            connect(failing.backend(), false);
            return;
        }
        times.attemptFailed();
        loop.reports().attemptEnded(this, 0, 0);
        RouteProtection.failed(this, failure);
        boolean retry = mayRetry(failure);
        FailureReport.log(this, failing, failure, retry);
        if (failure.kind().setsAside() && routeService == null) {
            setAside(failing, failure);
        }
        if (retry) {
            loop.metrics().add(Counter.RETRIES);
            attempt();
        } else {
            conclude(failure);
        }
    }

    /** A kept connection that the backend has closed meanwhile says nothing about the backend. */
    private boolean staleConnection(Failure failure) {
        return reusedConnection
                && !triedFreshConnection
                && !requestBodyForwarded
                && (failure.kind() == FailureKind.EOF_REPEATABLE
                        || failure.kind() == FailureKind.INCOMPLETE_REQUEST
                        || (failure.kind() == FailureKind.CONNECTION_RESET && request.isRepeatable()));
    }

    private boolean mayRetry(Failure failure) {
        if (!failure.kind().isRetriable() || requestBodyForwarded) {
            return false;
        }
        if (routeService != null) {
            return serviceAttempts < loop.shared().routeServices().maxAttempts();
        }
        if (selection.exhausted()) {
            return false;
        }
        if (!failure.kind().isBeforeSending()) {
            return selection.attempts() < loop.settings().maxAttempts();
        }
        long budget = loop.settings().endpointTimeoutNanos();
        return budget <= 0 || System.nanoTime() - times.begun() < budget;
    }

    private void setAside(Endpoint failing, Failure failure) {
        Shared shared = loop.shared();
        shared.prober().setAside(loop, failing.backend());
        Pool its = pool;
        if (failure.kind().prunesTls() && failing.info().tls() && its != null) {
            shared.control().execute(() -> {
                if (shared.table().expel(its, failing, System.nanoTime())) {
                    FailureReport.expelled(its, failing);
                }
            });
        } else {
            FailureReport.ineligible(failing);
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
        BackendStream used = backend;
        FailureReport.timedOut(this);
        if (used != null) {
            backend = null;
            used.abort();
        }
        failed(Failure.TIMEOUT);
    }

    /** Answers without a backend. */
    void answer(Answer answer) {
        status = answer.status();
        routerError = answer.routerError();
        responseStarted = true;
        bytesOut = answer.body() == null ? 0 : answer.body().length();
        record();
        client().answer(answer);
    }

    /** The client has gone; nobody is there to answer to. */
    void clientGone() {
        BackendStream used = backend;
        backend = null;
        if (used != null) {
            used.abort();
        }
        released();
        if (!recorded) {
            if (!responseStarted) {
                status = FailureKind.CLIENT_GONE.status();
                routerError = Answer.of(Failure.CLIENT_GONE).routerError();
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
        reusedConnection = false;
        responseStarted = false;
        tunnel = false;
        requestBodyForwarded = false;
        continued = false;
        times.clear();
        recorded = true;
        answeredByBackend = false;
        lastBackend = null;
        status = 0;
        bytesIn = 0;
        bytesOut = 0;
        routerError = "";
        stickyInstance = "";
        routeService = null;
        fromRouteService = false;
        serviceAttempts = 0;
        lastFailure = null;
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

    /** Whether the answer is, or began as, a backend's or a route service's. */
    boolean isAnsweredByBackend() {
        return answeredByBackend;
    }

    /** Our side of the latest connection to a backend; empty without one. */
    String localAddress() {
        BackendStream used = lastBackend;
        return used == null ? "" : used.localAddress();
    }

    int status() {
        return status;
    }

    long bytesIn() {
        return bytesIn;
    }

    long bytesOut() {
        return bytesOut;
    }

    String routerError() {
        return routerError;
    }

    void routerError(String value) {
        routerError = value;
    }
}
