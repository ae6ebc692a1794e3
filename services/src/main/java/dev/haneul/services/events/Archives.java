package dev.haneul.services.events;

import dev.haneul.api.events.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.EventPatterns;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.events.EventsContext.BusRef;
import dev.haneul.services.events.EventsContext.Page;
import dev.haneul.services.events.EventsTables.ArchiveRow;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Archives: what a bus gets, kept in a segment log for as long as is wished. */
final class Archives implements Reconciler<String> {
    private static final Duration EVERY = Duration.ofHours(1);
    private static final String SWEEP = "sweep";
    private static final int MOST_ON_A_BUS = 100;
    private static final int CHUNK = 500;

    private final EventsContext events;
    private final Segments segments;
    private final EventPatterns patterns;

    Archives(EventsContext events, Segments segments, EventPatterns patterns) {
        this.events = events;
        this.segments = segments;
        this.patterns = patterns;
    }

    /** An event for an archive. */
    record Kept(Key archive, String log, Event event) {}

    void join(Driver driver) {
        driver.add(this, 1).wake(SWEEP);
        driver.follow("events.archives", Set.of(EventsTables.ARCHIVES.name()), change -> {
            ArchiveRow before = change.before(EventsTables.ARCHIVES.codec()).orElse(null);
            if (before != null && change.after() == null) {
                delete(before.log());
            }
        });
    }

