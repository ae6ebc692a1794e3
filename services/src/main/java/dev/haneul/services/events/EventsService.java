package dev.haneul.services.events;

import dev.haneul.api.events.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.EventPatterns;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.storage.Segments;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** EventBridge's API. */
public final class EventsService implements EventsApi {
    private static final int CONCURRENCY = 32;
    private static final int SLOTS = 4;

    private final DeliveryQueue queue;
    private final Buses buses;
    private final Rules rules;
    private final PutEvents puts;
    private final Intake intake;
    private final ApiCallInterest interest;
    private final Schedules schedules;
    private final Archives archives;
    private final Replays replays;
    private final Connections connections;
    private final ApiDestinations destinations;
    private final EventPatterns patterns = new EventPatterns();
    private final EventsMetrics metrics;

    /**
     * Makes the service and opens its tables.
     *
     * @param targets hands events over; gets the carrier of API destinations
     * @param neighbours carries calls to Secrets Manager, which keeps what connections prove themselves with
     * @param permissions says whether a target's role may invoke an API destination
     * @param folderKey the data folder's key, under which page tokens and secrets are sealed
     */
    public EventsService(
            Store store,
            Segments segments,
            Clock clock,
            Targets targets,
            Caller neighbours,
            Permissions permissions,
            byte[] folderKey) {
        store.open(EventsTables.ALL, List.of());
        EventsContext events = new EventsContext(store, clock, new Tokens(Tokens.derive(folderKey, "events tokens")));
        queue = new DeliveryQueue(
                "events.delivery", store, clock, parcel -> DeadLetterCodes.named(targets.send(parcel)), SLOTS);
        metrics = new EventsMetrics(clock);
        queue.watch(metrics);
        EventRouter router = new EventRouter(queue, patterns, metrics);
        archives = new Archives(events, segments, patterns);
        schedules = new Schedules(events, router);
        replays = new Replays(events, segments, router);
        interest = new ApiCallInterest(events);
        buses = new Buses(events);
        rules = new Rules(events, schedules::changed);
        intake = new Intake(events, router, archives);
        puts = new PutEvents(events, intake);
        connections = new Connections(events, new ConnectionSecrets(neighbours, targets));
        destinations = new ApiDestinations(events);
        targets.add("events:api-destination", new HttpCarrier(events, connections, permissions));
    }

    /** Tells AWS/Events' metrics; before the driver starts. */
    public void measure(Metrics measured) {
        metrics.measure(measured);
    }

    /** Joins the driver that delivers, schedules and replays; before the driver starts. */
    public void join(Driver driver) {
        queue.join(driver, CONCURRENCY);
        intake.join(driver);
        interest.join(driver);
        schedules.join(driver);
        archives.join(driver);
        replays.join(driver);
    }

    /** Whether a rule of an account and region could want to hear of the calls CloudTrail records. */
    public Predicate<Scope> callsWanted() {
        return interest;
    }

    /** The buses' policies. */
    public ResourcePolicies policies() {
        return buses;
    }

    /** Removes the archived events of an account (of all for null) whose records the store was just emptied of. */
    public void reset(@Nullable String account) {
        archives.reset(account);
    }

    @Override
    public CreateEventBusResponse createEventBus(CreateEventBusRequest in, Call call) {
        return buses.create(in, call);
    }

    @Override
    public UpdateEventBusResponse updateEventBus(UpdateEventBusRequest in, Call call) {
        return buses.update(in, call);
    }

    @Override
    public DescribeEventBusResponse describeEventBus(DescribeEventBusRequest in, Call call) {
        return buses.describe(in, call);
    }

    @Override
    public ListEventBusesResponse listEventBuses(ListEventBusesRequest in, Call call) {
        return buses.list(in, call);
    }

    @Override
    public PutRuleResponse putRule(PutRuleRequest in, Call call) {
        return rules.put(in, call);
    }

    @Override
    public DescribeRuleResponse describeRule(DescribeRuleRequest in, Call call) {
        return rules.describe(in, call);
    }

    @Override
    public ListRulesResponse listRules(ListRulesRequest in, Call call) {
        return rules.list(in, call);
    }

    @Override
    public ListRuleNamesByTargetResponse listRuleNamesByTarget(ListRuleNamesByTargetRequest in, Call call) {
        return rules.byTarget(in, call);
    }

    @Override
    public PutTargetsResponse putTargets(PutTargetsRequest in, Call call) {
        return rules.putTargets(in, call);
    }

    @Override
    public RemoveTargetsResponse removeTargets(RemoveTargetsRequest in, Call call) {
        return rules.removeTargets(in, call);
    }

    @Override
    public ListTargetsByRuleResponse listTargetsByRule(ListTargetsByRuleRequest in, Call call) {
        return rules.targets(in, call);
    }

