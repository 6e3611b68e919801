package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.cupola.gorouter.head.ResponseHead;
import org.cupola.gorouter.http2.HpackEncoder;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop has for itself: spare exchanges, timeouts, counts, buffers to build heads in. Confined to the loop,
 * but for {@link #metrics}.
 */
final class Loop {
    private static final long TICK_MILLIS = 100;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
    private static final long MAX_PROBE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int MAX_SPARE = 1024;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final Shared shared;
    private final EventLoop eventLoop;
    private final int index;
    private final int loops;
    private final ChannelFactory<? extends DuplexChannel> backendChannels;
    private final RequestIds ids = new RequestIds();
    private final LoopMetrics metrics;
    private final ByteSink head = new ByteSink(4096);
    private final FieldSection fieldSection = new FieldSection();
    private final HpackEncoder http2Block = new HpackEncoder();
    private final Reports reports;
    private final HeaderRewriting rewriting;
    private final List<LoggedHeader> loggedHeaders;
    private final TimeoutQueue requests;
    private final TimeoutQueue http2Requests;
    private final TimeoutQueue idleClients;
    private final TimeoutQueue clientHeads;
    private final TimeoutQueue idleBackends;
    private final ArrayDeque<Exchange> spareExchanges = new ArrayDeque<>();
    private final ArrayDeque<ResponseHead> spareHeads = new ArrayDeque<>();
    private final List<BackendConnections> crowded = new ArrayList<>();
    private final TimeoutQueue silentStreams;
    private final Set<Http2Connection> http2Connections = new HashSet<>();
    private final Set<Http3Connection> http3Connections = new HashSet<>();
    private @Nullable AltSvc altSvc;
    private int clients;
    private boolean draining;
    private int activeRequests;
    private byte[] date = {};
    private long dateSecond;
    private long recently;
    private long wallOffsetNanos;
    private long loggedSecond = Long.MIN_VALUE;
    private String loggedText = "";

    Loop(
            Shared shared,
            EventLoop eventLoop,
            int index,
            int loops,
            ChannelFactory<? extends DuplexChannel> backendChannels) {
        this.shared = shared;
        this.eventLoop = eventLoop;
        this.index = index;
        this.loops = loops;
        this.backendChannels = backendChannels;
        this.metrics = new LoopMetrics(shared.settings().histograms());
        this.reports = new Reports(
                this,
                metrics,
                new LoopSeries(shared.series(), index),
                new AccessLogBuffer(shared.accessLog(), metrics),
                shared.telemetry());
        ProxySettings settings = shared.settings();
        rewriting = new HeaderRewriting(settings.headers());
        loggedHeaders =
                settings.extraLoggedHeaders().stream().map(LoggedHeader::new).toList();
        requests = new TimeoutQueue(settings.endpointTimeoutNanos());
        http2Requests = new TimeoutQueue(settings.http2EndpointTimeoutNanos());
        idleClients = new TimeoutQueue(fromRecently(settings.frontendIdleNanos()));
        clientHeads = new TimeoutQueue(fromRecently(settings.readHeaderNanos()));
        idleBackends = new TimeoutQueue(fromRecently(TimeUnit.SECONDS.toNanos(90)));
        recently = System.nanoTime();
        silentStreams = new TimeoutQueue(probeNanos(settings.frontendIdleNanos()));
        setWallClock(recently);
        eventLoop.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A timeout for members that join at {@link #recently}, so that none is early. */
    private static long fromRecently(long timeoutNanos) {
        return timeoutNanos <= 0 ? timeoutNanos : timeoutNanos + TICK_NANOS;
    }

    /** Often enough for a client that is gone to be missed within the time that an idle one is kept. */
    private static long probeNanos(long idleNanos) {
        return idleNanos <= 0 ? MAX_PROBE_NANOS : Math.clamp(idleNanos / 2, 1, MAX_PROBE_NANOS);
    }

    private void tick() {
        long now = System.nanoTime();
        recently = now;
        setWallClock(now);
        requests.expire(now);
        http2Requests.expire(now);
        idleClients.expire(now);
        clientHeads.expire(now);
        idleBackends.expire(now);
        crowded.removeIf(connections -> !connections.trim());
        silentStreams.expire(now);
        reports.flush();
    }

    private void setWallClock(long now) {
        long millis = System.currentTimeMillis();
        wallOffsetNanos = millis * 1_000_000L - now;
        if (millis / 1000 != dateSecond) {
            dateSecond = millis / 1000;
            date = ("Date: " + DATE.format(Instant.ofEpochSecond(dateSecond)) + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }

    Shared shared() {
        return shared;
    }

    ProxySettings settings() {
        return shared.settings();
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    ByteBufAllocator allocator() {
        return ByteBufAllocator.DEFAULT;
    }

    int index() {
        return index;
    }

    int loops() {
        return loops;
    }

    ChannelFactory<? extends DuplexChannel> backendChannels() {
        return backendChannels;
    }

    RequestIds ids() {
        return ids;
    }

    HeaderRewriting rewriting() {
        return rewriting;
    }

    /** Those the access log shows besides the usual ones. */
    List<LoggedHeader> loggedHeaders() {
        return loggedHeaders;
    }

    LoopMetrics metrics() {
        return metrics;
    }

    Reports reports() {
        return reports;
    }

    /** For requests of clients that speak it. */
    TimeoutQueue requests(HttpVersion version) {
        return version.hasStreams() ? http2Requests : requests;
    }

    TimeoutQueue idleClients() {
        return idleClients;
    }

    TimeoutQueue clientHeads() {
        return clientHeads;
    }

    TimeoutQueue idleBackends() {
        return idleBackends;
    }

    /** A reading of {@link System#nanoTime} that costs nothing; at most a tick old. */
    long recently() {
        return recently;
    }

    /** Has the connections trimmed at each tick, until there are few enough. */
    void crowded(BackendConnections connections) {
        crowded.add(connections);
    }

    /** HTTP/3 streams that wait for their response: QUIC does not tell us when a client gives up. */
    TimeoutQueue silentStreams() {
        return silentStreams;
    }

    /** The header line, CRLF included; at most a tick old. */
    byte[] date() {
        return date;
    }

    /** Wall time for a reading of {@link System#nanoTime}, nanoseconds since 1970. */
    long wallNanos(long nanoTime) {
        return nanoTime + wallOffsetNanos;
    }

    /** The text of a second, kept until another is asked for. */
    String secondText(long second, Supplier<String> format) {
        if (second != loggedSecond) {
            loggedSecond = second;
            loggedText = format.get();
        }
        return loggedText;
    }

    /** An empty place to build a head in; valid until the next call. */
    ByteSink head() {
        head.clear();
        return head;
    }

    /** Reads field sections of HTTP/2 and 3, one at a time. */
    FieldSection fieldSection() {
        return fieldSection;
    }

    /** An empty header block of HTTP/2; valid until the next call. */
    HpackEncoder http2Block() {
        http2Block.begin();
        return http2Block;
    }

    /** A buffer holding what was built, with room for more bytes behind it. */
    ByteBuf buffer(ByteSink built, int more) {
        ByteBuf buffer = allocator().directBuffer(built.length() + more);
        buffer.writeBytes(built.bytes(), 0, built.length());
        return buffer;
    }

    Exchange borrowExchange(ClientStream client) {
        Exchange spare = spareExchanges.pollLast();
        Exchange exchange = spare == null ? new Exchange(this) : spare;
        exchange.attach(client);
        return exchange;
    }

    void giveBack(Exchange exchange) {
        if (spareExchanges.size() < MAX_SPARE) {
            spareExchanges.addLast(exchange);
        }
    }

    ResponseHead borrowResponseHead() {
        ResponseHead spare = spareHeads.pollLast();
        return spare == null ? new ResponseHead() : spare;
    }

    void giveBack(ResponseHead used) {
        used.clear();
        if (spareHeads.size() < MAX_SPARE) {
            spareHeads.addLast(used);
        }
    }

    /** Every response ends its client's connection from now on; idle ones are closed at once. */
    void drain() {
        draining = true;
        idleClients.expireAll();
        List.copyOf(http2Connections).forEach(Http2Connection::drain);
        List.copyOf(http3Connections).forEach(Http3Connection::drain);
    }

    boolean isDraining() {
        return draining;
    }

    /** Clients' HTTP/2 connections. */
    Set<Http2Connection> http2Connections() {
        return http2Connections;
    }

    /** Clients' HTTP/3 connections. */
    Set<Http3Connection> http3Connections() {
        return http3Connections;
    }

    void offer(AltSvc http3) {
        altSvc = http3;
    }

    /** What the client at the other end is told of HTTP/3, if anything. */
    @Nullable
    AltSvc altSvc(Channel client) {
        AltSvc offered = altSvc;
        return offered != null
                        && client.localAddress() instanceof InetSocketAddress address
                        && address.getPort() == offered.localPort()
                ? offered
                : null;
    }

    void clientCame() {
        clients++;
    }

    void clientWent() {
        clients--;
    }

    int clients() {
        return clients;
    }

    void requestBegan() {
        activeRequests++;
    }

    void requestEnded() {
        activeRequests--;
    }

    /** Requests that have begun and not ended, upgraded connections not counted. */
    int activeRequests() {
        return activeRequests;
    }

    /** Those, and connections whose last bytes we must see to ourselves, as no kernel does. */
    int unfinished() {
        return activeRequests + http3Connections.size();
    }
}
