package org.cupola.routeemitter;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.EventStream;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.http.ServerSentEvent;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInfo;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceChangedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceCreatedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceRemovedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;
import org.cupola.protocol.bbs.proto.ActualLRPsResponse;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPChangedEvent;
import org.cupola.protocol.bbs.proto.DesiredLRPCreatedEvent;
import org.cupola.protocol.bbs.proto.DesiredLRPRemovedEvent;
import org.cupola.protocol.bbs.proto.DesiredLRPsRequest;
import org.cupola.protocol.bbs.proto.DesiredLRPsResponse;
import org.cupola.protocol.bbs.proto.DomainsResponse;
import org.cupola.protocol.bbs.proto.EventsByCellId;
import org.cupola.protocol.bbs.proto.ModificationTag;
import org.cupola.protocol.bbs.proto.PortMapping;
import org.cupola.protocol.bbs.proto.ProtoRoutes;

/** As much of a BBS as a route emitter asks for, over the real wire. Changes made here become events unless told not to. */
final class FakeBbs implements AutoCloseable {
    static final String CELL = "cell-1";

    private static final MediaType PROTOBUF = MediaType.create("application", "x-protobuf");

    final Map<String, DesiredLRP> desired = new ConcurrentHashMap<>();
    final Map<String, ActualLRP> actual = new ConcurrentHashMap<>();
    final List<String> subscribedCells = new CopyOnWriteArrayList<>();
    final AtomicInteger desiredLists = new AtomicInteger();
    final AtomicInteger actualLists = new AtomicInteger();
    volatile boolean oldServer;
    volatile boolean failingDomains;
    private volatile boolean closing;
    private final List<EventStream> streams = new CopyOnWriteArrayList<>();
    private final AtomicInteger eventIds = new AtomicInteger();
    private final HttpServer server;

    FakeBbs() {
        this(0);
    }

    FakeBbs(int port) {
        server = new HttpServer(
                "fake-bbs",
                HttpListener.plain(new InetSocketAddress("127.0.0.1", port)),
                services -> services.service("/v1/domains/list", new BlockingService(this::domains))
                        .service("/v1/actual_lrps/list", new BlockingService(this::actualLrps))
                        .service("/v1/desired_lrp_routing_infos/list", new BlockingService(this::routingInfos))
                        .service("/v1/desired_lrps/list.r3", new BlockingService(this::desiredLrps))
                        .service("/v1/events/lrp_instances.r1", new BlockingService(this::events)));
    }

    FakeBbs start() throws Exception {
        server.start();
        return this;
    }

    int port() {
        return server.port();
    }

    private HttpResponse domains(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        return failingDomains
                ? HttpResponse.of(500)
                : protobuf(DomainsResponse.newBuilder().addDomains(Lrps.DOMAIN).build());
    }

    private HttpResponse actualLrps(ServiceRequestContext ctx, AggregatedHttpRequest request)
            throws InvalidProtocolBufferException {
        actualLists.incrementAndGet();
        String cell = ActualLRPsRequest.parseFrom(request.content().array()).getCellId();
        var response = ActualLRPsResponse.newBuilder();
        actual.values().stream()
                .filter(lrp -> cell.isEmpty()
                        || lrp.getActualLrpInstanceKey().getCellId().equals(cell))
                .forEach(response::addActualLrps);
        return protobuf(response.build());
    }

    private HttpResponse routingInfos(ServiceRequestContext ctx, AggregatedHttpRequest request)
            throws InvalidProtocolBufferException {
        return oldServer ? HttpResponse.of(404) : desiredLrps(ctx, request);
    }

    private HttpResponse desiredLrps(ServiceRequestContext ctx, AggregatedHttpRequest request)
            throws InvalidProtocolBufferException {
        desiredLists.incrementAndGet();
        List<String> guids =
                DesiredLRPsRequest.parseFrom(request.content().array()).getProcessGuidsList();
        var response = DesiredLRPsResponse.newBuilder();
        desired.values().stream()
                .filter(lrp -> guids.isEmpty() || guids.contains(lrp.getProcessGuid()))
                .forEach(response::addDesiredLrps);
        return protobuf(response.build());
    }

    private HttpResponse events(ServiceRequestContext ctx, AggregatedHttpRequest request)
            throws InvalidProtocolBufferException {
        subscribedCells.add(EventsByCellId.parseFrom(request.content().array()).getCellId());
        if (closing) {
            return HttpResponse.of(HttpStatus.SERVICE_UNAVAILABLE);
        }
        var stream = EventStream.open(
                ctx, ResponseHeaders.of(HttpStatus.OK, "content-type", "text/event-stream; charset=utf-8"), 1024);
        streams.add(stream);
        return stream.response();
    }

