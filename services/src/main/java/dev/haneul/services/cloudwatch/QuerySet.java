package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.MetricDataQuery;
import dev.haneul.api.cloudwatch.MetricStat;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.cloudwatch.CloudWatchTables.MetricRow;
import dev.haneul.services.cloudwatch.MetricStore.Name;
import dev.haneul.services.cloudwatch.math.MathException;
import dev.haneul.services.cloudwatch.math.MathExpression;
import dev.haneul.services.cloudwatch.math.MathValue;
import dev.haneul.services.cloudwatch.math.MetricSearch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;

/** Metric queries and expressions that use each other by id, over one stretch of time. */
final class QuerySet {
    private static final int FOUND = 500;
    private static final int SCANNED = 10_000;
    private static final int MINUTE = 60;

    private final Store store;
    private final SeriesReader reader;
    private final Scope scope;
    private final Map<String, MetricDataQuery> queries = new LinkedHashMap<>();
    private final Map<String, MathExpression> expressions = new HashMap<>();
    private final Map<String, MathValue> values = new HashMap<>();
    private final Set<String> evaluating = new HashSet<>();

    /**
     * Parses and checks.
     *
     * @throws dev.haneul.api.runtime.Fault what the client is told of queries that are not sound
     */
    QuerySet(Store store, SeriesReader reader, Scope scope, List<MetricDataQuery> given, String at) {
        this.store = store;
        this.reader = reader;
        this.scope = scope;
        for (int i = 0; i < given.size(); i++) {
            add(given.get(i), at + ".member." + (i + 1));
        }
        expressions.forEach((id, expression) -> expression.ids().forEach(used -> {
            if (!queries.containsKey(used)) {
                throw CloudWatchFaults.validation("Error in expression '" + id + "': Undefined variable: " + used);
            }
        }));
        queries.keySet().forEach(id -> requireNoCircle(id, new HashSet<>()));
    }

    private void add(MetricDataQuery query, String at) {
        if ((query.metricStat() == null) == (query.expression() == null)) {
            throw CloudWatchFaults.combination("The parameters " + at + ".Expression and " + at
                    + ".MetricStat are mutually exclusive and you have specified "
                    + (query.expression() == null ? "neither." : "both."));
        }
        if (!query.id().matches("[a-z][A-Za-z0-9_]*")) {
            throw CloudWatchFaults.validation("The value " + query.id() + " for parameter " + at
                    + ".Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.");
        }
        if (queries.put(query.id(), query) != null) {
            throw CloudWatchFaults.validation("The values for parameter Id in MetricDataQueries are not unique.");
        }
        MetricStat stat = query.metricStat();
        if (stat != null) {
            GetMetricStatistics.checkPeriod(stat.period(), at + ".MetricStat.Period");
            if (Statistic.parse(stat.stat()).isEmpty()) {
                throw CloudWatchFaults.value(
                        "The value " + stat.stat() + " for parameter " + at + ".MetricStat.Stat is not supported.");
            }
            Name unused = SeriesReader.name(stat.metric());
            return;
        }
        if (query.expression().stripLeading().regionMatches(true, 0, "SELECT ", 0, 7)) {
            throw CloudWatchFaults.validation("Error in expression '" + query.id()
                    + "': Metrics Insights queries are not implemented by Haneul.");
        }
        try {
            expressions.put(query.id(), MathExpression.parse(query.expression()));
        } catch (MathException e) {
            throw CloudWatchFaults.validation("Error in expression '" + query.id() + "': " + e.message());
        }
    }

    private void requireNoCircle(String id, Set<String> above) {
        MathExpression expression = expressions.get(id);
        if (expression == null) {
            return;
        }
        if (!above.add(id)) {
            throw CloudWatchFaults.validation("Error in expression '" + id + "': Circular dependency");
        }
        expression.ids().forEach(used -> requireNoCircle(used, above));
        above.remove(id);
    }

    /** The expression of an id; empty where it reads a metric. */
    Optional<MathExpression> expression(String id) {
        return Optional.ofNullable(expressions.get(id));
    }

