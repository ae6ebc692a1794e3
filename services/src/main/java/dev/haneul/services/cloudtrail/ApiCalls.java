package dev.haneul.services.cloudtrail;

import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.cloudtrail.record.EventFacts;
import dev.haneul.storage.Segments;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Tells EventBridge of the calls a logging trail wants, as {@code AWS API Call via CloudTrail}: management calls, but for
 * those whose names begin with Get, List or Describe. See "AWS service events delivered via AWS CloudTrail".
 */
final class ApiCalls implements Recorder.Written {
    private static final String TYPE = "AWS API Call via CloudTrail";

    private final Store store;
    private final Trails trails;
    private volatile Predicate<Scope> interest = scope -> false;

    ApiCalls(Store store, Trails trails) {
        this.store = store;
        this.trails = trails;
    }

    /** @param test whether any rule could want such events; asked for each batch, so it must be cheap */
    void wantedWhere(Predicate<Scope> test) {
        interest = test;
    }

    @Override
    public void accept(Key log, List<Segments.Item> events) {
        if (!log.id().equals(TrailTables.MANAGEMENT) || !interest.test(log.scope())) {
            return;
        }
        List<TrailTables.TrailRow> logging = trails.visible(log.account(), log.region(), true).stream()
                .map(Trails.Found::row)
                .filter(TrailTables.TrailRow::logging)
                .toList();
        List<ServiceEvent> told = new ArrayList<>();
        for (Segments.Item item : events) {
            EventFacts facts = EventFacts.of(item.body());
            if (!reads(facts.eventName()) && logging.stream().anyMatch(trail -> Selection.wants(trail, facts))) {
                told.add(ServiceEvent.of(
                        "aws." + facts.eventSource().replaceFirst("\\.amazonaws\\.com$", ""),
                        TYPE,
                        Instant.ofEpochMilli(item.timestampMillis()),
                        List.of(),
                        EventFacts.json(item.body())));
            }
        }
        if (!told.isEmpty()) {
            store.write(tx -> told.forEach(each -> each.emit(tx, log.scope())));
        }
    }

    private static boolean reads(String eventName) {
        return eventName.startsWith("Get") || eventName.startsWith("List") || eventName.startsWith("Describe");
    }
}
