package dev.haneul.services.logs;

import dev.haneul.api.logs.DeleteMetricFilterRequest;
import dev.haneul.api.logs.DescribeMetricFiltersRequest;
import dev.haneul.api.logs.DescribeMetricFiltersResponse;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.MetricFilter;
import dev.haneul.api.logs.MetricTransformation;
import dev.haneul.api.logs.PutMetricFilterRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.FilterTables.MetricFilterRow;
import dev.haneul.services.logs.pattern.FilterPattern;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Metric filters: what matches becomes values of a metric, at the event's own time. */
final class MetricFilters {
    private static final int PAGE = 50;
    private static final int MOST = 100;
    private static final int DIMENSIONS = 3;
    private static final String NUMBER = "[-+]?[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?";
    /** A number first; a unit may follow it, which is passed over. */
    private static final Pattern VALUE = Pattern.compile("^\\s*(" + NUMBER + ")\\s*[A-Za-z%]*\\s*$");

    private final LogsContext logs;
    private final Metrics metrics;
    private final Pager pager;

    MetricFilters(LogsContext logs, Metrics metrics, Pager pager) {
        this.logs = logs;
        this.metrics = metrics;
        this.pager = pager;
    }

    void put(PutMetricFilterRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        FilterPattern unused = LogsContext.pattern(in.filterPattern());
        for (MetricTransformation each : in.metricTransformations()) {
            check(each);
        }
        MetricFilter filter = new MetricFilter()
                .filterName(in.filterName())
                .filterPattern(in.filterPattern())
                .metricTransformations(in.metricTransformations())
                .creationTime(logs.nowMillis())
                .logGroupName(in.logGroupName())
                .applyOnTransformedLogs(Boolean.TRUE.equals(in.applyOnTransformedLogs()));
        logs.store().write(tx -> {
            LogsContext.group(tx, scope, in.logGroupName());
            List<MetricFilter> others = of(tx, scope, in.logGroupName());
            boolean known = others.stream().anyMatch(each -> in.filterName().equals(each.filterName()));
            if (!known && others.size() >= MOST) {
                throw LogsFaults.limit("Resource limit exceeded.");
            }
            tx.put(
                    FilterTables.METRIC_FILTERS,
                    FilterTables.key(scope, in.logGroupName(), in.filterName()),
                    new MetricFilterRow(filter));
        });
    }

    private static void check(MetricTransformation each) {
        String value = each.metricValue();
        if (!value.startsWith("$") && !value.matches(NUMBER)) {
            throw LogsFaults.invalid(
                    "Invalid metric transformation: metric value must be a number or a field: " + value);
        }
        if (each.dimensions().size() > DIMENSIONS) {
            throw LogsFaults.invalid("Invalid metric transformation: a metric can have at most 3 dimensions");
        }
        if (!each.dimensions().isEmpty() && each.defaultValue() != null) {
            throw LogsFaults.invalid(
                    "Invalid metric transformation: dimensions and default value are mutually exclusive properties.");
        }
    }

    void delete(DeleteMetricFilterRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        logs.store().write(tx -> {
            LogsContext.group(tx, scope, in.logGroupName());
            if (!tx.delete(FilterTables.METRIC_FILTERS, FilterTables.key(scope, in.logGroupName(), in.filterName()))) {
                throw LogsFaults.notFound("The specified metric filter does not exist.");
            }
        });
    }

    DescribeMetricFiltersResponse describe(DescribeMetricFiltersRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        if ((in.metricName() == null) != (in.metricNamespace() == null)) {
            throw LogsFaults.invalid("metricName and metricNamespace must be given together.");
        }
        String group = in.logGroupName();
        String prefix = in.filterNamePrefix() == null ? "" : in.filterNamePrefix();
        int limit = in.limit() == null ? PAGE : Math.min(in.limit(), PAGE);
        Page<MetricFilterRow> page = logs.store().read(tx -> {
            if (group != null) {
                LogsContext.group(tx, scope, group);
            }
            return pager.rows(
                    tx,
                    FilterTables.METRIC_FILTERS,
                    scope,
                    row -> (group == null || group.equals(row.filter().logGroupName()))
                            && Objects.requireNonNull(row.filter().filterName()).startsWith(prefix)
                            && (in.metricName() == null || feeds(row.filter(), in)),
                    "metric filters " + scope + group + "|" + prefix + in.metricName() + in.metricNamespace(),
                    in.nextToken(),
                    limit);
        });
        return new DescribeMetricFiltersResponse()
                .metricFilters(
                        page.items().stream().map(MetricFilterRow::filter).toList())
                .nextToken(page.next());
    }

    private static boolean feeds(MetricFilter filter, DescribeMetricFiltersRequest in) {
        return filter.metricTransformations().stream()
                .anyMatch(each -> each.metricName().equals(in.metricName())
                        && each.metricNamespace().equals(in.metricNamespace()));
    }

    /** A group's filters. */
    static List<MetricFilter> of(ReadTx tx, Scope scope, String group) {
        return tx.range(FilterTables.METRIC_FILTERS, scope, group + ":", group + ";", MOST).stream()
                .map(Row::value)
                .map(MetricFilterRow::filter)
                .toList();
    }

    /** Takes what was just put. */
    void offer(Scope scope, List<MetricFilter> filters, List<InputLogEvent> events) {
        for (MetricFilter filter : filters) {
            FilterPattern pattern = FilterPattern.parse(filter.filterPattern());
            for (InputLogEvent event : events) {
                boolean matches = pattern.matches(event.message());
                Map<String, String> fields = matches ? pattern.extract(event.message()) : Map.of();
                for (MetricTransformation each : filter.metricTransformations()) {
                    measure(scope, each, event, matches, fields);
                }
            }
        }
    }

    /** A match gives its value; none gives the default value, where there is one. */
    private void measure(
            Scope scope, MetricTransformation to, InputLogEvent event, boolean matches, Map<String, String> fields) {
        Double value = matches ? number(to.metricValue(), event.message(), fields) : to.defaultValue();
        if (value == null) {
            return;
        }
        Map<String, String> dimensions = new HashMap<>();
        for (Map.Entry<String, String> each : to.dimensions().entrySet()) {
            String found = field(each.getValue(), event.message(), fields);
            if (found == null || found.isBlank()) {
                return; // as on AWS, an event without the dimension's field is not counted
            }
            dimensions.put(each.getKey(), found.length() > 1024 ? found.substring(0, 1024) : found);
        }
        String unit = to.unit() == null ? "None" : to.unit();
        metrics.add(
                new Metrics.What(scope, to.metricNamespace(), to.metricName(), dimensions, unit),
                Instant.ofEpochMilli(event.timestamp()),
                value);
    }

    private static @Nullable Double number(String from, String message, Map<String, String> fields) {
        String text = from.startsWith("$") ? field(from, message, fields) : from;
        Matcher number = text == null ? null : VALUE.matcher(text);
        return number != null && number.matches() ? Double.valueOf(number.group(1)) : null;
    }

    /** A field that the pattern names, or any of a message that is JSON. */
    private static @Nullable String field(String name, String message, Map<String, String> fields) {
        String known = fields.get(name);
        return known != null || !name.startsWith("$.")
                ? known
                : JsonFields.of(message).get(name.substring(2));
    }
}
