package dev.haneul.services.cloudwatch;

import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.CloudWatchTables.MetricRow;
import dev.haneul.services.cloudwatch.CloudWatchTables.SortedRow;
import dev.haneul.storage.Segments;
import dev.haneul.storage.Segments.Chunk;
import dev.haneul.storage.Segments.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/**
 * The points of metrics. A request's points go, with one wait for the disk, to the ingest log of their account; from
 * there they are sorted to their metrics, a second's, a minute's, five minutes' or an hour's in one entry, each kept as
 * long as AWS keeps it. Several entries of one bucket are added up when they are read.
 *
 * <p>An entry of a metric's log tells how far its source was read for it, so that a crash between sorting and noting
 * that it is sorted counts nothing twice.
 */
final class MetricStore {
    private static final int CHUNK = 2_000;
    private static final int CHUNK_BYTES = 4 << 20;
    private static final int KNOWN = 20_000;
    private static final long LAG_MILLIS = 600_000;
    private static final int INGEST_HEADER = 2 * Long.BYTES + 1;

    private final Store store;
    private final Segments segments;
    private final Clock clock;
    private final Map<Scope, ReentrantReadWriteLock> locks = new ConcurrentHashMap<>();
    private final Map<Key, MetricRow> known = Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, MetricRow> eldest) {
            return size() > KNOWN;
        }
    });

    MetricStore(Store store, Segments segments, Clock clock) {
        this.store = store;
        this.segments = segments;
        this.clock = clock;
    }

    /** What a metric is called. */
    record Name(String namespace, String name, TreeMap<String, String> dimensions) {
        Key key(Scope scope) {
            return scope.key(CloudWatchTables.metricId(namespace, name, dimensions));
        }
    }

    /** A point of a metric; {@code fine} where its seconds are kept. */
    record Given(Name name, Point point, boolean fine) {}

    /** Keeps points; they are on disk when this returns. Metrics come into being with their first. */
    void put(Scope scope, List<Given> points) {
        Map<Name, MetricRow> rows = rows(scope, points);
        List<Segments.Item> items = new ArrayList<>(points.size());
        for (Given each : points) {
            UUID log = UUID.fromString(
                    Objects.requireNonNull(rows.get(each.name())).log());
            ByteBuffer body = ByteBuffer.allocate(INGEST_HEADER + each.point().size())
                    .putLong(log.getMostSignificantBits())
                    .putLong(log.getLeastSignificantBits())
                    .put((byte) (each.fine() ? 1 : 0));
            each.point().write(body);
            items.add(new Segments.Item(each.point().timestampMillis(), body.array()));
        }
        append(ingest(scope), items);
    }

    private Map<Name, MetricRow> rows(Scope scope, List<Given> points) {
        long now = clock.instant().toEpochMilli();
        Map<Name, MetricRow> found = new HashMap<>();
        List<Name> stale = new ArrayList<>();
        for (Given each : points) {
            if (found.containsKey(each.name())) {
                continue;
            }
            MetricRow row = known.get(each.name().key(scope));
            if (row == null || row.lastMillis() < now - LAG_MILLIS || row.lastMillis() > now) {
                stale.add(each.name());
            }
            found.put(each.name(), row == null ? new MetricRow("", "", Map.of(), "", 0) : row);
        }
        if (!stale.isEmpty()) {
            Map<Name, MetricRow> made = store.transact(tx -> {
                Map<Name, MetricRow> fresh = new HashMap<>();
                for (Name name : stale) {
                    MetricRow row = tx.get(CloudWatchTables.METRICS, name.key(scope))
                            .map(Row::value)
                            .orElseGet(() -> new MetricRow(
                                    name.namespace(),
                                    name.name(),
                                    name.dimensions(),
                                    UUID.randomUUID().toString(),
                                    0))
                            .seen(now);
                    tx.put(CloudWatchTables.METRICS, name.key(scope), row);
                    fresh.put(name, row);
                }
                if (tx.get(CloudWatchTables.SORTED, scope.key("ingest")).isEmpty()) {
                    tx.put(CloudWatchTables.SORTED, scope.key("ingest"), new SortedRow(0));
                }
                return fresh;
            });
            made.forEach((name, row) -> known.put(name.key(scope), row));
            found.putAll(made);
        }
        return found;
    }

    /**
     * Tells every point of a metric within a stretch of time that a period of this length can show.
     *
     * @param toMillis exclusive
     */
    void read(Scope scope, MetricRow metric, long fromMillis, long toMillis, long periodMillis, Consumer<Point> to) {
        long now = clock.instant().toEpochMilli();
        ReentrantReadWriteLock.ReadLock lock = lock(scope).readLock();
        lock.lock();
        try {
            long newer = toMillis;
            for (Tier tier : Tier.values()) {
                boolean fits = tier == Tier.SECOND ? periodMillis < Tier.MINUTE.millis : periodMillis >= tier.millis;
                if (!fits) {
                    continue;
                }
                long from = Math.max(fromMillis, tier.floor(now));
                if (from < newer) {
                    scan(tier.log(scope, metric.log()), 0, from, newer, entry -> to.accept(tiered(entry)));
                    if (tier == Tier.SECOND || tier == Tier.MINUTE) {
                        unsorted(scope, metric, tier, from, newer, to);
                    }
                    newer = from;
                }
                if (tier == Tier.SECOND) {
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void unsorted(Scope scope, MetricRow metric, Tier tier, long from, long to, Consumer<Point> out) {
        UUID log = UUID.fromString(metric.log());
        long first = Math.max(sorted(scope), sourceEnd(tier.log(scope, metric.log())));
        scan(ingest(scope), first, from, to, entry -> {
            ByteBuffer in = ByteBuffer.wrap(entry.body());
            boolean same =
                    in.getLong() == log.getMostSignificantBits() && in.getLong() == log.getLeastSignificantBits();
            boolean fine = in.get(2 * Long.BYTES) != 0;
            if (same && (fine || tier != Tier.SECOND)) {
                in.get();
                out.accept(Point.read(entry.timestampMillis(), in));
            }
        });
    }

    private void scan(String log, long first, long from, long to, Consumer<Entry> out) {
        long at = first;
        boolean end = false;
        while (!end) {
            Chunk chunk = forward(log, at, new Segments.Want(from, to, CHUNK, CHUNK_BYTES));
            chunk.entries().forEach(out);
            at = chunk.next();
            end = chunk.end();
        }
    }

    /** Whether enough waits in the ingest log to be worth sorting before its time. */
    boolean crowded(Scope scope) {
        try {
            return segments.extent(ingest(scope))
                    .filter(extent -> extent.end() - Math.max(extent.first(), sorted(scope)) > CHUNK_BYTES / 8)
                    .isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sorts a stretch of the ingest log to its metrics; answers whether there is more. */
    boolean sort(Scope scope) {
        ReentrantReadWriteLock.WriteLock lock = lock(scope).writeLock();
        lock.lock();
        try {
            long from = sorted(scope);
            Chunk chunk = forward(ingest(scope), from, Segments.Want.of(CHUNK, CHUNK_BYTES));
            if (chunk.entries().isEmpty()) {
                return !chunk.end();
            }
            Map<UUID, List<Entry>> byMetric = new LinkedHashMap<>();
            for (Entry entry : chunk.entries()) {
                ByteBuffer in = ByteBuffer.wrap(entry.body());
                byMetric.computeIfAbsent(new UUID(in.getLong(), in.getLong()), any -> new ArrayList<>())
                        .add(entry);
            }
            byMetric.forEach((metric, entries) -> sort(scope, metric.toString(), entries, chunk.next()));
            store.write(tx -> tx.put(CloudWatchTables.SORTED, scope.key("ingest"), new SortedRow(chunk.next())));
            trim(ingest(scope), Segments.Retention.fromPosition(chunk.next()));
            return !chunk.end();
        } finally {
            lock.unlock();
        }
    }

    private void sort(Scope scope, String metric, List<Entry> entries, long end) {
        for (Tier tier : List.of(Tier.SECOND, Tier.MINUTE)) {
            String log = tier.log(scope, metric);
            long done = sourceEnd(log);
            RollUp roll = new RollUp(tier.millis);
            for (Entry entry : entries) {
                ByteBuffer in = ByteBuffer.wrap(entry.body()).position(2 * Long.BYTES);
                boolean fine = in.get() != 0;
                if (entry.position() >= done && (fine || tier != Tier.SECOND)) {
                    roll.add(Point.read(entry.timestampMillis(), in));
                }
            }
            roll.appendTo(log, end);
        }
    }

    /** Rolls a metric's minutes up to five minutes and those to hours, and lets go of what is past its time. */
    void rollUp(Scope scope, String metric) {
        ReentrantReadWriteLock.WriteLock lock = lock(scope).writeLock();
        lock.lock();
        try {
            rollUp(Tier.MINUTE.log(scope, metric), Tier.FIVE_MINUTES, Tier.FIVE_MINUTES.log(scope, metric));
            rollUp(Tier.FIVE_MINUTES.log(scope, metric), Tier.HOUR, Tier.HOUR.log(scope, metric));
            long now = clock.instant().toEpochMilli();
            for (Tier tier : Tier.values()) {
                trim(tier.log(scope, metric), Segments.Retention.fromMillis(tier.floor(now)));
            }
        } finally {
            lock.unlock();
        }
    }

    private void rollUp(String source, Tier tier, String log) {
        boolean end = false;
        long at = sourceEnd(log);
        while (!end) {
            Chunk chunk = forward(source, at, Segments.Want.of(CHUNK, CHUNK_BYTES));
            RollUp roll = new RollUp(tier.millis);
            chunk.entries().forEach(entry -> roll.add(tiered(entry)));
            roll.appendTo(log, chunk.next());
            at = chunk.next();
            end = chunk.end();
        }
    }

    /** Removes a metric's points. */
    void delete(Scope scope, String metric) {
        for (Tier tier : Tier.values()) {
            try {
                segments.delete(tier.log(scope, metric));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        known.values().removeIf(row -> row.log().equals(metric));
    }

    /** Removes the points of an account, of all accounts for null. */
    void reset(@org.jspecify.annotations.Nullable String account) {
        String prefix = account == null ? "metrics/" : "metrics/" + account + "/";
        try {
            segments.deleteIf(name -> name.startsWith(prefix));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        known.clear();
    }

    /** Adds points up by bucket and unit. */
    private final class RollUp {
        private final long millis;
        private final Map<Long, Map<String, Bucket>> buckets = new TreeMap<>();

        RollUp(long millis) {
            this.millis = millis;
        }

        void add(Point point) {
            long start = Math.floorDiv(point.timestampMillis(), millis) * millis;
            buckets.computeIfAbsent(start, any -> new TreeMap<>())
                    .computeIfAbsent(point.unit(), any -> new Bucket())
                    .add(point);
        }

        void appendTo(String log, long sourceEnd) {
            List<Segments.Item> items = new ArrayList<>();
            buckets.forEach((start, units) -> units.forEach((unit, bucket) -> {
                Point point = bucket.point(start, unit);
                ByteBuffer body = ByteBuffer.allocate(Long.BYTES + point.size()).putLong(sourceEnd);
                point.write(body);
                items.add(new Segments.Item(start, body.array()));
            }));
            if (!items.isEmpty()) {
                append(log, items);
            }
        }
    }

    private static Point tiered(Entry entry) {
        return Point.read(entry.timestampMillis(), ByteBuffer.wrap(entry.body()).position(Long.BYTES));
    }

    /** How far this log's source has been read for it. */
    private long sourceEnd(String log) {
        try {
            List<Entry> last = segments.backward(log, Long.MAX_VALUE, Segments.Want.of(1, 1))
                    .entries();
            return last.isEmpty() ? 0 : ByteBuffer.wrap(last.getFirst().body()).getLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long sorted(Scope scope) {
        return store.read(tx -> tx.get(CloudWatchTables.SORTED, scope.key("ingest")))
                .map(row -> row.value().position())
                .orElse(0L);
    }

    private void append(String log, List<Segments.Item> items) {
        try {
            segments.append(log, items);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Chunk forward(String log, long at, Segments.Want want) {
        try {
            return segments.forward(log, at, want);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void trim(String log, Segments.Retention keep) {
        try {
            segments.trim(log, keep);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ReentrantReadWriteLock lock(Scope scope) {
        return locks.computeIfAbsent(scope, any -> new ReentrantReadWriteLock());
    }

    private static String ingest(Scope scope) {
        return "metrics/" + scope.account() + "/" + scope.region() + "/ingest";
    }
}
