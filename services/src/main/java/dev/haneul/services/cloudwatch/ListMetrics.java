package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.Dimension;
import dev.haneul.api.cloudwatch.DimensionFilter;
import dev.haneul.api.cloudwatch.ListMetricsInput;
import dev.haneul.api.cloudwatch.ListMetricsOutput;
import dev.haneul.api.cloudwatch.Metric;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.CloudWatchTables.MetricRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** ListMetrics: metrics that had points within two weeks. */
final class ListMetrics {
    private static final int PAGE = 500;
    private static final Duration TOLD = Duration.ofDays(14);
    private static final Duration RECENT = Duration.ofHours(3).plusMinutes(50);

    private final Store store;
    private final Clock clock;
    private final Pager pager;

    ListMetrics(Store store, Clock clock, Pager pager) {
        this.store = store;
        this.clock = clock;
        this.pager = pager;
    }

    ListMetricsOutput list(ListMetricsInput in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        if (in.recentlyActive() != null && !in.recentlyActive().equals("PT3H")) {
            throw CloudWatchFaults.value(
                    "The value " + in.recentlyActive() + " for parameter RecentlyActive is invalid.");
        }
        String question = "metrics " + scope + in.namespace() + "|" + in.metricName() + "|" + in.dimensions() + "|"
                + in.recentlyActive();
        long since = clock.instant()
                .minus(in.recentlyActive() == null ? TOLD : RECENT)
                .toEpochMilli();
        Page<MetricRow> page = store.read(tx -> pager.rows(
                tx,
                CloudWatchTables.METRICS,
                scope,
                row -> row.lastMillis() >= since && matches(row, in),
                question,
                in.nextToken(),
                PAGE));
        ListMetricsOutput out = new ListMetricsOutput()
                .metrics(page.items().stream().map(ListMetrics::view).toList())
                .nextToken(page.next());
        if (Boolean.TRUE.equals(in.includeLinkedAccounts())) {
            out.owningAccounts(page.items().stream().map(row -> scope.account()).toList());
        }
        return out;
    }

    private static boolean matches(MetricRow row, ListMetricsInput in) {
        boolean named = (in.namespace() == null || in.namespace().equals(row.namespace()))
                && (in.metricName() == null || in.metricName().equals(row.name()));
        if (!named) {
            return false;
        }
        for (DimensionFilter filter : in.dimensions()) {
            String value = row.dimensions().get(filter.name());
            if (value == null || (filter.value() != null && !filter.value().equals(value))) {
                return false;
            }
        }
        return true;
    }

    static Metric view(MetricRow row) {
        List<Dimension> dimensions = new ArrayList<>();
        row.dimensions()
                .forEach((name, value) ->
                        dimensions.add(new Dimension().name(name).value(value)));
        return new Metric().namespace(row.namespace()).metricName(row.name()).dimensions(dimensions);
    }
}
