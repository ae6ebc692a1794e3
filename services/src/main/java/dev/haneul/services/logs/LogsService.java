package dev.haneul.services.logs;

import dev.haneul.api.logs.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.logs.pattern.FilterPattern;
import dev.haneul.storage.Segments;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CloudWatch Logs' API. */
public final class LogsService extends ProtectionOperations {
    private final LogGroups groups;
    private final FieldIndexes indexes;
    private final LogStreams streams;
    private final LiveTails tails;
    private final PutEvents puts;
    private final GetEvents gets;
    private final FilterEvents filters;
    private final MetricFilters metricFilters;
    private final Subscriptions subscriptions;
    private final Queries queries;
    private final Kept kept;
    private final Upkeep upkeep;
    private final DataProtection protection;
    private final Exports exports;

    /**
     * What the room stands on.
     *
     * @param metrics takes what metric filters and embedded metrics come to
     * @param targets hands over to subscribers
     * @param permissions asks who may see what data protection hides
     */
    public record Ground(
            Store store,
            Segments segments,
            Clock clock,
            Metrics metrics,
            Targets targets,
            Caller neighbours,
            Permissions permissions) {}

    /**
     * Makes the service and opens its tables.
     *
     * @param folderKey the data folder's key, under which page tokens are sealed
     */
    public LogsService(Ground on, byte[] folderKey) {
        Store store = on.store;
        store.open(LogsTables.ALL, List.of());
        store.open(FilterTables.ALL, List.of());
        store.open(ProtectionTables.ALL, List.of());
        Tokens tokens = new Tokens(Tokens.derive(folderKey, "logs tokens"));
        Pager pager = new Pager(tokens, LogsFaults::badToken);
        LogsContext logs = new LogsContext(store, on.segments, on.clock, tokens);
        protection = new DataProtection(logs, on.permissions);
        exports = new Exports(logs, pager, on.neighbours);
        groups = new LogGroups(logs);
        indexes = new FieldIndexes(logs);
        streams = new LogStreams(logs);
        tails = new LiveTails(logs);
        metricFilters = new MetricFilters(logs, on.metrics, pager);
        subscriptions = new Subscriptions(logs, pager, on.targets, on.neighbours);
        queries = new Queries(logs, pager, protection);
        kept = new Kept(logs, pager);
        puts = new PutEvents(
                logs,
                new Intake(
                        logs,
                        tails,
                        metricFilters,
                        subscriptions,
                        new EmbeddedMetrics(on.metrics),
                        protection,
                        on.metrics));
        gets = new GetEvents(logs, protection);
        filters = new FilterEvents(logs, protection);
        upkeep = new Upkeep(logs);
    }

    /** Joins the driver that removes what is expired or gone; before the driver starts. */
    public void join(Driver driver) {
        upkeep.join(driver);
        subscriptions.join(driver);
        queries.join(driver);
        exports.join(driver);
    }

    @Override
    DataProtection protection() {
        return protection;
    }

    @Override
    Exports exports() {
        return exports;
    }

    @Override
    FieldIndexes indexes() {
        return indexes;
    }

    @Override
    LogGroups groups() {
        return groups;
    }

    /** Removes the events of an account (of all accounts for null) whose records the store has just been emptied of. */
    public void reset(@Nullable String account) {
        upkeep.reset(account);
    }

    @Override
    public CreateLogGroupResponse createLogGroup(CreateLogGroupRequest in, Call call) {
        return groups.create(in, call);
    }

    @Override
    public DeleteLogGroupResponse deleteLogGroup(DeleteLogGroupRequest in, Call call) {
        return groups.delete(in, call);
    }

    @Override
    public DescribeLogGroupsResponse describeLogGroups(DescribeLogGroupsRequest in, Call call) {
        return groups.describe(in, call);
    }

