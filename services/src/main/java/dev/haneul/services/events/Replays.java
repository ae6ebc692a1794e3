package dev.haneul.services.events;

import dev.haneul.api.events.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.events.EventRouter.Delivery;
import dev.haneul.services.events.EventsContext.BusRef;
import dev.haneul.services.events.EventsContext.Page;
import dev.haneul.services.events.EventsTables.ArchiveRow;
import dev.haneul.services.events.EventsTables.ReplayRow;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Replays: an archive's events of a span of time, given to the rules of its bus again, with {@code replay-name} beside
 * their fields. A page at a time; how far one has come is committed together with what it delivers.
 */
final class Replays implements Reconciler<Key> {
    private static final int MOST_RUNNING = 10;
    private static final int PAGE = 100;
    private static final int PAGE_BYTES = 4 << 20;

    private final EventsContext events;
    private final Segments segments;
    private final EventRouter router;
    private Driver.@Nullable Waker<Key> waker;

    Replays(EventsContext events, Segments segments, EventRouter router) {
        this.events = events;
        this.segments = segments;
        this.router = router;
    }

    void join(Driver driver) {
        Driver.Waker<Key> made = driver.add(this, 4);
        waker = made;
        Key after = null;
        List<Row<ReplayRow>> page;
        do {
            Key from = after;
            page = events.store().read(tx -> tx.all(EventsTables.REPLAYS, from, PAGE));
            for (Row<ReplayRow> row : page) {
                if (!ended(row.value())) {
                    made.wake(row.key());
                }
                after = row.key();
            }
        } while (page.size() == PAGE);
    }

    private static boolean ended(ReplayRow row) {
        return row.ended() != null;
    }

    StartReplayResponse start(StartReplayRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        ReplayDestination to = in.destination();
        if (!to.arn().contains(":event-bus/")) {
            throw EventsFaults.parameter("Destination.Arn", "Must contain an event bus ARN.");
        }
        if (!in.eventStartTime().isBefore(in.eventEndTime())) {
            throw EventsFaults.parameter("EventEndTime", "EventStartTime must be before EventEndTime.");
        }
        BusRef bus = EventsContext.bus(to.arn(), call);
        String prefix = Archives.arn(scope, "");
        if (!in.eventSourceArn().startsWith(prefix)) {
            throw EventsFaults.parameter("EventSourceArn", "Must contain an archive ARN.");
        }
        String archive = in.eventSourceArn().substring(prefix.length());
        Key key = scope.key(in.replayName());
        ReplayRow row = new ReplayRow(
                in.replayName(),
                in.eventSourceArn(),
                in.description(),
                to.arn(),
                to.filterArns(),
                in.eventStartTime(),
                in.eventEndTime(),
                ReplayState.STARTING,
                null,
                events.now(),
                null,
                null,
                0);
        events.store().write(tx -> {
            if (tx.get(EventsTables.REPLAYS, key).isPresent()) {
                throw EventsFaults.exists("Replay " + row.name() + " already exists.");
            }
            EventsContext.require(tx, bus);
            ArchiveRow from = tx.get(EventsTables.ARCHIVES, scope.key(archive))
                    .map(Row::value)
                    .orElseThrow(
                            () -> EventsFaults.parameter("EventSourceArn", "Archive " + archive + " does not exist."));
            if (!from.busArn().equals(to.arn())) {
                throw EventsFaults.parameter("Destination.Arn", "Cross event bus replay is not permitted.");
            }
            long running = tx.range(EventsTables.REPLAYS, scope, "", null, 1000).stream()
                    .filter(each -> !ended(each.value()))
                    .count();
            if (running >= MOST_RUNNING) {
                throw EventsFaults.limit();
            }
            tx.put(EventsTables.REPLAYS, key, row);
        });
        wake(key);
        return new StartReplayResponse()
                .replayArn(arn(scope, row.name()))
                .state(row.state())
                .replayStartTime(row.started());
    }

    private void wake(Key key) {
        Driver.Waker<Key> driver = waker;
        if (driver != null) {
            driver.wake(key);
        }
    }

    private static String arn(Scope scope, String replay) {
        return EventsTables.arn(scope, "replay/" + replay);
    }

    CancelReplayResponse cancel(CancelReplayRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        Key key = scope.key(in.replayName());
        events.store().write(tx -> {
            ReplayRow row =
                    tx.get(EventsTables.REPLAYS, key).map(Row::value).orElseThrow(() -> noReplay(in.replayName()));
            if (ended(row) || row.state().equals(ReplayState.CANCELLING)) {
                throw EventsFaults.status("Replay " + row.name() + " is not in a valid state for this operation.");
            }
            tx.put(EventsTables.REPLAYS, key, at(row, ReplayState.CANCELLING, row.position(), row.last(), null));
        });
        wake(key);
        return new CancelReplayResponse().replayArn(arn(scope, in.replayName())).state(ReplayState.CANCELLING);
    }

    private static RuntimeException noReplay(String name) {
        return EventsFaults.notFound("Replay " + name + " does not exist.");
    }

