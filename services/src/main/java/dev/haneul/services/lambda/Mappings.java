package dev.haneul.services.lambda;

import dev.haneul.api.lambda.CreateEventSourceMappingRequest;
import dev.haneul.api.lambda.EventSourceMappingConfiguration;
import dev.haneul.api.lambda.FilterCriteria;
import dev.haneul.api.lambda.ListEventSourceMappingsRequest;
import dev.haneul.api.lambda.ListEventSourceMappingsResponse;
import dev.haneul.api.lambda.ScalingConfig;
import dev.haneul.api.lambda.UpdateEventSourceMappingRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.LambdaTables.Mapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Event source mappings as they are configured; {@link Pollers} brings them to life. */
final class Mappings {
    static final String CREATING = "Creating";
    static final String ENABLING = "Enabling";
    static final String ENABLED = "Enabled";
    static final String DISABLING = "Disabling";
    static final String DISABLED = "Disabled";
    static final String UPDATING = "Updating";
    static final String DELETING = "Deleting";
    static final String BY_USER = "USER_INITIATED";

    private static final int PAGE = 100;
    private static final int SCAN = 500;
    private static final Set<String> UNBUILT = Set.of(
            "ParallelizationFactor",
            "StartingPositionTimestamp",
            "DestinationConfig",
            "MaximumRecordAgeInSeconds",
            "BisectBatchOnFunctionError",
            "MaximumRetryAttempts",
            "TumblingWindowInSeconds",
            "Topics",
            "Queues",
            "SourceAccessConfigurations",
            "SelfManagedEventSource",
            "AmazonManagedKafkaEventSourceConfig",
            "SelfManagedKafkaEventSourceConfig",
            "DocumentDBEventSourceConfig",
            "KMSKeyArn",
            "MetricsConfig",
            "LoggingConfig",
            "ProvisionedPollerConfig");

    private final Store store;
    private final Clock clock;
    private final MappingRules rules;
    private final Consumer<Key> changed;

    /** @param changed hears of every change */
    Mappings(Store store, Clock clock, MappingRules rules, Consumer<Key> changed) {
        this.store = store;
        this.clock = clock;
        this.rules = rules;
        this.changed = changed;
    }