    /** The period of a query's points: of an expression, the longest of what it uses. */
    int period(String id) {
        MetricDataQuery query = queries.get(id);
        if (query == null) {
            return MINUTE;
        }
        MetricStat stat = query.metricStat();
        if (stat != null) {
            return stat.period();
        }
        if (query.period() != null) {
            return query.period();
        }
        int most = 0;
        for (String used : Objects.requireNonNull(expressions.get(id)).ids()) {
            most = Math.max(most, period(used));
        }
        return most == 0 ? 5 * MINUTE : most;
    }

    /**
     * What a query comes to.
     *
     * @throws MathException where its values do not fit
     */
    MathValue value(String id, long fromMillis, long toMillis) {
        MathValue known = values.get(id);
        if (known != null) {
            return known;
        }
        if (!evaluating.add(id)) {
            throw new MathException("Circular dependency");
        }
        MetricDataQuery query = Objects.requireNonNull(queries.get(id));
        MetricStat stat = query.metricStat();
        MathValue made = stat != null
                ? read(query, stat, fromMillis, toMillis)
                : Objects.requireNonNull(expressions.get(id)).evaluate(new Stretch(id, fromMillis, toMillis));
        evaluating.remove(id);
        values.put(id, made);
        return made;
    }

    private MathValue.Series read(MetricDataQuery query, MetricStat stat, long from, long to) {
        Name name = SeriesReader.name(stat.metric());
        String label = query.label() == null ? name.name() : query.label();
        return reader.find(scope, name)
                .map(row -> series(row, stat.stat(), stat.period(), stat.unit(), from, to))
                .orElseGet(() -> new MathValue.Series(label, stat.period(), new TreeMap<>()))
                .labelled(label);
    }

    private MathValue.Series series(
            MetricRow row,
            String stat,
            int period,
            @org.jspecify.annotations.Nullable String unit,
            long from,
            long to) {
        Statistic statistic = Statistic.parse(stat).orElseThrow(() -> new MathException("Unknown statistic " + stat));
        TreeMap<Long, Double> points = new TreeMap<>();
        reader.read(scope, row, new SeriesReader.Span(from, to, period, unit)).forEach((at, point) -> {
            OptionalDouble value = statistic.of(point);
            if (value.isPresent()) {
                points.put(at, value.getAsDouble());
            }
        });
        return new MathValue.Series(row.name(), period, points);
    }

    /** What expressions see. */
    private final class Stretch implements MathExpression.Scene {
        private final String id;
        private final long from;
        private final long to;

        Stretch(String id, long from, long to) {
            this.id = id;
            this.from = from;
            this.to = to;
        }

        @Override
        public Optional<MathValue> value(String other) {
            return queries.containsKey(other) ? Optional.of(QuerySet.this.value(other, from, to)) : Optional.empty();
        }

        @Override
        public List<MathValue.Series> metrics(String part) {
            List<MathValue.Series> found = new ArrayList<>();
            for (MetricDataQuery query : queries.values()) {
                if (query.metricStat() != null
                        && query.id().contains(part)
                        && QuerySet.this.value(query.id(), from, to) instanceof MathValue.Series one) {
                    found.add(one);
                }
            }
            return found;
        }

        @Override
        public List<MathValue.Series> search(MetricSearch search, String statistic, int period) {
            List<MetricRow> rows = new ArrayList<>();
            for (Row<MetricRow> row : store.read(tx -> tx.range(CloudWatchTables.METRICS, scope, "", null, SCANNED))) {
                MetricRow metric = row.value();
                MetricSearch.Found found =
                        new MetricSearch.Found(metric.namespace(), metric.name(), metric.dimensions());
                if (rows.size() < FOUND && search.matches(found)) {
                    rows.add(metric);
                }
            }
            return rows.stream()
                    .map(row -> series(row, statistic, period, null, from, to)
                            .labelled((row.name() + " " + String.join(" ", new TreeMap<>(row.dimensions()).values()))
                                    .strip()))
                    .toList();
        }

        @Override
        public long fromMillis() {
            return from;
        }

        @Override
        public long toMillis() {
            return to;
        }

        @Override
        public int periodSeconds() {
            return period(id);
        }
    }
}
