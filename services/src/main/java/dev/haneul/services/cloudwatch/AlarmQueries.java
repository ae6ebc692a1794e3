package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.Metric;
import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.api.cloudwatch.MetricDataQuery;
import dev.haneul.api.cloudwatch.MetricStat;
import java.util.List;

/** A metric alarm's queries: its own, or the one its metric stands for. */
final class AlarmQueries {
    private AlarmQueries() {}

    static List<MetricDataQuery> of(MetricAlarm alarm) {
        if (!alarm.metrics().isEmpty()) {
            return alarm.metrics();
        }
        String stat = alarm.statistic() == null ? alarm.extendedStatistic() : alarm.statistic();
        Metric metric = new Metric()
                .namespace(alarm.namespace())
                .metricName(alarm.metricName())
                .dimensions(alarm.dimensions());
        return List.of(new MetricDataQuery()
                .id("m1")
                .metricStat(new MetricStat()
                        .metric(metric)
                        .period(alarm.period())
                        .stat(stat)
                        .unit(alarm.unit()))
                .returnData(true));
    }

    /** The one the alarm watches. */
    static MetricDataQuery watched(MetricAlarm alarm) {
        return of(alarm).stream()
                .filter(each -> !Boolean.FALSE.equals(each.returnData()))
                .findFirst()
                .orElseThrow();
    }
}
