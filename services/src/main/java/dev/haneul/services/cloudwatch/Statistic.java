package dev.haneul.services.cloudwatch;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is told of the values of a period: the five classic statistics, percentiles, trimmed and winsorised means,
 * trimmed counts and sums, percentile ranks.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html">Statistics</a>
 */
sealed interface Statistic {
    /** Of a period's values; empty where they do not tell. */
    OptionalDouble of(Point point);

    /** Whether it needs the values themselves. */
    default boolean extended() {
        return true;
    }

    /** SampleCount, Average, Sum, Minimum or Maximum. */
    enum Classic implements Statistic {
        SAMPLE_COUNT("SampleCount"),
        AVERAGE("Average"),
        SUM("Sum"),
        MINIMUM("Minimum"),
        MAXIMUM("Maximum");

        private final String text;

        Classic(String text) {
            this.text = text;
        }

        @Override
        public boolean extended() {
            return false;
        }

        @Override
        public OptionalDouble of(Point point) {
            if (point.count() <= 0) {
                return this == SAMPLE_COUNT || this == SUM ? OptionalDouble.of(0) : OptionalDouble.empty();
            }
            return OptionalDouble.of(
                    switch (this) {
                        case SAMPLE_COUNT -> point.count();
                        case AVERAGE -> point.sum() / point.count();
                        case SUM -> point.sum();
                        case MINIMUM -> point.min();
                        case MAXIMUM -> point.max();
                    });
        }
    }

    /** The value at a rank. */
    record Percentile(double percent) implements Statistic {
        @Override
        public OptionalDouble of(Point point) {
            return point.opaque() || point.count() <= 0
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(Values.at(point, percent));
        }
    }

    /** What is told of the values between two bounds. */
    enum Kind {
        TM,
        WM,
        TC,
        TS,
        PR
    }

    /**
     * A bound: values themselves or a percentage of their ranks; the lower is exclusive, the upper inclusive.
     *
     * @param low null for none
     * @param high null for none
     */
    record Between(
            Kind kind,
            boolean ranks,
            @Nullable Double low,
            @Nullable Double high) implements Statistic {
        @Override
        public OptionalDouble of(Point point) {
            if (point.opaque() || point.count() <= 0) {
                return OptionalDouble.empty();
            }
            Values kept = ranks ? Values.ranked(point, low, high) : Values.valued(point, low, high);
            return switch (kind) {
                case TM -> kept.count() > 0 ? OptionalDouble.of(kept.sum() / kept.count()) : OptionalDouble.empty();
                case WM -> OptionalDouble.of((kept.sum() + kept.clamped()) / point.count());
                case TC -> OptionalDouble.of(kept.count());
                case TS -> OptionalDouble.of(kept.sum());
                case PR -> OptionalDouble.of(100 * kept.count() / point.count());
            };
        }
    }

    /**
     * The values between bounds.
     *
     * @param clamped the sum of those outside, each taken as the bound it is beyond
     */
    record Values(double count, double sum, double clamped) {
        static double at(Point point, double percent) {
            double rank = percent / 100 * point.count();
            double seen = 0;
            for (Map.Entry<Double, Double> each : point.values().entrySet()) {
                seen += each.getValue();
                if (seen >= rank - 1e-9) {
                    return each.getKey();
                }
            }
            return point.max();
        }

        static Values ranked(Point point, @Nullable Double low, @Nullable Double high) {
            double from = (low == null ? 0 : low) / 100 * point.count();
            double to = (high == null ? 100 : high) / 100 * point.count();
            double least = at(point, low == null ? 0 : low);
            double most = at(point, high == null ? 100 : high);
            double seen = 0;
            double count = 0;
            double sum = 0;
            for (Map.Entry<Double, Double> each : point.values().entrySet()) {
                double kept = Math.max(0, Math.min(to, seen + each.getValue()) - Math.max(from, seen));
                count += kept;
                sum += kept * each.getKey();
                seen += each.getValue();
            }
            return new Values(count, sum, from * least + (point.count() - to) * most);
        }

        static Values valued(Point point, @Nullable Double low, @Nullable Double high) {
            double count = 0;
            double sum = 0;
            double clamped = 0;
            for (Map.Entry<Double, Double> each : point.values().entrySet()) {
                double value = each.getKey();
                if (low != null && value <= low) {
                    clamped += low * each.getValue();
                } else if (high != null && value > high) {
                    clamped += high * each.getValue();
                } else {
                    count += each.getValue();
                    sum += value * each.getValue();
                }
            }
            return new Values(count, sum, clamped);
        }
    }

    /** One of the five; empty where it is none. */
    static Optional<Statistic> classic(String text) {
        for (Classic each : Classic.values()) {
            if (each.text.equals(text)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** One of the five or an extended statistic; empty where it is none. */
    static Optional<Statistic> parse(String text) {
        Optional<Statistic> classic = classic(text);
        return classic.isPresent() ? classic : Syntax.extended(text);
    }

    /** How extended statistics are written. */
    final class Syntax {
        private static final Pattern PERCENTILE = Pattern.compile("p(\\d{1,2}(?:\\.\\d{1,10})?|100(?:\\.0{1,10})?)");
        private static final Pattern SHORT =
                Pattern.compile("(tm|wm|tc|ts)(\\d{1,2}(?:\\.\\d{1,10})?|100(?:\\.0{1,10})?)");
        private static final String NUMBER = "(-?\\d{1,15}(?:\\.\\d{1,10})?)?";
        private static final Pattern LONG =
                Pattern.compile("(?i)(TM|WM|TC|TS|PR)\\(" + NUMBER + "(%?):" + NUMBER + "(%?)\\)");
        private static final double QUARTER = 25;

        private Syntax() {}

        static Optional<Statistic> extended(String text) {
            if (text.equals("IQM")) {
                return Optional.of(new Between(Kind.TM, true, QUARTER, 100 - QUARTER));
            }
            Matcher percentile = PERCENTILE.matcher(text);
            if (percentile.matches()) {
                return Optional.of(new Percentile(Double.parseDouble(percentile.group(1))));
            }
            Matcher brief = SHORT.matcher(text);
            if (brief.matches()) {
                Kind kind = Kind.valueOf(brief.group(1).toUpperCase(java.util.Locale.ROOT));
                return Optional.of(new Between(kind, true, null, Double.parseDouble(brief.group(2))));
            }
            Matcher whole = LONG.matcher(text);
            return whole.matches() ? between(whole) : Optional.empty();
        }

        private static Optional<Statistic> between(Matcher parts) {
            Kind kind = Kind.valueOf(parts.group(1).toUpperCase(java.util.Locale.ROOT));
            Double low = number(parts.group(2));
            Double high = number(parts.group(4));
            boolean lowRank = !parts.group(3).isEmpty();
            boolean highRank = !parts.group(5).isEmpty();
            boolean mixed = low != null && high != null && lowRank != highRank;
            boolean ranks = lowRank || highRank;
            boolean bad = (low == null && high == null)
                    || mixed
                    || (low == null && lowRank)
                    || (high == null && highRank)
                    || (low != null && high != null && low >= high)
                    || (ranks && (outside(low) || outside(high) || kind == Kind.PR));
            return bad ? Optional.empty() : Optional.of(new Between(kind, ranks, low, high));
        }

        private static boolean outside(@Nullable Double percent) {
            return percent != null && (percent < 0 || percent > 100);
        }

        private static @Nullable Double number(@Nullable String text) {
            return text == null || text.isEmpty() ? null : Double.valueOf(text);
        }
    }
}