    DescribeReplayResponse describe(DescribeReplayRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        ReplayRow row = events.store()
                .read(tx -> tx.get(EventsTables.REPLAYS, scope.key(in.replayName())))
                .map(Row::value)
                .orElseThrow(() -> noReplay(in.replayName()));
        return new DescribeReplayResponse()
                .replayName(row.name())
                .replayArn(arn(scope, row.name()))
                .description(row.description())
                .state(row.state())
                .stateReason(row.reason())
                .eventSourceArn(row.archiveArn())
                .destination(new ReplayDestination().arn(row.busArn()).filterArns(row.rules()))
                .eventStartTime(row.from())
                .eventEndTime(row.to())
                .eventLastReplayedTime(row.last())
                .replayStartTime(row.started())
                .replayEndTime(row.ended());
    }

    ListReplaysResponse list(ListReplaysRequest in, Call call) {
        Page<ReplayRow> page = events.page(
                "replays",
                EventsTables.REPLAYS,
                EventsContext.scope(call),
                in.namePrefix() == null ? "" : in.namePrefix(),
                row -> (in.state() == null || in.state().equals(row.state()))
                        && (in.eventSourceArn() == null || in.eventSourceArn().equals(row.archiveArn())),
                in.limit(),
                in.nextToken());
        return new ListReplaysResponse()
                .replays(page.rows().stream()
                        .map(row -> new Replay()
                                .replayName(row.name())
                                .eventSourceArn(row.archiveArn())
                                .state(row.state())
                                .stateReason(row.reason())
                                .eventStartTime(row.from())
                                .eventEndTime(row.to())
                                .eventLastReplayedTime(row.last())
                                .replayStartTime(row.started())
                                .replayEndTime(row.ended()))
                        .toList())
                .nextToken(page.nextToken());
    }

    private static ReplayRow at(
            ReplayRow row, String state, long position, @Nullable Instant last, @Nullable Instant ended) {
        return new ReplayRow(
                row.name(),
                row.archiveArn(),
                row.description(),
                row.busArn(),
                row.rules(),
                row.from(),
                row.to(),
                state,
                row.reason(),
                row.started(),
                ended,
                last,
                position);
    }

    @Override
    public String name() {
        return "events.replays";
    }

    @Override
    public Next reconcile(Key key) {
        ReplayRow row = events.store()
                .read(tx -> tx.get(EventsTables.REPLAYS, key))
                .map(Row::value)
                .orElse(null);
        if (row == null || ended(row)) {
            return Next.DONE;
        }
        String archive =
                row.archiveArn().substring(Archives.arn(key.scope(), "").length());
        String log = events.store()
                .read(tx -> tx.get(EventsTables.ARCHIVES, key.scope().key(archive)))
                .map(found -> found.value().log())
                .orElse(null);
        if (row.state().equals(ReplayState.CANCELLING) || log == null) {
            String end = log == null ? ReplayState.FAILED : ReplayState.CANCELLED;
            events.store()
                    .write(tx ->
                            tx.put(EventsTables.REPLAYS, key, at(row, end, row.position(), row.last(), events.now())));
            return Next.DONE;
        }
        Segments.Chunk chunk = read(row, log);
        List<Delivery> deliveries = new ArrayList<>();
        Instant last = row.last();
        String busName = row.busArn().substring(row.busArn().indexOf("event-bus/") + "event-bus/".length());
        BusRef bus = new BusRef(key.scope(), busName);
        for (Segments.Entry entry : chunk.entries()) {
            Event event = event(row, entry);
            events.store()
                    .read(tx -> deliveries.addAll(router.plan(tx, bus, event, rule -> wants(row, bus, rule.name()))));
            last = Instant.ofEpochMilli(entry.timestampMillis());
        }
        @Nullable Instant reached = last;
        ReplayRow next = at(
                row,
                chunk.end() ? ReplayState.COMPLETED : ReplayState.RUNNING,
                chunk.next(),
                reached,
                chunk.end() ? events.now() : null);
        boolean moved = events.store().<Boolean>transact(tx -> {
            boolean same = tx.get(EventsTables.REPLAYS, key)
                    .map(Row::value)
                    .filter(row::equals)
                    .isPresent();
            if (same) {
                router.put(tx, deliveries);
                tx.put(EventsTables.REPLAYS, key, next);
            }
            return same;
        });
        if (moved) {
            router.wake(deliveries);
        }
        return moved && chunk.end() ? Next.DONE : Next.after(Duration.ZERO);
    }

    private Segments.Chunk read(ReplayRow row, String log) {
        try {
            return segments.forward(
                    log,
                    row.position(),
                    new Segments.Want(row.from().toEpochMilli(), row.to().toEpochMilli(), PAGE, PAGE_BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean wants(ReplayRow row, BusRef bus, String rule) {
        return row.rules().isEmpty() || row.rules().contains(EventsTables.ruleArn(bus.scope(), bus.name(), rule));
    }

    private Event event(ReplayRow row, Segments.Entry entry) {
        String json = new String(entry.body(), StandardCharsets.UTF_8);
        Map<String, @Nullable Object> tree =
                new LinkedHashMap<>(Objects.requireNonNull(Json.object(json).orElse(null), "an archive holds events"));
        tree.put("replay-name", row.name());
        return Event.of(tree, events.now());
    }
}