    @Override
    public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest in, Call call) {
        List<Tag> tags = new ArrayList<>();
        rules.tags(in.resourceARN(), call)
                .forEach((key, value) -> tags.add(new Tag().key(key).value(value)));
        return new ListTagsForResourceResponse().tags(tags);
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        rules.tag(in, call);
        return new TagResourceResponse();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        rules.untag(in, call);
        return new UntagResourceResponse();
    }

    @Override
    public PutEventsResponse putEvents(PutEventsRequest in, Call call) {
        PutEventsResponse answer = puts.put(in, call);
        metrics.put(answer, call);
        return answer;
    }

    @Override
    public TestEventPatternResponse testEventPattern(TestEventPatternRequest in, Call call) {
        Patterns.check(in.eventPattern());
        var event = EventPatterns.read(in.event());
        if (event == null) {
            throw EventsFaults.parameter("Event", "Event is not a valid JSON object.");
        }
        for (String field : List.of("id", "account", "source", "time", "region", "resources", "detail-type")) {
            if (!event.has(field)) {
                throw EventsFaults.parameter("Event", "The field " + field + " is missing.");
            }
        }
        return new TestEventPatternResponse().result(patterns.matches(in.eventPattern(), event));
    }

    @Override
    public CreateArchiveResponse createArchive(CreateArchiveRequest in, Call call) {
        return archives.create(in, call);
    }

    @Override
    public UpdateArchiveResponse updateArchive(UpdateArchiveRequest in, Call call) {
        return archives.update(in, call);
    }

    @Override
    public DeleteArchiveResponse deleteArchive(DeleteArchiveRequest in, Call call) {
        archives.delete(in, call);
        return new DeleteArchiveResponse();
    }

    @Override
    public DescribeArchiveResponse describeArchive(DescribeArchiveRequest in, Call call) {
        return archives.describe(in, call);
    }

    @Override
    public ListArchivesResponse listArchives(ListArchivesRequest in, Call call) {
        return archives.list(in, call);
    }

    @Override
    public StartReplayResponse startReplay(StartReplayRequest in, Call call) {
        return replays.start(in, call);
    }

    @Override
    public CancelReplayResponse cancelReplay(CancelReplayRequest in, Call call) {
        return replays.cancel(in, call);
    }

    @Override
    public DescribeReplayResponse describeReplay(DescribeReplayRequest in, Call call) {
        return replays.describe(in, call);
    }

    @Override
    public ListReplaysResponse listReplays(ListReplaysRequest in, Call call) {
        return replays.list(in, call);
    }

    @Override
    public DeleteEventBusResponse deleteEventBus(DeleteEventBusRequest in, Call call) {
        buses.delete(in, call);
        return new DeleteEventBusResponse();
    }

    @Override
    public PutPermissionResponse putPermission(PutPermissionRequest in, Call call) {
        buses.permit(in, call);
        return new PutPermissionResponse();
    }

    @Override
    public RemovePermissionResponse removePermission(RemovePermissionRequest in, Call call) {
        buses.forbid(in, call);
        return new RemovePermissionResponse();
    }

    @Override
    public DeleteRuleResponse deleteRule(DeleteRuleRequest in, Call call) {
        rules.delete(in, call);
        return new DeleteRuleResponse();
    }

    @Override
    public EnableRuleResponse enableRule(EnableRuleRequest in, Call call) {
        rules.enable(in.eventBusName(), in.name(), call, true);
        return new EnableRuleResponse();
    }

    @Override
    public DisableRuleResponse disableRule(DisableRuleRequest in, Call call) {
        rules.enable(in.eventBusName(), in.name(), call, false);
        return new DisableRuleResponse();
    }

    @Override
    public CreateConnectionResponse createConnection(CreateConnectionRequest in, Call call) {
        return connections.create(in, call);
    }

    @Override
    public UpdateConnectionResponse updateConnection(UpdateConnectionRequest in, Call call) {
        return connections.update(in, call);
    }

    @Override
    public DeauthorizeConnectionResponse deauthorizeConnection(DeauthorizeConnectionRequest in, Call call) {
        return connections.deauthorize(in, call);
    }

    @Override
    public DeleteConnectionResponse deleteConnection(DeleteConnectionRequest in, Call call) {
        return connections.delete(in, call);
    }

    @Override
    public DescribeConnectionResponse describeConnection(DescribeConnectionRequest in, Call call) {
        return connections.describe(in, call);
    }

    @Override
    public ListConnectionsResponse listConnections(ListConnectionsRequest in, Call call) {
        return connections.list(in, call);
    }

    @Override
    public CreateApiDestinationResponse createApiDestination(CreateApiDestinationRequest in, Call call) {
        return destinations.create(in, call);
    }

    @Override
    public UpdateApiDestinationResponse updateApiDestination(UpdateApiDestinationRequest in, Call call) {
        return destinations.update(in, call);
    }

    @Override
    public DeleteApiDestinationResponse deleteApiDestination(DeleteApiDestinationRequest in, Call call) {
        destinations.delete(in, call);
        return new DeleteApiDestinationResponse();
    }

    @Override
    public DescribeApiDestinationResponse describeApiDestination(DescribeApiDestinationRequest in, Call call) {
        return destinations.describe(in, call);
    }

    @Override
    public ListApiDestinationsResponse listApiDestinations(ListApiDestinationsRequest in, Call call) {
        return destinations.list(in, call);
    }
}
