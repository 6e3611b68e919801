package org.cupola.loggregator.logcache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.cupola.protocol.loggregator.logcache.EnvelopeType;
import org.cupola.protocol.loggregator.logcache.MetaInfo;
import org.cupola.protocol.loggregator.logcache.ReadRequest;
import org.cupola.protocol.loggregator.v2.Envelope;

/**
 * The newest envelopes of each source, by time.
 *
 * <p>Bounded twice: each source keeps so many, and all together so many bytes. When the bytes are used up, the oldest envelopes
 * go, whosesoever they are, until a tenth is free. Envelopes are kept as their bytes, which take a quarter of what the objects
 * would, so what is counted is what is used. Two envelopes of one source and the same nanosecond are told apart by moving the
 * later one on, so that a reader who goes on behind the last it saw misses none and sees none twice.
 *
 * <p>Guarded by its lock, which is held for the time of a search in a tree; reading turns bytes to envelopes outside of it.
 */
public final class LogStore {
    private static final int MAX_LIMIT = 1000;
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_FUDGE_NANOS = 4000;
    /** What an entry takes beside its bytes: node of the tree, key, record, array. */
    private static final int OVERHEAD_BYTES = 128;

    private final long maxBytes;
    private final int maxPerSource;
    private final LongSupplier nanosSince1970;

    @GuardedBy("this")
    private final Map<String, Source> sources = new HashMap<>();

    @GuardedBy("this")
    private long bytes;

    @GuardedBy("this")
    private long ingress;

    @GuardedBy("this")
    private long egress;

    @GuardedBy("this")
    private long expired;

    @SuppressWarnings("ArrayRecordComponent") // an envelope's bytes, never compared
    private record Entry(EnvelopeType type, byte[] envelope) {
        int size() {
            return envelope.length + OVERHEAD_BYTES;
        }
    }

    private static final class Source {
        private final NavigableMap<Long, Entry> entries = new TreeMap<>();
        private long expired;

        long oldest() {
            return entries.firstKey();
        }
    }

    /** What the store counts. */
    public record Figures(long ingress, long egress, long expired, long size, long bytes, long periodMillis) {}

    public LogStore(long maxBytes, int maxPerSource, LongSupplier nanosSince1970) {
        this.maxBytes = maxBytes;
        this.maxPerSource = maxPerSource;
        this.nanosSince1970 = nanosSince1970;
    }

    public void put(Envelope envelope) {
        Optional<EnvelopeType> type = typeOf(envelope);
        if (type.isEmpty()) {
            return; // a kind of message newer than this, which nobody could ask for
        }
        synchronized (this) {
            ingress++;
            Source source = sources.computeIfAbsent(envelope.getSourceId(), id -> new Source());
            long time = envelope.getTimestamp();
            for (int i = 0; i < MAX_FUDGE_NANOS && source.entries.containsKey(time); i++) {
                time++;
            }
            Envelope moved = time == envelope.getTimestamp()
                    ? envelope
                    : envelope.toBuilder().setTimestamp(time).build();
            Entry entry = new Entry(type.get(), moved.toByteArray());
            Entry replaced = source.entries.put(time, entry);
            bytes += entry.size() - (replaced == null ? 0 : replaced.size());
            if (source.entries.size() > maxPerSource) {
                dropOldest(source);
            }
            if (bytes > maxBytes) {
                makeRoom();
            }
        }
    }

    @GuardedBy("this")
    private void dropOldest(Source source) {
        bytes -= source.entries.pollFirstEntry().getValue().size();
        source.expired++;
        expired++;
    }

    @GuardedBy("this")
    private void makeRoom() {
        var byAge = new PriorityQueue<>(Comparator.<Map.Entry<String, Source>>comparingLong(
                source -> source.getValue().oldest()));
        byAge.addAll(sources.entrySet());
        while (bytes > maxBytes - maxBytes / 10 && !byAge.isEmpty()) {
            var oldest = byAge.poll();
            Source source = oldest.getValue();
            dropOldest(source);
            if (source.entries.isEmpty()) {
                sources.remove(oldest.getKey());
            } else {
                byAge.add(oldest);
            }
        }
    }

