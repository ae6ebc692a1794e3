package dev.haneul.services.cloudwatch;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an alarm's data say of its state. Pure.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html">Configuring how
 *     CloudWatch alarms treat missing data</a>
 */
final class AlarmPlan {
    static final String OK = "OK";
    static final String ALARM = "ALARM";
    static final String INSUFFICIENT_DATA = "INSUFFICIENT_DATA";

    /** How many periods are looked at beyond the evaluation periods, where some of those are missing. */
    static final int EXTRA = 2;

    private AlarmPlan() {}

    /** How periods without data count. */
    enum Missing {
        MISSING,
        IGNORE,
        BREACHING,
        NOT_BREACHING;

        static Missing of(@Nullable String text) {
            return switch (text == null ? "missing" : text) {
                case "breaching" -> BREACHING;
                case "notBreaching" -> NOT_BREACHING;
                case "ignore" -> IGNORE;
                default -> MISSING;
            };
        }
    }

    /**
     * What an alarm looks for.
     *
     * @param periods N: how many are looked at
     * @param datapoints M: how many of them must breach
     */
    record Rule(String operator, double threshold, int periods, int datapoints, Missing missing) {
        boolean breaches(double value) {
            return switch (operator) {
                case "GreaterThanOrEqualToThreshold" -> value >= threshold;
                case "GreaterThanThreshold" -> value > threshold;
                case "LessThanThreshold" -> value < threshold;
                default -> value <= threshold;
            };
        }
    }

    /**
     * The state, and what it was decided by.
     *
     * @param state the state there was where nothing can be said
     * @param used the values that were looked at, newest first
     * @param filled how many missing ones were counted
     */
    record Verdict(String state, List<Double> used, int filled) {}

    /**
     * Decides.
     *
     * @param newestFirst a value per period, null for none: the evaluation periods and {@link #EXTRA} more
     */
    static Verdict of(Rule rule, List<@Nullable Double> newestFirst, String before) {
        List<Double> real = newestFirst.stream()
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
        if (real.size() >= rule.periods()) {
            List<Double> used = real.subList(0, rule.periods());
            return new Verdict(breaching(rule, used) >= rule.datapoints() ? ALARM : OK, used, 0);
        }
        int filled = rule.periods() - real.size();
        int breaching = breaching(rule, real);
        String state = switch (rule.missing()) {
            case BREACHING -> breaching + filled >= rule.datapoints() ? ALARM : OK;
            case NOT_BREACHING -> breaching >= rule.datapoints() ? ALARM : OK;
            case IGNORE -> breaching >= rule.datapoints() ? ALARM : breaching < real.size() ? OK : before;
            case MISSING -> withMissing(rule, newestFirst, real.size(), breaching, before);
        };
        return new Verdict(state, real, filled);
    }

    /**
     * All that is there breaches, and the oldest of it is as old as it takes: nothing that may still come can make
     * enough of it good. Younger data may be followed by good ones, so the state stays.
     */
    private static String withMissing(
            Rule rule, List<@Nullable Double> newestFirst, int real, int breaching, String before) {
        if (real == 0) {
            return INSUFFICIENT_DATA;
        }
        if (breaching >= rule.datapoints()) {
            return ALARM;
        }
        if (breaching < real) {
            return OK;
        }
        int oldest = 0;
        for (int i = 0; i < newestFirst.size(); i++) {
            if (newestFirst.get(i) != null) {
                oldest = i + 1;
            }
        }
        return oldest >= rule.datapoints() ? ALARM : before;
    }

    private static int breaching(Rule rule, List<Double> values) {
        return (int) values.stream().filter(rule::breaches).count();
    }

    /** The values of periods, newest first, from a series. */
    static List<@Nullable Double> periods(
            java.util.SortedMap<Long, Double> points, long endMillis, long periodMillis, int count) {
        List<@Nullable Double> values = new ArrayList<>(count);
        for (int i = 1; i <= count; i++) {
            values.add(points.get(endMillis - i * periodMillis));
        }
        return values;
    }
}
