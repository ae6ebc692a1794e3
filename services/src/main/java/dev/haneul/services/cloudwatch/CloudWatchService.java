package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.metrics.MetricBuffer;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.storage.Segments;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** CloudWatch's API. */
public final class CloudWatchService implements CloudWatchApi {
    private static final int SLOTS = 2;
    private static final int DELIVERIES = 16;

    private final MetricStore metrics;
    private final Sorter sorter;
    private final PutMetricData puts;
    private final ListMetrics lists;
    private final GetMetricStatistics statistics;
    private final GetMetricData data;
    private final DeliveryQueue deliveries;
    private final PutAlarms putAlarms;
    private final Alarms alarms;
    private final AlarmHistory history;
    private final AlarmReconciler reconciler;
    private final Dashboards dashboards;
    private final Tagging tagging;
    private final Mutes mutes;
    private final MuteReconciler unmuting;

    /**
     * Makes the service and opens its tables.
     *
     * @param measured what the region's other rooms measure
     * @param targets hands alarms' actions over
     * @param folderKey the data folder's key, under which page tokens are sealed
     */
    public CloudWatchService(
            Store store, Segments segments, Clock clock, MetricBuffer measured, Targets targets, byte[] folderKey) {
        store.open(CloudWatchTables.ALL, List.of());
        Tokens tokens = new Tokens(Tokens.derive(folderKey, "cloudwatch tokens"));
        Pager pager = new Pager(tokens, CloudWatchFaults::badToken);
        metrics = new MetricStore(store, segments, clock);
        sorter = new Sorter(store, metrics, measured, clock);
        SeriesReader reader = new SeriesReader(store, metrics);
        puts = new PutMetricData(metrics, sorter, clock);
        lists = new ListMetrics(store, clock, pager);
        statistics = new GetMetricStatistics(reader, clock);
        data = new GetMetricData(store, reader, clock, tokens);
        deliveries = new DeliveryQueue("cloudwatch.action", store, clock, targets::send, SLOTS);
        AlarmChange changes = new AlarmChange(deliveries);
        putAlarms = new PutAlarms(store, reader, clock);
        alarms = new Alarms(store, clock, pager, changes);
        history = new AlarmHistory(store, pager);
        reconciler = new AlarmReconciler(store, reader, clock, changes);
        dashboards = new Dashboards(store, clock, pager);
        tagging = new Tagging(store);
        mutes = new Mutes(store, clock, pager);
        unmuting = new MuteReconciler(store, clock, changes);
    }

    /** Joins the driver, which sorts points, evaluates alarms and carries out actions; before it starts. */
    public void join(Driver driver) {
        sorter.join(driver);
        reconciler.join(driver);
        unmuting.join(driver);
        deliveries.join(driver, DELIVERIES);
    }

    /** Removes the points of an account (of all accounts for null) whose records the store has just been emptied of. */
    public void reset(@Nullable String account) {
        metrics.reset(account);
    }

    @Override
    public PutMetricDataOutput putMetricData(PutMetricDataInput in, Call call) {
        puts.put(in, call);
        return new PutMetricDataOutput();
    }

    @Override
    public ListMetricsOutput listMetrics(ListMetricsInput in, Call call) {
        return lists.list(in, call);
    }

    @Override
    public GetMetricStatisticsOutput getMetricStatistics(GetMetricStatisticsInput in, Call call) {
        return statistics.get(in, call);
    }

    @Override
    public GetMetricDataOutput getMetricData(GetMetricDataInput in, Call call) {
        return data.get(in, call);
    }

    @Override
    public PutMetricAlarmOutput putMetricAlarm(PutMetricAlarmInput in, Call call) {
        putAlarms.metric(in, call);
        return new PutMetricAlarmOutput();
    }

    @Override
    public PutCompositeAlarmOutput putCompositeAlarm(PutCompositeAlarmInput in, Call call) {
        putAlarms.composite(in, call);
        return new PutCompositeAlarmOutput();
    }

    @Override
    public DescribeAlarmsOutput describeAlarms(DescribeAlarmsInput in, Call call) {
        return alarms.describe(in, call);
    }

    @Override
    public DescribeAlarmsForMetricOutput describeAlarmsForMetric(DescribeAlarmsForMetricInput in, Call call) {
        return alarms.describeForMetric(in, call);
    }

    @Override
    public DescribeAlarmHistoryOutput describeAlarmHistory(DescribeAlarmHistoryInput in, Call call) {
        return history.describe(in, call);
    }

    @Override
    public EnableAlarmActionsOutput enableAlarmActions(EnableAlarmActionsInput in, Call call) {
        alarms.enable(in.alarmNames(), true, call);
        return new EnableAlarmActionsOutput();
    }

    @Override
    public DisableAlarmActionsOutput disableAlarmActions(DisableAlarmActionsInput in, Call call) {
        alarms.enable(in.alarmNames(), false, call);
        return new DisableAlarmActionsOutput();
    }

    @Override
    public SetAlarmStateOutput setAlarmState(SetAlarmStateInput in, Call call) {
        alarms.setState(in, call);
        return new SetAlarmStateOutput();
    }

    @Override
    public DeleteAlarmsOutput deleteAlarms(DeleteAlarmsInput in, Call call) {
        alarms.delete(in.alarmNames(), call);
        return new DeleteAlarmsOutput();
    }

    @Override
    public PutAlarmMuteRuleOutput putAlarmMuteRule(PutAlarmMuteRuleInput in, Call call) {
        mutes.put(in, call);
        return new PutAlarmMuteRuleOutput();
    }

    @Override
    public GetAlarmMuteRuleOutput getAlarmMuteRule(GetAlarmMuteRuleInput in, Call call) {
        return mutes.get(in.alarmMuteRuleName(), call);
    }

    @Override
    public ListAlarmMuteRulesOutput listAlarmMuteRules(ListAlarmMuteRulesInput in, Call call) {
        return mutes.list(in, call);
    }

    @Override
    public DeleteAlarmMuteRuleOutput deleteAlarmMuteRule(DeleteAlarmMuteRuleInput in, Call call) {
        mutes.delete(in.alarmMuteRuleName(), call);
        return new DeleteAlarmMuteRuleOutput();
    }

    @Override
    public PutDashboardOutput putDashboard(PutDashboardInput in, Call call) {
        return dashboards.put(in, call);
    }

    @Override
    public GetDashboardOutput getDashboard(GetDashboardInput in, Call call) {
        return dashboards.get(in.dashboardName(), call);
    }

    @Override
    public ListDashboardsOutput listDashboards(ListDashboardsInput in, Call call) {
        return dashboards.list(in, call);
    }

    @Override
    public DeleteDashboardsOutput deleteDashboards(DeleteDashboardsInput in, Call call) {
        dashboards.delete(in.dashboardNames(), call);
        return new DeleteDashboardsOutput();
    }

    @Override
    public TagResourceOutput tagResource(TagResourceInput in, Call call) {
        tagging.tag(in.resourceARN(), in.tags(), call);
        return new TagResourceOutput();
    }

    @Override
    public UntagResourceOutput untagResource(UntagResourceInput in, Call call) {
        tagging.untag(in.resourceARN(), in.tagKeys(), call);
        return new UntagResourceOutput();
    }

    @Override
    public ListTagsForResourceOutput listTagsForResource(ListTagsForResourceInput in, Call call) {
        return new ListTagsForResourceOutput().tags(tagging.tags(in.resourceARN(), call));
    }
}
