package dev.haneul.services.cloudtrail;

import dev.haneul.api.cloudtrail.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudtrail.TrailTables.Delivers;
import dev.haneul.services.cloudtrail.TrailTables.LogRow;
import dev.haneul.services.cloudtrail.TrailTables.ProgressRow;
import dev.haneul.services.cloudtrail.TrailTables.TrailRow;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** AWS CloudTrail. See the package for what is built. */
public final class CloudTrailService implements CloudTrailApi {
    private static final Duration KEYS_SINCE = Duration.ofDays(1);
    private static final int PAGE = 500;

    private final Store store;
    private final Segments segments;
    private final Clock clock;
    private final Recorder recorder;
    private final LookupEvents lookup;
    private final DigestKeys keys;
    private final Delivery delivery;
    private final Trails trails;
    private final ApiCalls calls;
    /** Accounts whose logging trails want data events: from everywhere, or from one region ({@code account/region}). */
    private final Set<String> wanting = ConcurrentHashMap.newKeySet();

    private volatile Driver.@Nullable Waker<Key> waker;

    /**
     * Makes the service.
     *
     * @param recorder the dispatcher's audit
     * @param folderKey seals page tokens and the keys that sign digests
     */
    public CloudTrailService(
            Store store,
            Segments segments,
            Clock clock,
            Recorder recorder,
            Caller neighbours,
            Credentials credentials,
            byte[] folderKey) {
        this.store = store;
        this.segments = segments;
        this.clock = clock;
        this.recorder = recorder;
        lookup = new LookupEvents(recorder, segments, clock, new Tokens(Tokens.derive(folderKey, "cloudtrail tokens")));
        keys = new DigestKeys(store, new Tokens(Tokens.derive(folderKey, "cloudtrail digest keys")));
        Positions positions = new Positions(store, segments, recorder);
        Deliveries deliveries = new Deliveries(neighbours, credentials, clock);
        delivery = new Delivery(
                store,
                segments,
                clock,
                recorder,
                positions,
                deliveries,
                new Digests(store, deliveries, keys),
                new Ids(new SecureRandom()));
        trails = new Trails(store, clock, deliveries, positions, this::changed);
        calls = new ApiCalls(store, trails);
        recorder.telling(calls);
        recorder.wanting((account, region) ->
                !wanting.isEmpty() && (wanting.contains(account) || wanting.contains(account + "/" + region)));
        trails.all().stream().map(each -> each.key().account()).distinct().forEach(this::learn);
    }

    /** Joins the driver that writes, delivers and trims events; before the driver starts. */
    public void join(Driver driver) {
        recorder.join(driver);
        Driver.Waker<Key> deliveries = delivery.join(driver);
        waker = deliveries;
        trails.all().forEach(each -> deliveries.wake(each.key()));
        driver.add(new Retention(), 1).wake("events");
    }

    /**
     * Has calls told on the default buses where somebody could want them.
     *
     * @param wanted whether any rule of an account and region could match them; asked often
     */
    public void tellCalls(Predicate<Scope> wanted) {
        calls.wantedWhere(wanted);
    }

    /** Removes the events of an account (of all accounts for null) whose records the store has just been emptied of. */
    public void reset(@Nullable String account) {
        recorder.reset(account);
        wanting.removeIf(each -> account == null || each.startsWith(account));
    }

    private void changed(Key trail) {
        learn(trail.account());
        Driver.Waker<Key> deliveries = waker;
        if (deliveries != null) {
            deliveries.wake(trail);
        }
    }

    private void learn(String account) {
        Set<String> now = ConcurrentHashMap.newKeySet();
        for (Trails.Found each : trails.everywhere(account)) {
            if (each.row().logging() && Selection.wantsData(each.row())) {
                now.add(
                        each.row().multiRegion()
                                ? account
                                : account + "/" + each.key().region());
            }
        }
        wanting.addAll(now);
        wanting.removeIf(each -> each.startsWith(account) && !now.contains(each));
    }

    /** Trims what is older than anyone can look up. */
    private final class Retention implements Reconciler<String> {
        @Override
        public String name() {
            return "cloudtrail.retention";
        }

