package org.cupola.protocol.bbs;

import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.bbs.proto.FetchAllRequest;
import org.cupola.protocol.bbs.proto.FetchRequest;
import org.cupola.protocol.bbs.proto.LockRequest;
import org.cupola.protocol.bbs.proto.LocketGrpc;
import org.cupola.protocol.bbs.proto.ReleaseRequest;
import org.cupola.protocol.bbs.proto.Resource;
import org.cupola.protocol.bbs.proto.TypeCode;

/** Locket over gRPC with mutual TLS. Blocking; immutable, any thread. */
public final class LocketClient {
    private final LocketGrpc.LocketBlockingStub locket;
    private final Duration timeout;

    /**
     * @param address {@code host:port}
     * @param timeout of each call
     */
    public LocketClient(HttpClients clients, String address, Duration timeout) {
        this.locket = GrpcClients.builder("gproto+https://" + address)
                .factory(clients.factory())
                .build(LocketGrpc.LocketBlockingStub.class);
        this.timeout = timeout;
    }

    private LocketClient(LocketGrpc.LocketBlockingStub locket, Duration timeout) {
        this.locket = locket;
        this.timeout = timeout;
    }

    public LocketClient withTimeout(Duration other) {
        return new LocketClient(locket, other);
    }

    /** Takes or renews; {@link LocketException.Kind#COLLISION} when another owner holds the key. */
    public void lock(Resource resource, Duration timeToLive) throws LocketException {
        call(service -> service.lock(LockRequest.newBuilder()
                .setResource(resource)
                .setTtlInSeconds(timeToLive.toSeconds())
                .build()));
    }

    /** Releasing what nobody holds succeeds. */
    public void release(Resource resource) throws LocketException {
        call(service -> service.release(
                ReleaseRequest.newBuilder().setResource(resource).build()));
    }

    public Optional<Resource> fetch(String key) throws LocketException {
        try {
            return Optional.of(call(service ->
                            service.fetch(FetchRequest.newBuilder().setKey(key).build()))
                    .getResource());
        } catch (LocketException e) {
            if (e.kind() == LocketException.Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    public List<Resource> fetchAll(TypeCode type) throws LocketException {
        return call(service -> service.fetchAll(FetchAllRequest.newBuilder()
                        .setType(typeName(type))
                        .setTypeCode(type)
                        .build()))
                .getResourcesList();
    }

    /** A lock, as BBS and auctioneer take it. */
    public static Resource lockResource(String key, String owner) {
        return resource(key, owner, "", TypeCode.LOCK);
    }

    /** A presence; its value tells what is present. */
    public static Resource presenceResource(String key, String owner, String value) {
        return resource(key, owner, value, TypeCode.PRESENCE);
    }

    private static Resource resource(String key, String owner, String value, TypeCode type) {
        return Resource.newBuilder()
                .setKey(key)
                .setOwner(owner)
                .setValue(value)
                .setType(typeName(type))
                .setTypeCode(type)
                .build();
    }

    /** The deprecated text beside the code; both are always sent. */
    public static String typeName(TypeCode type) {
        return switch (type) {
            case LOCK -> "lock";
            case PRESENCE -> "presence";
            case UNKNOWN, UNRECOGNIZED -> "";
        };
    }

    private <R> R call(Function<LocketGrpc.LocketBlockingStub, R> call) throws LocketException {
        try {
            return call.apply(locket.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS));
        } catch (StatusRuntimeException e) {
            throw LocketException.of(e);
        }
    }
}
