package dev.haneul.services.cloudwatch;

import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.api.cloudwatch.MetricDataQuery;
import dev.haneul.api.cloudwatch.MetricStat;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudwatch.CloudWatchTables.AlarmRow;
import dev.haneul.services.cloudwatch.math.MathException;
import dev.haneul.services.cloudwatch.math.MathValue;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates alarms by the region's clock: metric alarms each minute (every ten seconds where their period is shorter),
 * fifteen seconds after it has ended so that what was measured in it is there; composite alarms when another changed.
 */
final class AlarmReconciler implements Reconciler<Key> {
    private static final long MINUTE_MILLIS = 60_000;
    private static final long SHORT_MILLIS = 10_000;
    private static final long LAG_MILLIS = 15_000;
    private static final long SHORT_LAG_MILLIS = 2_000;
    private static final int CHUNK = 500;

    private final Store store;
    private final SeriesReader reader;
    private final Clock clock;
    private final AlarmChange changes;
    private final Composites composites;
    private Driver.@Nullable Waker<Key> waker;

    AlarmReconciler(Store store, SeriesReader reader, Clock clock, AlarmChange changes) {
        this.store = store;
        this.reader = reader;
        this.clock = clock;
        this.changes = changes;
        this.composites = new Composites(store, clock, changes);
    }