    EventSourceMappingConfiguration create(CreateEventSourceMappingRequest in, Call call) {
        Arn source = MappingRules.source(in.eventSourceArn());
        Functions.refuseUnbuilt(in, UNBUILT);
        if (in.startingPosition() != null) {
            throw Problems.invalid("StartingPosition is not valid for SQS event sources.");
        }
        Tags.check(in.tags());
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call);
        String uuid = UUID.randomUUID().toString();
        EventSourceMappingConfiguration made = new EventSourceMappingConfiguration()
                .uuid(uuid)
                .eventSourceMappingArn(
                        "arn:aws:lambda:" + ref.region() + ":" + ref.account() + ":event-source-mapping:" + uuid)
                .eventSourceArn(source.toString())
                .functionArn(ref.qualifiedArn())
                .batchSize(Functions.or(in.batchSize(), 10))
                .maximumBatchingWindowInSeconds(Functions.or(in.maximumBatchingWindowInSeconds(), 0))
                .functionResponseTypes(in.functionResponseTypes())
                .filterCriteria(some(in.filterCriteria()))
                .scalingConfig(some(in.scalingConfig()))
                .state(CREATING)
                .stateTransitionReason(BY_USER)
                .lastModified(clock.instant());
        MappingRules.numbers(made, source);
        Found found = store.read(tx -> Functions.find(tx, ref));
        Tenants.refuse(found.configuration(), "Event source mapping");
        rules.reachable(source, ref, found);
        Key key = new Key(ref.account(), ref.region(), uuid);
        Mapping mapping = new Mapping(
                made, ref.name(), Functions.or(ref.qualifier(), ""), !Boolean.FALSE.equals(in.enabled()), in.tags());
        store.write(tx -> {
            Functions.find(tx, ref);
            for (Row<Mapping> other : bySource(tx, ref.scope(), source.toString())) {
                if (other.value().function().equals(ref.name())) {
                    throw Problems.conflict("An event source mapping with SQS arn (\" " + source
                            + " \") and function (\" " + ref.name()
                            + " \") already exists. Please update or delete the existing mapping with UUID "
                            + other.key().id());
                }
            }
            tx.put(LambdaTables.MAPPINGS, key, mapping);
        });
        changed.accept(key);
        return made;
    }

    EventSourceMappingConfiguration update(UpdateEventSourceMappingRequest in, Call call) {
        Functions.refuseUnbuilt(in, UNBUILT);
        Key key = key(in.uuid(), call);
        Mapping before = store.read(tx -> find(tx, key));
        FunctionRef ref = in.functionName() == null ? before.ref(key) : FunctionRef.of(in.functionName(), null, call);
        Arn source = MappingRules.source(before.configuration().eventSourceArn());
        Found found = store.read(tx -> Functions.find(tx, ref));
        if (in.functionName() != null) {
            rules.reachable(source, ref, found);
        }
        EventSourceMappingConfiguration answer = store.transact(tx -> {
            Mapping now = find(tx, key);
            refuseInUse(now);
            boolean enabled = in.enabled() == null ? now.enabled() : in.enabled();
            EventSourceMappingConfiguration changedTo = copy(now.configuration())
                    .functionArn(ref.qualifiedArn())
                    .state(state(now, enabled))
                    .stateTransitionReason(BY_USER)
                    .lastModified(clock.instant());
            apply(in, changedTo);
            MappingRules.numbers(changedTo, source);
            tx.put(
                    LambdaTables.MAPPINGS,
                    key,
                    new Mapping(changedTo, ref.name(), Functions.or(ref.qualifier(), ""), enabled, now.tags()));
            return changedTo;
        });
        changed.accept(key);
        return answer;
    }

    private static String state(Mapping now, boolean enabled) {
        if (now.enabled() == enabled) {
            return UPDATING;
        }
        return enabled ? ENABLING : DISABLING;
    }

    private static void apply(UpdateEventSourceMappingRequest in, EventSourceMappingConfiguration to) {
        if (in.batchSize() != null) {
            to.batchSize(in.batchSize());
        }
        if (in.maximumBatchingWindowInSeconds() != null) {
            to.maximumBatchingWindowInSeconds(in.maximumBatchingWindowInSeconds());
        }
        if (in.filterCriteria() != null) {
            to.filterCriteria(some(in.filterCriteria()));
        }
        if (in.hasFunctionResponseTypes()) {
            to.functionResponseTypes(in.functionResponseTypes());
        }
        if (in.scalingConfig() != null) {
            to.scalingConfig(some(in.scalingConfig()));
        }
    }

    EventSourceMappingConfiguration get(String uuid, Call call) {
        Key key = key(uuid, call);
        return store.read(tx -> find(tx, key)).configuration();
    }

    EventSourceMappingConfiguration delete(String uuid, Call call) {
        Key key = key(uuid, call);
        EventSourceMappingConfiguration answer = store.transact(tx -> {
            Mapping now = find(tx, key);
            refuseInUse(now);
            Mapping going = now.with(copy(now.configuration())
                    .state(DELETING)
                    .stateTransitionReason(BY_USER)
                    .lastModified(clock.instant()));
            tx.put(LambdaTables.MAPPINGS, key, going);
            return going.configuration();
        });
        changed.accept(key);
        return answer;
    }

    ListEventSourceMappingsResponse list(ListEventSourceMappingsRequest in, Call call) {
        int limit = Math.min(Functions.or(in.maxItems(), PAGE), PAGE);
        Scope scope = new Scope(call.account(), call.region());
        String function = in.functionName() == null
                ? null
                : FunctionRef.of(in.functionName(), null, call).qualifiedArn();
        List<EventSourceMappingConfiguration> page = new ArrayList<>();
        ListEventSourceMappingsResponse out = new ListEventSourceMappingsResponse();
        String from = in.marker() == null ? "" : in.marker() + "\0";
        while (true) {
            String start = from;
            List<Row<Mapping>> rows = store.read(tx -> tx.range(LambdaTables.MAPPINGS, scope, start, null, SCAN));
            for (Row<Mapping> row : rows) {
                EventSourceMappingConfiguration one = row.value().configuration();
                if (in.eventSourceArn() != null && !in.eventSourceArn().equals(one.eventSourceArn())
                        || function != null && !function.equals(one.functionArn())) {
                    continue;
                }
                if (page.size() == limit) {
                    return out.eventSourceMappings(page)
                            .nextMarker(page.getLast().uuid());
                }
                page.add(one);
            }
            if (rows.size() < SCAN) {
                return out.eventSourceMappings(page);
            }
            from = rows.getLast().key().id() + "\0";
        }
    }

    private static List<Row<Mapping>> bySource(ReadTx tx, Scope scope, String arn) {
        return tx.findAnywhere(LambdaTables.MAPPINGS, LambdaTables.SOURCE_INDEX, arn, null, SCAN).stream()
                .filter(row -> row.key().scope().equals(scope))
                .toList();
    }

    private static Mapping find(ReadTx tx, Key key) {
        return tx.get(LambdaTables.MAPPINGS, key)
                .orElseThrow(() -> Problems.notFound("The resource you requested does not exist."))
                .value();
    }

    private static void refuseInUse(Mapping now) {
        String state = now.configuration().state();
        if (!ENABLED.equals(state) && !DISABLED.equals(state)) {
            throw dev.haneul.api.runtime.Fault.of(
                    new dev.haneul.api.lambda.ResourceInUseException().type("User"),
                    "Cannot update the event source mapping because it is in use.");
        }
    }

    private static Key key(String uuid, Call call) {
        String id = uuid.startsWith("arn:") ? uuid.substring(uuid.lastIndexOf(':') + 1) : uuid;
        return new Key(call.account(), call.region(), id);
    }

    static EventSourceMappingConfiguration copy(EventSourceMappingConfiguration of) {
        EventSourceMappingConfiguration copy = new EventSourceMappingConfiguration();
        for (int i = 0; i < of.shape().members().size(); i++) {
            copy.set(i, of.get(i));
        }
        return copy;
    }

    private static @Nullable FilterCriteria some(@Nullable FilterCriteria criteria) {
        return criteria == null || criteria.filters().isEmpty() ? null : criteria;
    }

    private static @Nullable ScalingConfig some(@Nullable ScalingConfig scaling) {
        return scaling == null || scaling.maximumConcurrency() == null ? null : scaling;
    }
}
