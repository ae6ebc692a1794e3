package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.GetMetricDataInput;
import dev.haneul.api.cloudwatch.GetMetricDataOutput;
import dev.haneul.api.cloudwatch.MessageData;
import dev.haneul.api.cloudwatch.MetricDataQuery;
import dev.haneul.api.cloudwatch.MetricDataResult;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.math.MathException;
import dev.haneul.services.cloudwatch.math.MathValue;
import dev.haneul.services.cloudwatch.math.MathValue.Series;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** GetMetricData: queries and expressions, page by page. */
final class GetMetricData {
    private static final int QUERIES = 500;
    private static final int DATAPOINTS = 100_800;

    private final Store store;
    private final SeriesReader reader;
    private final Clock clock;
    private final Tokens tokens;

    GetMetricData(Store store, SeriesReader reader, Clock clock, Tokens tokens) {
        this.store = store;
        this.reader = reader;
        this.clock = clock;
        this.tokens = tokens;
    }

    /** A series to be told, or why there is none. */
    private record Told(String id, Series series, List<MessageData> messages) {}

    GetMetricDataOutput get(GetMetricDataInput in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        List<MetricDataQuery> queries = in.metricDataQueries();
        if (queries.size() > QUERIES) {
            throw CloudWatchFaults.validation(
                    "The collection MetricDataQueries must not have a size greater than 500.");
        }
        if (!in.startTime().isBefore(in.endTime())) {
            throw CloudWatchFaults.validation("The parameter StartTime must be less than the parameter EndTime.");
        }
        if (queries.stream().allMatch(each -> Boolean.FALSE.equals(each.returnData()))) {
            throw CloudWatchFaults.validation(
                    "At least one element in the MetricDataQueries list must have ReturnData set to true.");
        }
        QuerySet set = new QuerySet(store, reader, scope, queries, "MetricDataQueries");
        int finest =
                queries.stream().mapToInt(each -> set.period(each.id())).min().orElse(60);
        long from = GetMetricStatistics.roundedStart(in.startTime(), clock.instant(), finest);
        long to = in.endTime().toEpochMilli();
        long asked = 0;
        List<Told> told = new ArrayList<>();
        for (MetricDataQuery query : queries) {
            asked += Math.ceilDiv(to - from, set.period(query.id()) * 1000L);
            if (asked > (long) DATAPOINTS * 5) {
                throw CloudWatchFaults.validation("You have requested more datapoints than one call may read. You may"
                        + " reduce the datapoints requested by increasing Period, or decreasing the time range.");
            }
            if (!Boolean.FALSE.equals(query.returnData())) {
                told.addAll(told(set, query, from, to));
            }
        }
        return page(in, told, scope);
    }

    private static List<Told> told(QuerySet set, MetricDataQuery query, long from, long to) {
        MathValue value;
        try {
            value = set.value(query.id(), from, to);
        } catch (MathException e) {
            throw CloudWatchFaults.validation("Error in expression '" + query.id() + "': " + e.message());
        }
        boolean expression = query.expression() != null;
        return switch (value) {
            case Series one -> {
                String own = expression ? query.id() : one.label();
                yield List.of(new Told(query.id(), one.labelled(Labels.of(query, one, own)), List.of()));
            }
            case MathValue.Many many ->
                many.all().stream()
                        .map(one -> new Told(query.id(), one.labelled(Labels.of(query, one, one.label())), List.of()))
                        .toList();
            case MathValue.Scalar _, MathValue.Text _ ->
                throw CloudWatchFaults.validation("Error in expression '" + query.id()
                        + "': The expression must return a time series or an array of time series.");
        };
    }

    /** Datapoints of all series, one behind the other, as many as a page holds; a token says how many were told. */
    private GetMetricDataOutput page(GetMetricDataInput in, List<Told> told, Scope scope) {
        boolean descending = !"TimestampAscending".equals(in.scanBy());
        String question =
                "data " + scope + in.metricDataQueries().hashCode() + in.startTime() + in.endTime() + descending;
        int skip = in.nextToken() == null
                ? 0
                : Integer.parseInt(tokens.open(question, in.nextToken()).orElseThrow(CloudWatchFaults::badToken));
        int limit = in.maxDatapoints() == null ? DATAPOINTS : Math.min(in.maxDatapoints(), DATAPOINTS);
        List<MetricDataResult> results = new ArrayList<>();
        int at = 0;
        int left = limit;
        boolean more = false;
        for (Told each : told) {
            List<Long> times = new ArrayList<>(each.series().points().keySet());
            times = descending ? times.reversed() : times;
            int start = Math.max(0, Math.min(times.size(), skip - at));
            int end = Math.min(times.size(), start + left);
            at += times.size();
            more |= end < times.size();
            boolean before = start == times.size() && skip > 0 && !times.isEmpty();
            if (before || (left == 0 && !times.isEmpty())) {
                continue;
            }
            left -= end - start;
            results.add(result(each, times.subList(start, end), end < times.size()));
        }
        return new GetMetricDataOutput()
                .metricDataResults(results)
                .messages(List.of())
                .nextToken(more ? tokens.seal(question, Integer.toString(skip + limit - left)) : null);
    }

    private static MetricDataResult result(Told told, List<Long> times, boolean cut) {
        return new MetricDataResult()
                .id(told.id())
                .label(told.series().label())
                .timestamps(times.stream().map(Instant::ofEpochMilli).toList())
                .values(times.stream().map(told.series().points()::get).toList())
                .statusCode(cut ? "PartialData" : "Complete")
                .messages(told.messages());
    }
}
