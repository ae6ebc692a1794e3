package dev.haneul.services.events;

import dev.haneul.delivery.Json;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Change;
import dev.haneul.services.events.EventRouter.Delivery;
import dev.haneul.services.events.EventsContext.BusRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where events come in: those that clients put, and those that services of the region tell through the feed. Archives get
 * them first, then everything the rules say is to be delivered is committed at once.
 */
final class Intake implements Driver.ChangeReader {
    private final EventsContext events;
    private final EventRouter router;
    private final Archives archives;

    Intake(EventsContext events, EventRouter router, Archives archives) {
        this.events = events;
        this.router = router;
        this.archives = archives;
    }

    /** An event and the bus it came to. */
    record Arrival(BusRef bus, Event event) {}

    void join(Driver driver) {
        driver.follow("events.service_events", Set.of(ServiceEvent.TOPIC.name()), this);
    }

    /** Takes events: what follows from them is on disk when this returns. */
    void take(List<Arrival> arrivals) {
        List<Delivery> deliveries = new ArrayList<>();
        List<Archives.Kept> kept = new ArrayList<>();
        events.store().read(tx -> {
            deliveries.clear();
            kept.clear();
            for (Arrival each : arrivals) {
                // An event for a bus that is not there is taken, and goes nowhere, as on AWS.
                if (EventsContext.find(tx, each.bus()).isPresent()) {
                    deliveries.addAll(router.plan(tx, each.bus(), each.event(), rule -> true));
                    kept.addAll(archives.wanting(tx, each.bus(), each.event()));
                }
            }
            return Boolean.TRUE;
        });
        if (deliveries.isEmpty() && kept.isEmpty()) {
            return;
        }
        try {
            archives.append(kept);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        events.store().write(tx -> {
            archives.count(tx, kept);
            router.put(tx, deliveries);
        });
        router.wake(deliveries);
    }

    @Override
    public void accept(Change change) {
        ServiceEvent told = change.after(ServiceEvent.TOPIC.codec()).orElse(null);
        if (told == null) {
            return;
        }
        BusRef bus = new BusRef(change.key().scope(), EventsTables.DEFAULT_BUS);
        Event event = Event.of(
                told.id(),
                told.source(),
                told.detailType(),
                change.key().account(),
                change.key().region(),
                told.time(),
                told.resources(),
                Json.object(told.detail()).orElse(Map.of()),
                events.now());
        take(List.of(new Arrival(bus, event)));
    }
}
