package dev.haneul.services.lambda;

import dev.haneul.api.lambda.Filter;
import dev.haneul.api.lambda.FilterCriteria;
import dev.haneul.api.lambda.ScalingConfig;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.EventPatterns;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.EventSource.Item;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.LambdaTables.Mapping;
import dev.haneul.services.lambda.run.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings mappings to life: takes records from their source as the function's role, invokes the function, and settles
 * what it has dealt with. What it has not comes again by itself, when the queue shows it again; so does what was taken
 * when the server died.
 *
 * <p>A mapping has one poller that always looks, and more that join while batches keep coming. See "Using Lambda with
 * Amazon SQS".
 */
final class Pollers implements Reconciler<Pollers.Slot> {
    private static final int AT_ONCE = 128;
    /** AWS begins with five and goes far higher; this is one machine. */
    private static final int MOST_POLLERS = 10;

    private static final Duration SHORTEST_IDLE = Duration.ofMillis(50);
    private static final Duration LONGEST_IDLE = Duration.ofSeconds(1);
    private static final Duration TROUBLED = Duration.ofSeconds(5);
    private static final Duration THROTTLED = Duration.ofSeconds(1);
    private static final Duration GATHERING = Duration.ofMillis(250);
    private static final int PAGE = 500;
    private static final System.Logger LOG = System.getLogger(Pollers.class.getName());

    private final Store store;
    private final Clock clock;
    private final Caller neighbours;
    private final MappingRules rules;
    private final Invoke invoke;
    private final EventPatterns patterns = new EventPatterns();
    private final Map<Slot, Duration> idle = new ConcurrentHashMap<>();
    private final Map<Slot, Gathered> gathered = new ConcurrentHashMap<>();
    private Driver.@Nullable Waker<Slot> waker;

    /** One of a mapping's pollers. */
    record Slot(Key mapping, int number) {}

    /** Records that wait for their batch to be full or its window to be over. */
    private record Gathered(List<Item> items, Instant until) {}

    Pollers(Store store, Clock clock, Caller neighbours, MappingRules rules, Invoke invoke) {
        this.store = store;
        this.clock = clock;
        this.neighbours = neighbours;
        this.rules = rules;
        this.invoke = invoke;
    }

    void join(Driver driver) {
        waker = driver.add(this, AT_ONCE);
    }

