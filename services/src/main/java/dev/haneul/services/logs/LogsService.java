package dev.haneul.services.logs;

import dev.haneul.api.logs.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Tokens;
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
public final class LogsService implements LogsApi {
    private final LogGroups groups;
    private final LogStreams streams;
    private final LiveTails tails;
    private final PutEvents puts;
    private final GetEvents gets;
    private final FilterEvents filters;
    private final Upkeep upkeep;

    /**
     * Makes the service and opens its tables.
     *
     * @param folderKey the data folder's key, under which page tokens are sealed
     */
    public LogsService(Store store, Segments segments, Clock clock, byte[] folderKey) {
        store.open(LogsTables.ALL, List.of());
        LogsContext logs = new LogsContext(store, segments, clock, new Tokens(Tokens.derive(folderKey, "logs tokens")));
        groups = new LogGroups(logs);
        streams = new LogStreams(logs);
        tails = new LiveTails(logs);
        puts = new PutEvents(logs, tails);
        gets = new GetEvents(logs);
        filters = new FilterEvents(logs);
        upkeep = new Upkeep(logs);
    }

    /** Joins the driver that removes what is expired or gone; before the driver starts. */
    public void join(Driver driver) {
        upkeep.join(driver);
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
