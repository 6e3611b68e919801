package org.cupola.locket;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.proto.FetchAllRequest;
import org.cupola.protocol.bbs.proto.FetchAllResponse;
import org.cupola.protocol.bbs.proto.FetchRequest;
import org.cupola.protocol.bbs.proto.FetchResponse;
import org.cupola.protocol.bbs.proto.LockRequest;
import org.cupola.protocol.bbs.proto.LockResponse;
import org.cupola.protocol.bbs.proto.LocketGrpc;
import org.cupola.protocol.bbs.proto.ReleaseRequest;
import org.cupola.protocol.bbs.proto.ReleaseResponse;
import org.cupola.protocol.bbs.proto.Resource;
import org.cupola.protocol.bbs.proto.TypeCode;
import org.jooq.exception.DataAccessException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The four calls. Each runs on a virtual thread to its end even when its client has gone, so that a cancelled renewal is
 * still one.
 */
final class LocketService extends LocketGrpc.LocketImplBase {
    private static final Logger log = LoggerFactory.getLogger(LocketService.class);

    private final LeaseStore store;
    private final LeaseTimers timers;
    private final LongSupplier nanoClock;
    private final LocketMetrics metrics;
    private final Executor threads;
    private final Runnable onTableLost;

    LocketService(
            LeaseStore store,
            LeaseTimers timers,
            LongSupplier nanoClock,
            LocketMetrics metrics,
            Executor threads,
            Runnable onTableLost) {
        this.store = store;
        this.timers = timers;
        this.nanoClock = nanoClock;
        this.metrics = metrics;
        this.threads = threads;
        this.onTableLost = onTableLost;
    }

    @Override
    public void lock(LockRequest request, StreamObserver<LockResponse> answer) {
        serve("Lock", answer, () -> {
            Resource resource = present(request.hasResource(), request.getResource());
            String type = typeOf(resource.getTypeCode());
            if (request.getTtlInSeconds() <= 0) {
                throw status(Status.INVALID_ARGUMENT, "invalid-ttl");
            }
            if (resource.getOwner().isEmpty()) {
                throw status(Status.INVALID_ARGUMENT, "invalid-owner");
            }
            Lease lease = store.lock(
                            resource.getKey(),
                            resource.getOwner(),
                            resource.getValue(),
                            type,
                            request.getTtlInSeconds())
                    .orElseThrow(LocketService::collision);
            timers.saw(lease, nanoClock.getAsLong());
            return LockResponse.getDefaultInstance();
        });
    }

    @Override
    public void release(ReleaseRequest request, StreamObserver<ReleaseResponse> answer) {
        serve("Release", answer, () -> {
            Resource resource = present(request.hasResource(), request.getResource());
            if (!store.release(resource.getKey(), resource.getOwner())) {
                throw collision();
            }
            return ReleaseResponse.getDefaultInstance();
        });
    }

    @Override
    public void fetch(FetchRequest request, StreamObserver<FetchResponse> answer) {
        serve(
                "Fetch",
                answer,
                () -> store.fetch(request.getKey())
                        .map(lease -> FetchResponse.newBuilder()
                                .setResource(lease.toResource())
                                .build())
                        .orElseThrow(() -> status(Status.NOT_FOUND, "resource-not-found")));
    }

    @Override
    public void fetchAll(FetchAllRequest request, StreamObserver<FetchAllResponse> answer) {
        serve("FetchAll", answer, () -> {
            var response = FetchAllResponse.newBuilder();
            store.fetchAll(typeOf(request.getTypeCode())).forEach(lease -> response.addResources(lease.toResource()));
            return response.build();
        });
    }

    private <R> void serve(String type, StreamObserver<R> answer, Supplier<R> call) {
        threads.execute(() -> {
            try (var measured = metrics.request(type)) {
                R response;
                try {
                    response = call.get();
                } catch (StatusRuntimeException e) {
                    if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                        measured.failed(); // a collision is how locks work
                    }
                    answer.onError(e);
                    return;
                } catch (RuntimeException e) {
                    measured.failed();
                    log.atError().setCause(e).addKeyValue("request", type).log("failed");
                    answer.onError(status(Status.UNKNOWN, String.valueOf(e.getMessage())));
                    if (e instanceof DataAccessException && store.isTableLost()) {
                        onTableLost.run();
                    }
                    return;
                }
                answer.onNext(response);
                answer.onCompleted();
            }
        });
    }

    private static Resource present(boolean present, Resource resource) {
        if (!present) {
            throw status(Status.INVALID_ARGUMENT, "invalid-resource");
        }
        return resource;
    }

    private static String typeOf(TypeCode code) {
        String type = LocketClient.typeName(code);
        if (type.isEmpty()) {
            throw status(Status.NOT_FOUND, "invalid-type");
        }
        return type;
    }

    private static StatusRuntimeException collision() {
        return status(Status.ALREADY_EXISTS, "lock-collision");
    }

    private static StatusRuntimeException status(Status status, String message) {
        return status.withDescription(message).asRuntimeException();
    }
}