        @Override
        public Next reconcile(String key) {
            Segments.Retention kept = Segments.Retention.fromMillis(
                    clock.instant().minus(LookupEvents.KEPT).toEpochMilli());
            Key after = null;
            while (true) {
                Key from = after;
                List<Row<LogRow>> logs = store.read(tx -> tx.all(TrailTables.LOGS, from, PAGE));
                for (Row<LogRow> log : logs) {
                    try {
                        segments.trim(
                                TrailTables.log(log.key().scope(), log.key().id()), kept);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
                if (logs.size() < PAGE) {
                    return Next.after(Duration.ofHours(1));
                }
                after = logs.getLast().key();
            }
        }
    }

    @Override
    public LookupEventsResponse lookupEvents(LookupEventsRequest in, Call call) {
        return lookup.lookup(in, call);
    }

    @Override
    public CreateTrailResponse createTrail(CreateTrailRequest in, Call call) {
        return trails.create(in, call);
    }

    @Override
    public UpdateTrailResponse updateTrail(UpdateTrailRequest in, Call call) {
        return trails.update(in, call);
    }

    @Override
    public DeleteTrailResponse deleteTrail(DeleteTrailRequest in, Call call) {
        trails.delete(in.name(), call);
        return new DeleteTrailResponse();
    }

    @Override
    public DescribeTrailsResponse describeTrails(DescribeTrailsRequest in, Call call) {
        boolean shadows = !Boolean.FALSE.equals(in.includeShadowTrails());
        List<String> names = in.trailNameList();
        List<Trail> found = trails.visible(call.account(), call.region(), shadows).stream()
                .filter(each -> names.isEmpty() || names.contains(each.row().name()) || names.contains(each.arn()))
                .map(CloudTrailService::view)
                .toList();
        return new DescribeTrailsResponse().trailList(found);
    }

    @Override
    public GetTrailResponse getTrail(GetTrailRequest in, Call call) {
        return new GetTrailResponse().trail(view(trails.find(in.name(), call)));
    }

    @Override
    public ListTrailsResponse listTrails(ListTrailsRequest in, Call call) {
        List<TrailInfo> all = trails.everywhere(call.account()).stream()
                .filter(each ->
                        each.key().region().equals(call.region()) || each.row().multiRegion())
                .map(each -> new TrailInfo()
                        .trailARN(each.arn())
                        .name(each.row().name())
                        .homeRegion(each.row().homeRegion()))
                .toList();
        return new ListTrailsResponse().trails(all);
    }

    private static Trail view(Trails.Found found) {
        TrailRow row = found.row();
        Delivers to = row.to();
        String topic = to.topicArn();
        boolean custom = !row.advanced().isEmpty() || !row.selectors().equals(List.of(Selection.everything()));
        return new Trail()
                .name(row.name())
                .s3BucketName(to.bucket())
                .s3KeyPrefix(to.prefix())
                .snsTopicName(topic)
                .snsTopicARN(topic)
                .includeGlobalServiceEvents(row.globalEvents())
                .isMultiRegionTrail(row.multiRegion())
                .homeRegion(row.homeRegion())
                .trailARN(found.arn())
                .logFileValidationEnabled(row.validated())
                .cloudWatchLogsLogGroupArn(to.logGroupArn())
                .cloudWatchLogsRoleArn(to.logsRoleArn())
                .kmsKeyId(to.kmsKeyId())
                .hasCustomEventSelectors(custom)
                .hasInsightSelectors(!row.insights().isEmpty())
                .isOrganizationTrail(false);
    }

    @Override
    public StartLoggingResponse startLogging(StartLoggingRequest in, Call call) {
        trails.log(in.name(), true, call);
        return new StartLoggingResponse();
    }

    @Override
    public StopLoggingResponse stopLogging(StopLoggingRequest in, Call call) {
        trails.log(in.name(), false, call);
        return new StopLoggingResponse();
    }

    @Override
    public GetTrailStatusResponse getTrailStatus(GetTrailStatusRequest in, Call call) {
        Trails.Found found = trails.find(in.name(), call);
        TrailRow row = found.row();
        ProgressRow progress = trails.progress(found.key());
        return new GetTrailStatusResponse()
                .isLogging(row.logging())
                .latestDeliveryError(progress.files().error())
                .latestNotificationError(progress.notices().error())
                .latestDeliveryTime(progress.files().done())
                .latestNotificationTime(progress.notices().done())
                .startLoggingTime(row.started())
                .stopLoggingTime(row.stopped())
                .latestCloudWatchLogsDeliveryError(progress.events().error())
                .latestCloudWatchLogsDeliveryTime(progress.events().done())
                .latestDigestDeliveryTime(progress.digests().done())
                .latestDigestDeliveryError(progress.digests().error())
                .latestDeliveryAttemptTime(text(progress.files().attempted()))
                .latestNotificationAttemptTime(text(progress.notices().attempted()))
                .latestNotificationAttemptSucceeded(text(progress.notices().done()))
                .latestDeliveryAttemptSucceeded(text(progress.files().done()))
                .timeLoggingStarted(text(row.started()))
                .timeLoggingStopped(text(row.stopped()));
    }

    private static String text(@Nullable Instant moment) {
        return moment == null
                ? ""
                : moment.truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
    }

    @Override
    public PutEventSelectorsResponse putEventSelectors(PutEventSelectorsRequest in, Call call) {
        trails.select(in.trailName(), in.eventSelectors(), in.advancedEventSelectors(), call);
        TrailRow row = trails.find(in.trailName(), call).row();
        return new PutEventSelectorsResponse()
                .trailARN(row.arn(call.account()))
                .eventSelectors(row.selectors().isEmpty() ? null : row.selectors())
                .advancedEventSelectors(row.advanced().isEmpty() ? null : row.advanced());
    }

    @Override
    public GetEventSelectorsResponse getEventSelectors(GetEventSelectorsRequest in, Call call) {
        Trails.Found found = trails.find(in.trailName(), call);
        TrailRow row = found.row();
        return new GetEventSelectorsResponse()
                .trailARN(found.arn())
                .eventSelectors(row.selectors().isEmpty() ? null : row.selectors())
                .advancedEventSelectors(row.advanced().isEmpty() ? null : row.advanced());
    }

    @Override
    public PutInsightSelectorsResponse putInsightSelectors(PutInsightSelectorsRequest in, Call call) {
        String name = trailOf(in.trailName(), in.eventDataStore());
        trails.insights(name, in.insightSelectors(), call);
        return new PutInsightSelectorsResponse()
                .trailARN(trails.find(name, call).arn())
                .insightSelectors(in.insightSelectors());
    }

    @Override
    public GetInsightSelectorsResponse getInsightSelectors(GetInsightSelectorsRequest in, Call call) {
        Trails.Found found = trails.find(trailOf(in.trailName(), in.eventDataStore()), call);
        if (found.row().insights().isEmpty()) {
            throw Fault.of(
                    new InsightNotEnabledException(),
                    "Trail " + found.arn() + " does not have Insights enabled. Edit the trail settings to enable"
                            + " Insights, and then try the operation again.");
        }
        return new GetInsightSelectorsResponse()
                .trailARN(found.arn())
                .insightSelectors(found.row().insights());
    }

    private static String trailOf(@Nullable String trail, @Nullable String eventDataStore) {
        if (trail == null || eventDataStore != null) {
            throw TrailFaults.badCombination("A trail name is needed; event data stores are not supported.");
        }
        return trail;
    }

    @Override
    public AddTagsResponse addTags(AddTagsRequest in, Call call) {
        trails.tag(arn(in.resourceId()), in.tagsList(), call);
        return new AddTagsResponse();
    }

    @Override
    public RemoveTagsResponse removeTags(RemoveTagsRequest in, Call call) {
        trails.untag(arn(in.resourceId()), in.tagsList(), call);
        return new RemoveTagsResponse();
    }

    @Override
    public ListTagsResponse listTags(ListTagsRequest in, Call call) {
        List<ResourceTag> all = in.resourceIdList().stream()
                .map(each -> {
                    TrailRow row = trails.find(arn(each), call).row();
                    List<Tag> tags = row.tags().entrySet().stream()
                            .map(tag -> new Tag().key(tag.getKey()).value(tag.getValue()))
                            .toList();
                    return new ResourceTag().resourceId(each).tagsList(tags);
                })
                .toList();
        return new ListTagsResponse().resourceTagList(all);
    }

    private static String arn(String id) {
        if (!id.startsWith("arn:")) {
            throw TrailFaults.badArn("Invalid trail ARN: " + id);
        }
        return id;
    }

    @Override
    public ListPublicKeysResponse listPublicKeys(ListPublicKeysRequest in, Call call) {
        Instant to = in.endTime() == null ? clock.instant() : in.endTime();
        Instant from = in.startTime() == null ? to.minus(KEYS_SINCE) : in.startTime();
        if (from.isAfter(to)) {
            throw Fault.of(new InvalidTimeRangeException(), "The start time is after the end time.");
        }
        List<PublicKey> found = keys.between(call.region(), from, to).stream()
                .map(each -> new PublicKey()
                        .value(each.row().publicKey())
                        .validityStartTime(each.row().from())
                        .validityEndTime(each.row().to())
                        .fingerprint(each.fingerprint()))
                .toList();
        return new ListPublicKeysResponse().publicKeyList(found);
    }
}