    private static HttpResponse protobuf(Message message) {
        return HttpResponse.of(HttpStatus.OK, PROTOBUF, HttpData.wrap(message.toByteArray()));
    }

    void sendEvent(String name, Message message) {
        String data = Base64.getEncoder().encodeToString(message.toByteArray());
        var frame = new ServerSentEvent("" + eventIds.getAndIncrement(), name, data).encode();
        streams.forEach(stream -> stream.send(frame));
    }

    void endStreams() {
        streams.forEach(EventStream::close);
        streams.clear();
    }

    static DesiredLRP app(String guid, int version, Map<String, String> routes) {
        var protoRoutes = ProtoRoutes.newBuilder();
        routes.forEach((kind, json) -> protoRoutes.putRoutes(kind, ByteString.copyFromUtf8(json)));
        return DesiredLRP.newBuilder()
                .setProcessGuid(guid)
                .setDomain(Lrps.DOMAIN)
                .setLogGuid(guid + "-log")
                .setInstances(10)
                .setRoutes(protoRoutes)
                .setModificationTag(ModificationTag.newBuilder().setEpoch("d").setIndex(version))
                .build();
    }

    static DesiredLRP httpApp(String guid, int version, String hostname) {
        return app(guid, version, Map.of("cf-router", "[{\"hostnames\":[\"" + hostname + "\"],\"port\":8080}]"));
    }

    static ActualLRP instance(String guid, int index, String state, int version) {
        var lrp = ActualLRP.newBuilder()
                .setActualLrpKey(ActualLRPKey.newBuilder()
                        .setProcessGuid(guid)
                        .setIndex(index)
                        .setDomain(Lrps.DOMAIN))
                .setActualLrpInstanceKey(ActualLRPInstanceKey.newBuilder()
                        .setInstanceGuid(guid + "-" + index)
                        .setCellId(CELL))
                .setState(state)
                .setSince(7)
                .setRoutable(state.equals("RUNNING"))
                .setModificationTag(ModificationTag.newBuilder().setEpoch("a").setIndex(version));
        if (state.equals("RUNNING")) {
            lrp.setActualLrpNetInfo(ActualLRPNetInfo.newBuilder()
                    .setAddress("10.0.0.1")
                    .setInstanceAddress("10.255.0.1")
                    .addPorts(PortMapping.newBuilder().setContainerPort(8080).setHostPort(61_000 + index)));
        }
        return lrp.build();
    }

    void desire(DesiredLRP lrp) {
        DesiredLRP before = desired.put(lrp.getProcessGuid(), lrp);
        if (before == null) {
            sendEvent(
                    "desired_lrp_created",
                    DesiredLRPCreatedEvent.newBuilder().setDesiredLrp(lrp).build());
        } else {
            sendEvent(
                    "desired_lrp_changed",
                    DesiredLRPChangedEvent.newBuilder()
                            .setBefore(before)
                            .setAfter(lrp)
                            .build());
        }
    }

    void undesire(String guid) {
        DesiredLRP before = desired.remove(guid);
        sendEvent(
                "desired_lrp_removed",
                DesiredLRPRemovedEvent.newBuilder().setDesiredLrp(before).build());
    }

    void put(ActualLRP lrp) {
        ActualLRP before = actual.put(key(lrp), lrp);
        if (before == null) {
            sendEvent(
                    "actual_lrp_instance_created",
                    ActualLRPInstanceCreatedEvent.newBuilder().setActualLrp(lrp).build());
        } else {
            sendEvent(
                    "actual_lrp_instance_changed",
                    ActualLRPInstanceChangedEvent.newBuilder()
                            .setActualLrpKey(lrp.getActualLrpKey())
                            .setActualLrpInstanceKey(lrp.getActualLrpInstanceKey())
                            .setBefore(info(before))
                            .setAfter(info(lrp))
                            .build());
        }
    }

    void remove(ActualLRP lrp) {
        actual.remove(key(lrp));
        sendEvent(
                "actual_lrp_instance_removed",
                ActualLRPInstanceRemovedEvent.newBuilder().setActualLrp(lrp).build());
    }

    static String key(ActualLRP lrp) {
        return lrp.getActualLrpInstanceKey().getInstanceGuid();
    }

    private static ActualLRPInfo info(ActualLRP lrp) {
        return ActualLRPInfo.newBuilder()
                .setActualLrpNetInfo(lrp.getActualLrpNetInfo())
                .setState(lrp.getState())
                .setSince(lrp.getSince())
                .setModificationTag(lrp.getModificationTag())
                .setRoutable(lrp.getRoutable())
                .build();
    }

    @Override
    public void close() {
        closing = true; // an open stream would hold the server up
        endStreams();
        server.close();
    }
}