    /** Wakes the mappings of an earlier server. */
    void resume() {
        Key after = null;
        List<Row<Mapping>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(LambdaTables.MAPPINGS, from, PAGE));
            for (Row<Mapping> row : page) {
                changed(row.key());
                after = row.key();
            }
        } while (page.size() == PAGE);
    }

    /** A mapping is new or another than it was. */
    void changed(Key mapping) {
        idle.remove(new Slot(mapping, 0));
        wake(new Slot(mapping, 0));
    }

    private void wake(Slot slot) {
        Driver.Waker<Slot> driver = waker;
        if (driver != null) {
            driver.wake(slot);
        }
    }

    @Override
    public String name() {
        return "lambda.pollers";
    }

    @Override
    public Next reconcile(Slot slot) throws InterruptedException {
        Mapping mapping = store.read(tx -> tx.get(LambdaTables.MAPPINGS, slot.mapping))
                .map(Row::value)
                .orElse(null);
        String state = mapping == null
                ? Mappings.DELETING
                : String.valueOf(mapping.configuration().state());
        if (mapping == null || !state.equals(Mappings.ENABLED)) {
            idle.remove(slot);
            giveBack(slot, mapping);
            if (mapping == null || slot.number > 0 || state.equals(Mappings.DISABLED)) {
                return Next.DONE;
            }
            return arrive(slot.mapping, mapping);
        }
        return poll(slot, mapping);
    }

    /** Ends a passing state. */
    private Next arrive(Key key, Mapping mapping) {
        boolean on = store.<Boolean>transact(tx -> {
            boolean same = tx.get(LambdaTables.MAPPINGS, key)
                    .filter(row -> row.value().equals(mapping))
                    .isPresent();
            if (!same) {
                return true;
            }
            if (Mappings.DELETING.equals(mapping.configuration().state())) {
                tx.delete(LambdaTables.MAPPINGS, key);
                return false;
            }
            tx.put(
                    LambdaTables.MAPPINGS,
                    key,
                    mapping.with(Mappings.copy(mapping.configuration())
                            .state(mapping.enabled() ? Mappings.ENABLED : Mappings.DISABLED)
                            .lastModified(clock.instant())));
            return mapping.enabled();
        });
        return on ? Next.after(Duration.ZERO) : Next.DONE;
    }

    private Next poll(Slot slot, Mapping mapping) throws InterruptedException {
        FunctionRef ref = mapping.ref(slot.mapping);
        Arn source = MappingRules.source(mapping.configuration().eventSourceArn());
        EventSource from = new QueueSource(neighbours, source);
        try {
            Optional<Found> found = find(ref);
            if (found.isEmpty()) {
                return Next.after(TROUBLED); // its function is gone
            }
            int batch = Functions.or(mapping.configuration().batchSize(), 10);
            Gathered before = gathered.remove(slot);
            List<Item> items = new ArrayList<>(before == null ? List.of() : before.items);
            List<Item> fresh = from.poll(batch - items.size(), rules.call(source, ref, found.get()));
            List<Item> passedOver = new ArrayList<>(fresh);
            fresh.stream()
                    .filter(item -> Batches.taken(item, filters(mapping), patterns))
                    .forEach(items::add);
            passedOver.removeAll(items);
            if (!passedOver.isEmpty()) {
                from.remove(passedOver, rules.call(source, ref, found.get()));
            }
            if (items.isEmpty()) {
                return passedOver.isEmpty() ? nothing(slot) : Next.after(Duration.ZERO);
            }
            Instant until = before == null ? clock.instant().plus(window(mapping)) : before.until;
            if (items.size() < batch && clock.instant().isBefore(until)) {
                gathered.put(slot, new Gathered(items, until));
                Instant next = clock.instant().plus(GATHERING);
                return Next.at(next.isBefore(until) ? next : until);
            }
            idle.remove(slot);
            if (slot.number + 1 < most(mapping)) {
                wake(new Slot(slot.mapping, slot.number + 1));
            }
            return hand(mapping, ref, found.get(), source, from, items);
        } catch (Fault fault) {
            // The source or the role does not answer now: what was taken comes back by itself.
            LOG.log(System.Logger.Level.DEBUG, "mapping " + slot.mapping.id() + ": " + fault.message());
            return slot.number > 0 ? Next.DONE : Next.after(TROUBLED);
        }
    }

    /** The first poller looks less and less often; the others are needed no longer. */
    private Next nothing(Slot slot) {
        if (slot.number > 0) {
            return Next.DONE;
        }
        Duration pause = idle.merge(slot, SHORTEST_IDLE, (before, first) -> {
            Duration longer = before.multipliedBy(2);
            return longer.compareTo(LONGEST_IDLE) > 0 ? LONGEST_IDLE : longer;
        });
        return Next.after(pause);
    }

    private Next hand(Mapping mapping, FunctionRef ref, Found found, Arn source, EventSource from, List<Item> items) {
        boolean reports = mapping.configuration().functionResponseTypes().contains("ReportBatchItemFailures");
        List<Item> left = items;
        while (!left.isEmpty()) {
            int fitting = Batches.fitting(left);
            List<Item> some = left.subList(0, fitting);
            Outcome outcome;
            try {
                String id = UUID.randomUUID().toString();
                outcome = invoke.run(ref, found, Invoke.Work.of(id, Batches.event(some), Batches.trace(some)));
            } catch (Fault notRun) {
                LOG.log(System.Logger.Level.DEBUG, ref.name() + " is not run: " + notRun.message());
                from.giveBack(left, rules.call(source, ref, found));
                return Next.after(THROTTLED);
            }
            List<Item> done = outcome.failed() ? List.of() : reports ? Batches.done(some, outcome.payload()) : some;
            if (!done.isEmpty()) {
                from.remove(done, rules.call(source, ref, found));
            }
            left = left.subList(fitting, left.size());
        }
        return Next.after(Duration.ZERO);
    }

    /** What was gathered and is not to be handed over any longer. */
    private void giveBack(Slot slot, @Nullable Mapping mapping) {
        Gathered before = gathered.remove(slot);
        if (before == null || mapping == null) {
            return;
        }
        FunctionRef ref = mapping.ref(slot.mapping);
        Arn source = MappingRules.source(mapping.configuration().eventSourceArn());
        try {
            find(ref)
                    .ifPresent(found ->
                            new QueueSource(neighbours, source).giveBack(before.items, rules.call(source, ref, found)));
        } catch (Fault fault) {
            LOG.log(System.Logger.Level.DEBUG, "records come back later: " + fault.message());
        }
    }

    private Optional<Found> find(FunctionRef ref) {
        try {
            return Optional.of(store.read(tx -> Functions.find(tx, ref, Invoke.CHANCE)));
        } catch (Fault gone) {
            return Optional.empty();
        }
    }

    private static List<String> filters(Mapping mapping) {
        FilterCriteria criteria = mapping.configuration().filterCriteria();
        return criteria == null
                ? List.of()
                : criteria.filters().stream()
                        .map(Filter::pattern)
                        .filter(java.util.Objects::nonNull)
                        .toList();
    }

    private static Duration window(Mapping mapping) {
        return Duration.ofSeconds(Functions.or(mapping.configuration().maximumBatchingWindowInSeconds(), 0));
    }

    private static int most(Mapping mapping) {
        ScalingConfig scaling = mapping.configuration().scalingConfig();
        Integer given = scaling == null ? null : scaling.maximumConcurrency();
        return given == null ? MOST_POLLERS : Math.min(given, MOST_POLLERS);
    }
}