    void join(Driver driver) {
        waker = driver.add(this, 2);
        Key after = null;
        List<Row<AlarmRow>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(CloudWatchTables.ALARMS, from, CHUNK));
            page.forEach(row -> wake(row.key()));
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == CHUNK);
        driver.follow("cloudwatch.alarms", Set.of(CloudWatchTables.ALARMS.name()), this::changed);
    }

    private void wake(Key key) {
        Driver.Waker<Key> joined = waker;
        if (joined != null) {
            joined.wake(key);
        }
    }

    /** An alarm changed: those that are composed of others may have to. */
    private void changed(Change change) {
        boolean made = change.before() == null;
        Optional<AlarmRow> after = change.after(CloudWatchTables.ALARMS.codec());
        Optional<AlarmRow> before = change.before(CloudWatchTables.ALARMS.codec());
        if (made || after.filter(row -> row.composite() != null).isPresent()) {
            wake(change.key());
        }
        String was = before.map(row -> AlarmView.of(row).state()).orElse("");
        String is = after.map(row -> AlarmView.of(row).state()).orElse("");
        if (!was.equals(is)) {
            composites.all(change.key().scope()).forEach(this::wake);
        }
    }

    @Override
    public String name() {
        return "cloudwatch.alarm";
    }

    @Override
    public Next reconcile(Key key) {
        Optional<AlarmRow> row =
                store.read(tx -> tx.get(CloudWatchTables.ALARMS, key).map(Row::value));
        if (row.isEmpty()) {
            return Next.DONE;
        }
        MetricAlarm metric = row.get().metric();
        if (metric == null) {
            return composites.reconcile(key.scope(), row.get());
        }
        Instant now = clock.instant();
        boolean quick = shortest(metric) < 60;
        long step = quick ? SHORT_MILLIS : MINUTE_MILLIS;
        long lag = quick ? SHORT_LAG_MILLIS : LAG_MILLIS;
        long end = Math.floorDiv(now.toEpochMilli() - lag, step) * step;
        evaluate(key, row.get(), metric, end, now);
        return Next.at(Instant.ofEpochMilli(end + step + lag));
    }

    private static int shortest(MetricAlarm alarm) {
        int least = Integer.MAX_VALUE;
        for (MetricDataQuery query : AlarmQueries.of(alarm)) {
            MetricStat stat = query.metricStat();
            least = stat == null ? least : Math.min(least, stat.period());
        }
        return least;
    }

    private void evaluate(Key key, AlarmRow row, MetricAlarm alarm, long end, Instant now) {
        int periods = Objects.requireNonNull(alarm.evaluationPeriods());
        AlarmPlan.Rule rule = new AlarmPlan.Rule(
                Objects.requireNonNull(alarm.comparisonOperator()),
                Objects.requireNonNull(alarm.threshold()),
                periods,
                Objects.requireNonNullElse(alarm.datapointsToAlarm(), periods),
                AlarmPlan.Missing.of(alarm.treatMissingData()));
        Watched watched = watched(key.scope(), alarm, rule, end);
        if (watched.tooFew()) {
            return;
        }
        AlarmPlan.Verdict verdict = AlarmPlan.of(
                rule,
                AlarmPlan.periods(watched.points(), end, watched.periodMillis(), rule.periods() + AlarmPlan.EXTRA),
                Objects.requireNonNull(alarm.stateValue()));
        if (verdict.state().equals(alarm.stateValue())) {
            return;
        }
        AlarmReasons.Reason reason =
                AlarmReasons.of(alarm, rule, verdict, watched.points(), watched.periodMillis(), now);
        AlarmRow written = store.transact(tx -> {
            AlarmRow current =
                    tx.get(CloudWatchTables.ALARMS, key).map(Row::value).orElse(row);
            MetricAlarm metric = current.metric();
            boolean same = metric != null
                    && Objects.equals(metric.stateValue(), alarm.stateValue())
                    && Objects.equals(
                            metric.alarmConfigurationUpdatedTimestamp(), alarm.alarmConfigurationUpdatedTimestamp());
            if (!same || tx.get(CloudWatchTables.ALARMS, key).isEmpty()) {
                return current;
            }
            AlarmRow changed = AlarmView.inState(current, verdict.state(), reason.text(), reason.data(), now);
            return changes.state(tx, key.scope(), current, changed, now, true);
        });
        changes.wake(key.scope(), written);
    }

    /**
     * What an alarm looks at.
     *
     * @param tooFew whether a percentile stands on too few samples to say anything
     */
    private record Watched(SortedMap<Long, Double> points, long periodMillis, boolean tooFew) {}

    private Watched watched(Scope scope, MetricAlarm alarm, AlarmPlan.Rule rule, long end) {
        List<MetricDataQuery> queries = AlarmQueries.of(alarm);
        QuerySet set = new QuerySet(store, reader, scope, queries, "Metrics");
        String id = AlarmQueries.watched(alarm).id();
        long period = set.period(id) * 1000L;
        long from = end - period * (rule.periods() + AlarmPlan.EXTRA);
        if ("ignore".equals(alarm.evaluateLowSampleCountPercentile()) && tooFew(scope, alarm, from, end)) {
            return new Watched(new TreeMap<>(), period, true);
        }
        try {
            MathValue value = set.value(id, from, end);
            if (value instanceof MathValue.Many many && many.all().size() == 1) {
                value = many.all().getFirst();
            }
            return new Watched(value instanceof MathValue.Series one ? one.points() : new TreeMap<>(), period, false);
        } catch (MathException _) {
            return new Watched(new TreeMap<>(), period, false);
        }
    }

    /** Fewer samples than ten beyond the percentile in the newest period. */
    private boolean tooFew(Scope scope, MetricAlarm alarm, long from, long end) {
        String text = alarm.extendedStatistic();
        if (text == null || !(Statistic.parse(text).orElse(null) instanceof Statistic.Percentile percentile)) {
            return false;
        }
        double beyond = Math.min(percentile.percent(), 100 - percentile.percent()) / 100;
        double needed = beyond == 0 ? 0 : 10 / beyond;
        MetricStat stat = AlarmQueries.watched(alarm).metricStat();
        if (stat == null) {
            return false;
        }
        SeriesReader.Span span = new SeriesReader.Span(from, end, stat.period(), stat.unit());
        return reader.find(scope, SeriesReader.name(stat.metric()))
                .map(metric -> reader.read(scope, metric, span).lastEntry())
                .filter(newest -> newest.getValue().count() < needed)
                .isPresent();
    }
}