    private void delete(String log) {
        try {
            segments.delete(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The archives of a bus that want an event. */
    List<Kept> wanting(ReadTx tx, BusRef bus, Event event) {
        List<Kept> found = new ArrayList<>();
        for (Row<ArchiveRow> row : tx.find(EventsTables.ARCHIVES, bus.scope(), "bus", bus.arn(), "", MOST_ON_A_BUS)) {
            String pattern = row.value().pattern();
            if (pattern == null || patterns.matches(pattern, event.node())) {
                found.add(new Kept(row.key(), row.value().log(), event));
            }
        }
        return found;
    }

    void append(List<Kept> kept) throws IOException {
        for (Kept each : kept) {
            Instant time = Instant.parse(each.event().text("time"));
            segments.append(each.log(), time.toEpochMilli(), each.event().json().getBytes(StandardCharsets.UTF_8));
        }
    }

    void count(WriteTx tx, List<Kept> kept) {
        for (Kept each : kept) {
            tx.get(EventsTables.ARCHIVES, each.archive())
                    .map(Row::value)
                    .filter(row -> row.log().equals(each.log()))
                    .ifPresent(row -> tx.put(
                            EventsTables.ARCHIVES,
                            each.archive(),
                            counted(
                                    row,
                                    row.events() + 1,
                                    row.bytes() + each.event().json().length())));
        }
    }

    private static ArchiveRow counted(ArchiveRow row, long events, long bytes) {
        return new ArchiveRow(
                row.name(),
                row.busArn(),
                row.description(),
                row.pattern(),
                row.retentionDays(),
                row.kmsKey(),
                row.log(),
                row.created(),
                events,
                bytes);
    }

    CreateArchiveResponse create(CreateArchiveRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        BusRef bus = EventsContext.bus(in.eventSourceArn(), call);
        if (in.eventPattern() != null) {
            Patterns.check(in.eventPattern());
        }
        ArchiveRow row = new ArchiveRow(
                in.archiveName(),
                bus.arn(),
                in.description(),
                in.eventPattern(),
                in.retentionDays() == null ? 0 : in.retentionDays(),
                in.kmsKeyIdentifier(),
                "events/" + scope.account() + "/" + scope.region() + "/" + UUID.randomUUID(),
                events.now(),
                0,
                0);
        events.store().write(tx -> {
            EventsContext.require(tx, bus);
            if (!bus.scope().equals(scope)) {
                throw EventsFaults.noBus(bus.name());
            }
            if (tx.get(EventsTables.ARCHIVES, scope.key(row.name())).isPresent()) {
                throw EventsFaults.exists("Archive " + row.name() + " already exists.");
            }
            if (tx.find(EventsTables.ARCHIVES, scope, "bus", bus.arn(), "", MOST_ON_A_BUS)
                            .size()
                    == MOST_ON_A_BUS) {
                throw EventsFaults.limit();
            }
            tx.put(EventsTables.ARCHIVES, scope.key(row.name()), row);
        });
        return new CreateArchiveResponse()
                .archiveArn(arn(scope, row.name()))
                .state(ArchiveState.ENABLED)
                .creationTime(row.created());
    }

    static String arn(Scope scope, String archive) {
        return EventsTables.arn(scope, "archive/" + archive);
    }

    static ArchiveRow require(ReadTx tx, Scope scope, String archive) {
        return tx.get(EventsTables.ARCHIVES, scope.key(archive))
                .map(Row::value)
                .orElseThrow(() -> EventsFaults.notFound("Archive " + archive + " does not exist."));
    }

    UpdateArchiveResponse update(UpdateArchiveRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        if (in.eventPattern() != null) {
            Patterns.check(in.eventPattern());
        }
        ArchiveRow row = events.store().transact(tx -> {
            ArchiveRow now = require(tx, scope, in.archiveName());
            ArchiveRow changed = new ArchiveRow(
                    now.name(),
                    now.busArn(),
                    in.description() == null ? now.description() : in.description(),
                    in.eventPattern() == null ? now.pattern() : in.eventPattern(),
                    in.retentionDays() == null ? now.retentionDays() : in.retentionDays(),
                    in.kmsKeyIdentifier() == null ? now.kmsKey() : in.kmsKeyIdentifier(),
                    now.log(),
                    now.created(),
                    now.events(),
                    now.bytes());
            tx.put(EventsTables.ARCHIVES, scope.key(now.name()), changed);
            return changed;
        });
        return new UpdateArchiveResponse()
                .archiveArn(arn(scope, row.name()))
                .state(ArchiveState.ENABLED)
                .creationTime(row.created());
    }

    void delete(DeleteArchiveRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        events.store().write(tx -> {
            ArchiveRow row = require(tx, scope, in.archiveName());
            tx.delete(EventsTables.ARCHIVES, scope.key(row.name()));
        });
    }

    DescribeArchiveResponse describe(DescribeArchiveRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        ArchiveRow row = events.store().read(tx -> require(tx, scope, in.archiveName()));
        return new DescribeArchiveResponse()
                .archiveArn(arn(scope, row.name()))
                .archiveName(row.name())
                .eventSourceArn(row.busArn())
                .description(row.description())
                .eventPattern(row.pattern())
                .state(ArchiveState.ENABLED)
                .kmsKeyIdentifier(row.kmsKey())
                .retentionDays(row.retentionDays())
                .sizeBytes(row.bytes())
                .eventCount(row.events())
                .creationTime(row.created());
    }

    ListArchivesResponse list(ListArchivesRequest in, Call call) {
        String prefix = in.namePrefix() == null ? "" : in.namePrefix();
        String source = in.eventSourceArn();
        String state = in.state();
        Page<ArchiveRow> page = events.page(
                "archives",
                EventsTables.ARCHIVES,
                EventsContext.scope(call),
                prefix,
                row -> (source == null || source.equals(row.busArn()))
                        && (state == null || state.equals(ArchiveState.ENABLED)),
                in.limit(),
                in.nextToken());
        return new ListArchivesResponse()
                .archives(page.rows().stream()
                        .map(row -> new Archive()
                                .archiveName(row.name())
                                .eventSourceArn(row.busArn())
                                .state(ArchiveState.ENABLED)
                                .retentionDays(row.retentionDays())
                                .sizeBytes(row.bytes())
                                .eventCount(row.events())
                                .creationTime(row.created()))
                        .toList())
                .nextToken(page.nextToken());
    }

    @Override
    public String name() {
        return "events.retention";
    }

    /** Removes, each hour, what is past its archive's retention. */
    @Override
    public Next reconcile(String key) {
        @Nullable Key after = null;
        while (true) {
            Key from = after;
            List<Row<ArchiveRow>> rows = events.store().read(tx -> tx.all(EventsTables.ARCHIVES, from, CHUNK));
            for (Row<ArchiveRow> row : rows) {
                if (row.value().retentionDays() > 0) {
                    Instant oldest =
                            events.now().minus(Duration.ofDays(row.value().retentionDays()));
                    try {
                        segments.trim(row.value().log(), Segments.Retention.fromMillis(oldest.toEpochMilli()));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
            if (rows.size() < CHUNK) {
                return Next.after(EVERY);
            }
            after = rows.getLast().key();
        }
    }

    /** Removes the events of an account (of all for null) that is reset. */
    void reset(@Nullable String account) {
        String prefix = account == null ? "events/" : "events/" + account + "/";
        try {
            segments.deleteIf(name -> name.startsWith(prefix));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