    /** @throws IllegalArgumentException for a request that contradicts itself or wants too much, as readers are told */
    public List<Envelope> read(ReadRequest request) {
        long end = request.getEndTime() == 0 ? nanosSince1970.getAsLong() : request.getEndTime();
        if (request.getStartTime() > end) {
            throw new IllegalArgumentException(
                    "StartTime (" + request.getStartTime() + ") must be before EndTime (" + end + ")");
        }
        if (request.getLimit() > MAX_LIMIT) {
            throw new IllegalArgumentException("limit (" + request.getLimit() + ") must be 1000 or less");
        }
        if (request.getLimit() < 0) {
            throw new IllegalArgumentException("limit (" + request.getLimit() + ") must be greater than zero");
        }
        int limit = request.getLimit() == 0 ? DEFAULT_LIMIT : (int) request.getLimit();
        Set<EnvelopeType> types = EnumSet.noneOf(EnvelopeType.class);
        types.addAll(request.getEnvelopeTypesList());
        if (types.isEmpty() || types.contains(EnvelopeType.ANY)) {
            types = EnumSet.allOf(EnvelopeType.class);
        }
        if (request.getNameFilter().isEmpty()) {
            return find(request, end, types, limit).stream()
                    .map(LogStore::parse)
                    .toList();
        }
        types.removeAll(Set.of(EnvelopeType.LOG, EnvelopeType.EVENT));
        NameFilter filter = NameFilter.parse(request.getNameFilter());
        return find(request, end, types, Integer.MAX_VALUE).stream()
                .flatMap(found -> filter.apply(parse(found)).stream())
                .limit(limit)
                .toList();
    }

    private synchronized List<byte[]> find(ReadRequest request, long end, Set<EnvelopeType> types, int limit) {
        Source source = sources.get(request.getSourceId());
        if (source == null) {
            return List.of();
        }
        NavigableMap<Long, Entry> range = source.entries.subMap(request.getStartTime(), true, end, false);
        List<byte[]> found = new ArrayList<>();
        for (Entry entry : (request.getDescending() ? range.descendingMap() : range).values()) {
            if (found.size() == limit) {
                break;
            }
            if (types.contains(entry.type())) {
                found.add(entry.envelope());
            }
        }
        egress += found.size();
        return found;
    }

    private static Envelope parse(byte[] bytes) {
        try {
            return Envelope.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an own envelope", e);
        }
    }

    private static Optional<EnvelopeType> typeOf(Envelope envelope) {
        return switch (envelope.getMessageCase()) {
            case LOG -> Optional.of(EnvelopeType.LOG);
            case COUNTER -> Optional.of(EnvelopeType.COUNTER);
            case GAUGE -> Optional.of(EnvelopeType.GAUGE);
            case TIMER -> Optional.of(EnvelopeType.TIMER);
            case EVENT -> Optional.of(EnvelopeType.EVENT);
            case MESSAGE_NOT_SET -> Optional.empty();
        };
    }

    /** By source. */
    public synchronized Map<String, MetaInfo> meta() {
        Map<String, MetaInfo> meta = new HashMap<>();
        sources.forEach((id, source) -> meta.put(
                id,
                MetaInfo.newBuilder()
                        .setCount(source.entries.size())
                        .setExpired(source.expired)
                        .setOldestTimestamp(source.oldest())
                        .setNewestTimestamp(source.entries.lastKey())
                        .build()));
        return meta;
    }

    public synchronized Figures figures() {
        long size = 0;
        long oldest = Long.MAX_VALUE;
        for (Source source : sources.values()) {
            size += source.entries.size();
            oldest = Math.min(oldest, source.oldest());
        }
        long period = size == 0 ? 0 : Math.max(0, nanosSince1970.getAsLong() - oldest) / 1_000_000;
        return new Figures(ingress, egress, expired, size, bytes, period);
    }
}