    @Override
    public PutRetentionPolicyResponse putRetentionPolicy(PutRetentionPolicyRequest in, Call call) {
        groups.retain(in.logGroupName(), in.retentionInDays(), call);
        return new PutRetentionPolicyResponse();
    }

    @Override
    public DeleteRetentionPolicyResponse deleteRetentionPolicy(DeleteRetentionPolicyRequest in, Call call) {
        groups.retain(in.logGroupName(), null, call);
        return new DeleteRetentionPolicyResponse();
    }

    @Override
    public PutLogGroupDeletionProtectionResponse putLogGroupDeletionProtection(
            PutLogGroupDeletionProtectionRequest in, Call call) {
        groups.protect(in.logGroupIdentifier(), Boolean.TRUE.equals(in.deletionProtectionEnabled()), call);
        return new PutLogGroupDeletionProtectionResponse();
    }

    @Override
    public TagLogGroupResponse tagLogGroup(TagLogGroupRequest in, Call call) {
        groups.tag(in.logGroupName(), in.tags(), call);
        return new TagLogGroupResponse();
    }

    @Override
    public UntagLogGroupResponse untagLogGroup(UntagLogGroupRequest in, Call call) {
        groups.untag(in.logGroupName(), in.tags(), call);
        return new UntagLogGroupResponse();
    }

    @Override
    public ListTagsLogGroupResponse listTagsLogGroup(ListTagsLogGroupRequest in, Call call) {
        return new ListTagsLogGroupResponse().tags(groups.tags(in.logGroupName(), call));
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        groups.tag(LogGroups.tagged(in.resourceArn(), call), in.tags(), call);
        return new TagResourceResponse();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        groups.untag(LogGroups.tagged(in.resourceArn(), call), in.tagKeys(), call);
        return new UntagResourceResponse();
    }

