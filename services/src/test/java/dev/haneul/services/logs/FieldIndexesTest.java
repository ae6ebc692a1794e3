package dev.haneul.services.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.haneul.api.logs.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Principal;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.metrics.MetricBuffer;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.storage.DiskSegments;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Index policies, and what is told of the fields that events have. */
class FieldIndexesTest {
    private static final String GROUP = "orders";
    private static final String ARN = "arn:aws:logs:us-east-1:111111111111:log-group:orders";

    private final DataFolder folder = DataFolder.temporary();
    private final SqliteStore store = SqliteStore.open(folder);
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-02T03:04:05Z"));
    private final Call call = new Call(
            Principal.root("111111111111", "111111111111"),
            "111111111111",
            "us-east-1",
            "r",
            Instant.MAX,
            Call.Origin.inside("test"));
    private DiskSegments segments;
    private LogsService logs;

    @BeforeEach
    void open() throws IOException {
        segments = DiskSegments.open(folder);
        Caller nobody = (operation, input, toCall) -> operation.outputShape().create();
        logs = new LogsService(
                new LogsService.Ground(
                        store,
                        segments,
                        clock,
                        new MetricBuffer(),
                        new Targets(nobody, (id, token) -> Optional.empty(), clock),
                        nobody,
                        (by, action, arn, context) -> {}),
                folder.key());
        logs.createLogGroup(new CreateLogGroupRequest().logGroupName(GROUP), call);
        logs.createLogStream(new CreateLogStreamRequest().logGroupName(GROUP).logStreamName("s"), call);
    }

    @AfterEach
    void close() {
        segments.close();
        store.close();
        folder.close();
    }

    private long put(String... messages) {
        clock.advance(Duration.ofSeconds(10));
        long now = clock.instant().toEpochMilli();
        logs.putLogEvents(
                new PutLogEventsRequest()
                        .logGroupName(GROUP)
                        .logStreamName("s")
                        .logEvents(List.of(messages).stream()
                                .map(each -> new InputLogEvent().timestamp(now).message(each))
                                .toList()),
                call);
        return now;
    }

    private PutIndexPolicyResponse policy(String document) {
        return logs.putIndexPolicy(
                new PutIndexPolicyRequest().logGroupIdentifier(GROUP).policyDocument(document), call);
    }

    private List<IndexPolicy> policies() {
        return logs.describeIndexPolicies(new DescribeIndexPoliciesRequest().logGroupIdentifiers(List.of(ARN)), call)
                .indexPolicies();
    }

    private List<FieldIndex> indexes() {
        return logs.describeFieldIndexes(new DescribeFieldIndexesRequest().logGroupIdentifiers(List.of(GROUP)), call)
                .fieldIndexes();
    }

    @Test
    void aGroupsPolicyIsKeptToldAndRemovedWithIt() {
        assertThat(policies()).isEmpty();
        String document = "{\"Fields\":[\"requestId\",\"order.id\"]}";
        assertThat(policy(document).indexPolicy().logGroupIdentifier()).isEqualTo(ARN);
        assertThat(policies())
                .extracting(IndexPolicy::policyDocument, IndexPolicy::source, IndexPolicy::lastUpdateTime)
                .containsExactly(tuple(document, "LOG_GROUP", clock.instant().toEpochMilli()));
        logs.deleteIndexPolicy(new DeleteIndexPolicyRequest().logGroupIdentifier(ARN), call);
        assertThat(policies()).isEmpty();
        assertThatThrownBy(() -> logs.deleteIndexPolicy(new DeleteIndexPolicyRequest().logGroupIdentifier(GROUP), call))
                .hasMessageContaining("index policy does not exist");

        policy(document);
        logs.deleteLogGroup(new DeleteLogGroupRequest().logGroupName(GROUP), call);
        assertThatThrownBy(this::policies).hasMessageContaining("log group does not exist");
        logs.createLogGroup(new CreateLogGroupRequest().logGroupName(GROUP), call);
        assertThat(policies()).isEmpty();
    }

    @Test
    void whatIsNoPolicyIsRefused() {
        StringBuilder many = new StringBuilder("{\"Fields\":[\"f\"");
        for (int i = 0; i < 20; i++) {
            many.append(",\"f").append(i).append('"');
        }
        for (String document : List.of(
                "no json",
                "{}",
                "{\"Fields\":[]}",
                "{\"Fields\":[7]}",
                "{\"FieldsV2\":{\"a\":{\"type\":\"TREE\"}}}",
                many + "]}")) {
            assertThatThrownBy(() -> policy(document)).as(document).isInstanceOf(dev.haneul.api.runtime.Fault.class);
        }
        assertThat(policies()).isEmpty();
    }

    @Test
    void indexesKnowTheEventsThatCameSince() {
        put("{\"requestId\":\"before\"}");
        clock.advance(Duration.ofSeconds(1));
        policy("{\"FieldsV2\":{\"requestId\":{\"type\":\"FACET\"},\"nobody\":{}}}");
        long first = put("{\"requestId\":\"a\"}", "plain");
        long last = put("{\"requestId\":\"b\"}");
        put("no field");
        assertThat(indexes())
                .extracting(
                        FieldIndex::fieldIndexName,
                        FieldIndex::type,
                        FieldIndex::firstEventTime,
                        FieldIndex::lastEventTime)
                .containsExactly(tuple("requestId", "FACET", first, last), tuple("nobody", "FIELD_INDEX", null, null));
    }

    @Test
    void fieldsAreToldWithTheirShare() {
        long then = put("{\"a\":1,\"b\":{\"c\":2}}", "{\"a\":2}", "plain", "{\"a\":3}");
        assertThat(fields(null))
                .extracting(LogGroupField::name, LogGroupField::percent)
                .contains(tuple("@message", 100), tuple("@timestamp", 100), tuple("a", 75), tuple("b.c", 25));
        clock.advance(Duration.ofHours(1));
        put("late");
        assertThat(fields(null))
                .extracting(LogGroupField::name)
                .doesNotContain("a")
                .contains("@message");
        assertThat(fields(then / 1000)).extracting(LogGroupField::name).contains("a", "b.c");
    }

    private List<LogGroupField> fields(Long time) {
        return logs.getLogGroupFields(
                        new GetLogGroupFieldsRequest().logGroupName(GROUP).time(time), call)
                .logGroupFields();
    }

    @Test
    void aQueryTellsItsGroups() {
        String id = logs.startQuery(
                        new StartQueryRequest()
                                .logGroupIdentifiers(List.of(ARN))
                                .startTime(0L)
                                .endTime(9L)
                                .queryString("fields @message"),
                        call)
                .queryId();
        assertThat(logs.listLogGroupsForQuery(new ListLogGroupsForQueryRequest().queryId(id), call)
                        .logGroupIdentifiers())
                .containsExactly(ARN);
    }
}
