package dev.haneul.services.cloudtrail;

import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudtrail.Deliveries.Thing;
import dev.haneul.services.cloudtrail.TrailTables.FileRow;
import dev.haneul.services.cloudtrail.TrailTables.ProgressRow;
import dev.haneul.services.cloudtrail.TrailTables.TrailRow;
import dev.haneul.services.cloudtrail.record.EventFacts;
import dev.haneul.storage.Segments;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Delivers a trail's events every five minutes: a file for each stretch of each region's log, at least once. A file that
 * cannot be written leaves the trail where it was; the next try begins there.
 */
final class Delivery implements Reconciler<Key> {
    static final Duration EVERY = Duration.ofMinutes(5);

    private static final int CONCURRENCY = 2;
    private static final int FILE_EVENTS = 5_000;
    private static final int FILE_BYTES = 8 << 20;
    private static final int MOST_FILES = 50;
    private static final int RANDOM_CHARS = 16;
    private static final int LOG_BYTES = 900_000;
    private static final int LOG_OVERHEAD = 26;
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy/MM/dd").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmm'Z'").withZone(ZoneOffset.UTC);

    private final Store store;
    private final Segments segments;
    private final Clock clock;
    private final Recorder recorder;
    private final Positions positions;
    private final Deliveries neighbours;
    private final Digests digests;
    private final Ids ids;

    Delivery(
            Store store,
            Segments segments,
            Clock clock,
            Recorder recorder,
            Positions positions,
            Deliveries neighbours,
            Digests digests,
            Ids ids) {
        this.store = store;
        this.segments = segments;
        this.clock = clock;
        this.recorder = recorder;
        this.positions = positions;
        this.neighbours = neighbours;
        this.digests = digests;
        this.ids = ids;
    }

    Driver.Waker<Key> join(Driver driver) {
        return driver.add(this, CONCURRENCY);
    }

    /** One stretch of a log, as a file. */
    private record Stretch(List<Segments.Entry> events, long next, boolean end) {}

    @Override
    public String name() {
        return "cloudtrail.delivery";
    }

    @Override
    public Next reconcile(Key trail) {
        TrailRow row = store.read(tx -> tx.get(TrailTables.TRAILS, trail))
                .map(Row::value)
                .orElse(null);
        if (row == null || !row.logging() && progress(trail).until().isEmpty()) {
            return Next.DONE;
        }
        Instant now = clock.instant();
        Instant last = latest(progress(trail).files().attempted(), row.started());
        if (row.logging() && last != null && now.isBefore(last.plus(EVERY))) {
            return Next.at(last.plus(EVERY));
        }
        deliver(trail, row, now);
        if (row.validated()) {
            digests.deliver(trail, row, now);
        }
        return row.logging() ? Next.at(now.plus(EVERY)) : Next.DONE;
    }

    private static @Nullable Instant latest(@Nullable Instant one, @Nullable Instant other) {
        return one == null || other != null && other.isAfter(one) ? other : one;
    }

    private void deliver(Key trail, TrailRow row, Instant now) {
        recorder.flush();
        boolean wrote = false;
        String error = null;
        try {
            for (String log : positions.logs(trail, row)) {
                wrote |= deliver(trail, row, log, now);
            }
        } catch (Fault fault) {
            error = fault.code();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        boolean did = wrote;
        String problem = error;
        note(trail, each -> {
            ProgressRow tried = each.tried(now, did, problem);
            return row.logging() || problem != null ? tried : tried.at(tried.delivered(), Map.of());
        });
    }

    private boolean deliver(Key trail, TrailRow row, String log, Instant now) throws IOException {
        boolean wrote = false;
        for (int files = 0; files < MOST_FILES; files++) {
            ProgressRow progress = progress(trail);
            long from = progress.delivered().getOrDefault(log, 0L);
            long until = progress.until().getOrDefault(log, Long.MAX_VALUE);
            Stretch stretch = read(Positions.segmentLog(trail, log), from, until);
            List<Segments.Entry> wanted = stretch.events().stream()
                    .filter(each -> wants(row, log, EventFacts.of(each.body())))
                    .toList();
            FileRow file = wanted.isEmpty() ? null : write(trail, row, log, wanted, now);
            store.write(tx -> {
                Map<String, Long> delivered = new HashMap<>(progress.delivered());
                delivered.put(log, stretch.next());
                tx.get(TrailTables.PROGRESS, trail)
                        .ifPresent(before -> tx.put(
                                TrailTables.PROGRESS,
                                trail,
                                before.value().at(delivered, before.value().until())));
                if (file != null && row.validated()) {
                    tx.put(TrailTables.FILES, TrailTables.fileKey(trail, region(log), file.object()), file);
                }
            });
            if (file != null) {
                wrote = true;
                tell(trail, row, file, wanted);
            }
            if (stretch.end()) {
                break;
            }
        }
        return wrote;
    }

    /** A trail of one region has the global services' events only where that region is theirs and it asks for them. */
    private static boolean wants(TrailRow row, String log, EventFacts event) {
        boolean global = event.eventSource().equals("iam.amazonaws.com")
                || event.eventSource().equals("sts.amazonaws.com")
                || event.eventSource().equals("cloudfront.amazonaws.com");
        return Selection.wants(row, event)
                && (row.globalEvents() || !global || !region(log).equals("us-east-1"));
    }

    private static String region(String log) {
        return log.substring(0, log.indexOf('/'));
    }

    private Stretch read(String log, long from, long until) throws IOException {
        Segments.Chunk chunk = segments.forward(log, from, Segments.Want.of(FILE_EVENTS, FILE_BYTES));
        List<Segments.Entry> events = new ArrayList<>();
        for (Segments.Entry entry : chunk.entries()) {
            if (entry.position() >= until) {
                return new Stretch(events, until, true);
            }
            events.add(entry);
        }
        return new Stretch(events, chunk.next(), chunk.end());
    }

    private FileRow write(Key trail, TrailRow row, String log, List<Segments.Entry> events, Instant now) {
        StringBuilder json = new StringBuilder("{\"Records\":[");
        for (int i = 0; i < events.size(); i++) {
            json.append(i == 0 ? "" : ",").append(EventFacts.json(events.get(i).body()));
        }
        byte[] content = json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
        String region = region(log);
        String object = Deliveries.folder(trail, row, "CloudTrail") + region + "/" + DAY.format(now) + "/"
                + trail.account() + "_CloudTrail_" + region + "_" + MINUTE.format(now) + "_" + random() + ".json.gz";
        neighbours.put(trail, row, new Thing(object, gzip(content), Map.of()));
        long oldest =
                events.stream().mapToLong(Segments.Entry::timestampMillis).min().orElseThrow();
        long newest =
                events.stream().mapToLong(Segments.Entry::timestampMillis).max().orElseThrow();
        return new FileRow(
                row.to().bucket(), object, sha256(content), Instant.ofEpochMilli(oldest), Instant.ofEpochMilli(newest));
    }

    private String random() {
        // Letters of both cases and digits, as AWS's file names have.
        StringBuilder text = new StringBuilder(ids.lower(RANDOM_CHARS));
        for (int i = 0; i < text.length(); i += 2) {
            text.setCharAt(i, Character.toUpperCase(text.charAt(i)));
        }
        return text.toString();
    }

    /** Topic and log group: neither holds up the files. */
    private void tell(Key trail, TrailRow row, FileRow file, List<Segments.Entry> events) {
        Instant now = clock.instant();
        String topic = row.to().topicArn();
        if (topic != null) {
            String error = tried(() -> neighbours.announce(trail, row, topic, file.object()));
            note(trail, each -> each.notified(now, error));
        }
        String group = row.to().logGroupArn();
        String role = row.to().logsRoleArn();
        if (group != null && role != null) {
            String error = tried(() -> log(trail, row, group, role, events));
            note(trail, each -> each.logged(now, error));
        }
    }

    private void log(Key trail, TrailRow row, String group, String role, List<Segments.Entry> events) {
        List<InputLogEvent> batch = new ArrayList<>();
        int bytes = 0;
        for (Segments.Entry event : events) {
            String json = EventFacts.json(event.body());
            int size = event.body().length + LOG_OVERHEAD;
            if (!batch.isEmpty() && bytes + size > LOG_BYTES) {
                neighbours.log(trail, row, group, role, batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.add(new InputLogEvent().timestamp(event.timestampMillis()).message(json));
            bytes += size;
        }
        neighbours.log(trail, row, group, role, batch);
    }

    private static @Nullable String tried(Runnable delivery) {
        try {
            delivery.run();
            return null;
        } catch (Fault fault) {
            return fault.code();
        }
    }

    private ProgressRow progress(Key trail) {
        return store.read(
                tx -> tx.get(TrailTables.PROGRESS, trail).map(Row::value).orElse(ProgressRow.NONE));
    }

    private void note(Key trail, UnaryOperator<ProgressRow> change) {
        store.write(tx -> tx.get(TrailTables.PROGRESS, trail)
                .ifPresent(row -> tx.put(TrailTables.PROGRESS, trail, change.apply(row.value()))));
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(content);
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
        return out.toByteArray();
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