    @Override
    public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest in, Call call) {
        Map<String, String> tags = groups.tags(LogGroups.tagged(in.resourceArn(), call), call);
        return new ListTagsForResourceResponse().tags(tags);
    }

    @Override
    public CreateLogStreamResponse createLogStream(CreateLogStreamRequest in, Call call) {
        return streams.create(in, call);
    }

    @Override
    public DeleteLogStreamResponse deleteLogStream(DeleteLogStreamRequest in, Call call) {
        return streams.delete(in, call);
    }

    @Override
    public DescribeLogStreamsResponse describeLogStreams(DescribeLogStreamsRequest in, Call call) {
        return streams.describe(in, call);
    }

    @Override
    public PutLogEventsResponse putLogEvents(PutLogEventsRequest in, Call call) {
        return puts.put(in, call);
    }

    @Override
    public GetLogEventsResponse getLogEvents(GetLogEventsRequest in, Call call) {
        return gets.get(in, call);
    }

    @Override
    public FilterLogEventsResponse filterLogEvents(FilterLogEventsRequest in, Call call) {
        return filters.filter(in, call);
    }

    @Override
    public StartLiveTailResponse startLiveTail(StartLiveTailRequest in, Call call) {
        return tails.start(in, call);
    }

    @Override
    public PutMetricFilterResponse putMetricFilter(PutMetricFilterRequest in, Call call) {
        metricFilters.put(in, call);
        return new PutMetricFilterResponse();
    }

    @Override
    public DescribeMetricFiltersResponse describeMetricFilters(DescribeMetricFiltersRequest in, Call call) {
        return metricFilters.describe(in, call);
    }

    @Override
    public DeleteMetricFilterResponse deleteMetricFilter(DeleteMetricFilterRequest in, Call call) {
        metricFilters.delete(in, call);
        return new DeleteMetricFilterResponse();
    }

    @Override
    public PutSubscriptionFilterResponse putSubscriptionFilter(PutSubscriptionFilterRequest in, Call call) {
        subscriptions.put(in, call);
        return new PutSubscriptionFilterResponse();
    }

    @Override
    public DescribeSubscriptionFiltersResponse describeSubscriptionFilters(
            DescribeSubscriptionFiltersRequest in, Call call) {
        return subscriptions.describe(in, call);
    }

    @Override
    public DeleteSubscriptionFilterResponse deleteSubscriptionFilter(DeleteSubscriptionFilterRequest in, Call call) {
        subscriptions.delete(in, call);
        return new DeleteSubscriptionFilterResponse();
    }

    @Override
    public StartQueryResponse startQuery(StartQueryRequest in, Call call) {
        return queries.start(in, call);
    }

    @Override
    public StopQueryResponse stopQuery(StopQueryRequest in, Call call) {
        return new StopQueryResponse().success(queries.stop(in.queryId(), call));
    }

    @Override
    public GetQueryResultsResponse getQueryResults(GetQueryResultsRequest in, Call call) {
        return queries.results(in.queryId(), call);
    }

    @Override
    public ListLogGroupsForQueryResponse listLogGroupsForQuery(ListLogGroupsForQueryRequest in, Call call) {
        return queries.groups(in, call);
    }

    @Override
    public DescribeQueriesResponse describeQueries(DescribeQueriesRequest in, Call call) {
        return queries.describe(in, call);
    }

    @Override
    public GetLogRecordResponse getLogRecord(GetLogRecordRequest in, Call call) {
        return queries.record(in, call);
    }

    @Override
    public PutQueryDefinitionResponse putQueryDefinition(PutQueryDefinitionRequest in, Call call) {
        return new PutQueryDefinitionResponse().queryDefinitionId(kept.define(in, call));
    }

    @Override
    public DescribeQueryDefinitionsResponse describeQueryDefinitions(DescribeQueryDefinitionsRequest in, Call call) {
        return kept.definitions(in, call);
    }

    @Override
    public DeleteQueryDefinitionResponse deleteQueryDefinition(DeleteQueryDefinitionRequest in, Call call) {
        return new DeleteQueryDefinitionResponse().success(kept.undefine(in, call));
    }

    @Override
    public PutResourcePolicyResponse putResourcePolicy(PutResourcePolicyRequest in, Call call) {
        return kept.putPolicy(in, call);
    }

    @Override
    public DescribeResourcePoliciesResponse describeResourcePolicies(DescribeResourcePoliciesRequest in, Call call) {
        return kept.policies(in, call);
    }

    @Override
    public DeleteResourcePolicyResponse deleteResourcePolicy(DeleteResourcePolicyRequest in, Call call) {
        kept.deletePolicy(in.policyName(), call);
        return new DeleteResourcePolicyResponse();
    }

    @Override
    public PutDestinationResponse putDestination(PutDestinationRequest in, Call call) {
        return kept.putDestination(in, call);
    }

    @Override
    public PutDestinationPolicyResponse putDestinationPolicy(PutDestinationPolicyRequest in, Call call) {
        kept.putDestinationPolicy(in, call);
        return new PutDestinationPolicyResponse();
    }

    @Override
    public DescribeDestinationsResponse describeDestinations(DescribeDestinationsRequest in, Call call) {
        return kept.destinations(in, call);
    }

    @Override
    public DeleteDestinationResponse deleteDestination(DeleteDestinationRequest in, Call call) {
        kept.deleteDestination(in.destinationName(), call);
        return new DeleteDestinationResponse();
    }

    @Override
    public TestMetricFilterResponse testMetricFilter(TestMetricFilterRequest in, Call call) {
        FilterPattern pattern = LogsContext.pattern(in.filterPattern());
        List<MetricFilterMatchRecord> matches = new ArrayList<>();
        for (int i = 0; i < in.logEventMessages().size(); i++) {
            String message = in.logEventMessages().get(i);
            if (pattern.matches(message)) {
                matches.add(new MetricFilterMatchRecord()
                        .eventNumber(i + 1L)
                        .eventMessage(message)
                        .extractedValues(pattern.extract(message)));
            }
        }
        return new TestMetricFilterResponse().matches(matches);
    }
}
