package dev.haneul.services.cloudwatch.math;

import dev.haneul.services.cloudwatch.math.MathValue.Many;
import dev.haneul.services.cloudwatch.math.MathValue.Scalar;
import dev.haneul.services.cloudwatch.math.MathValue.Series;
import dev.haneul.services.cloudwatch.math.MathValue.Text;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The functions of metric math. */
final class MathFunctions {
    static final Set<String> NAMES = Set.of(
            "ABS",
            "AVG",
            "CEIL",
            "DATAPOINT_COUNT",
            "DATE",
            "DAY",
            "DIFF",
            "DIFF_TIME",
            "EPOCH",
            "FILL",
            "FIRST",
            "FLOOR",
            "HOUR",
            "IF",
            "LAST",
            "LOG",
            "LOG10",
            "MAX",
            "METRIC_COUNT",
            "METRICS",
            "MIN",
            "MINUTE",
            "MONTH",
            "PERIOD",
            "RATE",
            "REMOVE_EMPTY",
            "RUNNING_SUM",
            "SEARCH",
            "SLICE",
            "SORT",
            "STDDEV",
            "SUM",
            "TIME_SERIES",
            "YEAR");
    private static final int SERIES_POINTS = 100_800;

    private MathFunctions() {}

    static MathValue call(MathEvaluator in, String function, List<MathNode> arguments) {
        Arguments given = new Arguments(in, function, arguments);
        return switch (function) {
            case "ABS" -> given.each(Math::abs);
            case "CEIL" -> given.each(Math::ceil);
            case "FLOOR" -> given.each(Math::floor);
            case "LOG" -> given.each(Math::log);
            case "LOG10" -> given.each(Math::log10);
            case "SUM", "AVG", "MIN", "MAX", "STDDEV" -> reduced(given.only(), function);
            case "FIRST" -> edge(given.only(), SortedMap::firstKey, List::getFirst);
            case "LAST" -> edge(given.only(), SortedMap::lastKey, List::getLast);
            case "DATAPOINT_COUNT" -> reduced(given.only(), "COUNT");
            case "METRIC_COUNT" -> new Scalar(series(given.only()).size());
            case "PERIOD" -> new Scalar(series(given.only()).getFirst().periodSeconds());
            case "RATE" -> stepped(given.only(), (before, now, seconds) -> (now - before) / seconds);
            case "DIFF" -> stepped(given.only(), (before, now, seconds) -> now - before);
            case "DIFF_TIME" -> stepped(given.only(), (before, now, seconds) -> seconds);
            case "RUNNING_SUM" -> runningSum(given.only());
            case "REMOVE_EMPTY" ->
                new Many(series(given.only()).stream()
                        .filter(one -> !one.points().isEmpty())
                        .toList());
            case "METRICS" -> new Many(in.scene().metrics(given.size() == 0 ? "" : given.text(0)));
            case "FILL" -> fill(in, given.of(0), given.of(1));
            case "IF" -> choose(in, given);
            case "SLICE" -> slice(given);
            case "SORT" -> sort(given);
            case "SEARCH" -> search(in, given);
            case "TIME_SERIES" -> constant(in, given.number(0));
            default -> dates(given.only(), function);
        };
    }

    /** What a function was given. */
    private record Arguments(MathEvaluator in, String function, List<MathNode> nodes) {
        int size() {
            return nodes.size();
        }

        MathValue of(int index) {
            if (index >= nodes.size()) {
                throw new MathException(function + " needs more arguments");
            }
            return in.value(nodes.get(index));
        }

        MathValue only() {
            if (nodes.size() != 1) {
                throw new MathException(function + " takes one argument");
            }
            return of(0);
        }

        MathValue each(DoubleUnaryOperator change) {
            return MathEvaluator.each(only(), change);
        }

        double number(int index) {
            if (of(index) instanceof Scalar scalar) {
                return scalar.value();
            }
            throw new MathException(function + " needs a number as argument " + (index + 1));
        }

        String text(int index) {
            if (of(index) instanceof Text text) {
                return text.text();
            }
            throw new MathException(function + " needs a text as argument " + (index + 1));
        }
    }

    private static List<Series> series(MathValue value) {
        List<Series> all = switch (value) {
            case Series one -> List.of(one);
            case Many many -> many.all();
            case Scalar _, Text _ -> throw new MathException("A time series is needed");
        };
        return all;
    }

    /** One series comes to a number; several come to a series. */
    private static MathValue reduced(MathValue value, String how) {
        if (value instanceof Scalar scalar) {
            return scalar;
        }
        if (value instanceof Series one) {
            return new Scalar(number(List.copyOf(one.points().values()), how));
        }
        TreeMap<Long, List<Double>> at = new TreeMap<>();
        int period = 0;
        for (Series one : series(value)) {
            period = Math.max(period, one.periodSeconds());
            one.points()
                    .forEach((time, number) ->
                            at.computeIfAbsent(time, any -> new ArrayList<>()).add(number));
        }
        TreeMap<Long, Double> points = new TreeMap<>();
        at.forEach((time, numbers) -> MathEvaluator.put(points, time, number(numbers, how)));
        return new Series(how, period, points);
    }

    private static double number(List<Double> numbers, String how) {
        double sum = numbers.stream().mapToDouble(each -> each).sum();
        double mean = sum / numbers.size();
        return switch (how) {
            case "SUM" -> sum;
            case "AVG" -> mean;
            case "COUNT" -> numbers.size();
            case "MIN" -> numbers.stream().mapToDouble(each -> each).min().orElse(Double.NaN);
            case "MAX" -> numbers.stream().mapToDouble(each -> each).max().orElse(Double.NaN);
            default ->
                Math.sqrt(numbers.stream()
                                .mapToDouble(each -> (each - mean) * (each - mean))
                                .sum()
                        / numbers.size());
        };
    }

    /** The first or last value of a series; the first or last series of several. */
    private static MathValue edge(
            MathValue value, Function<SortedMap<Long, Double>, Long> key, Function<List<Series>, Series> which) {
        if (value instanceof Series one) {
            SortedMap<Long, Double> points = one.points();
            return new Scalar(points.isEmpty() ? Double.NaN : Objects.requireNonNull(points.get(key.apply(points))));
        }
        List<Series> all = series(value);
        if (all.isEmpty()) {
            throw new MathException("There is no time series");
        }
        return which.apply(all);
    }

    @FunctionalInterface
    private interface Step {
        double of(double before, double now, double seconds);
    }

    private static MathValue stepped(MathValue value, Step step) {
        return perSeries(value, one -> {
            TreeMap<Long, Double> points = new TreeMap<>();
            Map.Entry<Long, Double> before = null;
            for (Map.Entry<Long, Double> now : one.points().entrySet()) {
                if (before != null) {
                    double seconds = (now.getKey() - before.getKey()) / 1000.0;
                    MathEvaluator.put(points, now.getKey(), step.of(before.getValue(), now.getValue(), seconds));
                }
                before = now;
            }
            return points;
        });
    }

    private static MathValue runningSum(MathValue value) {
        return perSeries(value, one -> {
            TreeMap<Long, Double> points = new TreeMap<>();
            double sum = 0;
            for (Map.Entry<Long, Double> each : one.points().entrySet()) {
                sum += each.getValue();
                MathEvaluator.put(points, each.getKey(), sum);
            }
            return points;
        });
    }

    private static MathValue perSeries(MathValue value, Function<Series, TreeMap<Long, Double>> change) {
        List<Series> made = series(value).stream()
                .map(one -> new Series(one.label(), one.periodSeconds(), change.apply(one)))
                .toList();
        return value instanceof Many ? new Many(made) : made.getFirst();
    }

    private static MathValue dates(MathValue value, String part) {
        return perSeries(value, one -> {
            TreeMap<Long, Double> points = new TreeMap<>();
            one.points().keySet().forEach(at -> points.put(at, date(at, part)));
            return points;
        });
    }

    private static double date(long millis, String part) {
        ZonedDateTime at = Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC);
        return switch (part) {
            case "MINUTE" -> at.getMinute();
            case "HOUR" -> at.getHour();
            case "DAY" -> at.getDayOfWeek().getValue();
            case "DATE" -> at.getDayOfMonth();
            case "MONTH" -> at.getMonthValue();
            case "YEAR" -> at.getYear();
            default -> millis / 1000.0;
        };
    }

    private static MathValue fill(MathEvaluator in, MathValue value, MathValue filler) {
        return perSeries(value, one -> {
            TreeMap<Long, Double> points = new TreeMap<>(one.points());
            for (long at : grid(in, one.periodSeconds(), one.points())) {
                if (!points.containsKey(at)) {
                    MathEvaluator.put(points, at, filled(one, at, filler));
                }
            }
            return points;
        });
    }

    private static double filled(Series series, long at, MathValue filler) {
        return switch (filler) {
            case Scalar scalar -> scalar.value();
            case Series other -> other.points().getOrDefault(at, Double.NaN);
            case Many _ -> throw new MathException("FILL takes REPEAT, LINEAR, a number or a time series");
            case Text text -> {
                SortedMap<Long, Double> before = series.points().headMap(at);
                SortedMap<Long, Double> after = series.points().tailMap(at);
                if (text.text().equals("REPEAT")) {
                    yield before.isEmpty() ? Double.NaN : Objects.requireNonNull(before.get(before.lastKey()));
                }
                if (!text.text().equals("LINEAR")) {
                    throw new MathException("FILL takes REPEAT, LINEAR, a number or a time series");
                }
                if (before.isEmpty() || after.isEmpty()) {
                    yield Double.NaN;
                }
                double share = (at - before.lastKey()) / (double) (after.firstKey() - before.lastKey());
                double first = Objects.requireNonNull(before.get(before.lastKey()));
                double last = Objects.requireNonNull(after.get(after.firstKey()));
                yield first + share * (last - first);
            }
        };
    }

    /** Where points of the evaluated stretch stand. */
    private static List<Long> grid(MathEvaluator in, int periodSeconds, SortedMap<Long, Double> points) {
        long step = Math.max(1, periodSeconds) * 1000L;
        long from = in.scene().fromMillis();
        long first = points.isEmpty() ? from : from + Math.floorMod(points.firstKey() - from, step);
        List<Long> all = new ArrayList<>();
        for (long at = first; at < in.scene().toMillis() && all.size() < SERIES_POINTS; at += step) {
            all.add(at);
        }
        return all;
    }

    private static Series constant(MathEvaluator in, double value) {
        TreeMap<Long, Double> points = new TreeMap<>();
        int period = in.scene().periodSeconds();
        grid(in, period, points).forEach(at -> MathEvaluator.put(points, at, value));
        return new Series("TIME_SERIES", period, points);
    }

    private static MathValue choose(MathEvaluator in, Arguments given) {
        MathValue condition = given.of(0);
        MathValue yes = given.of(1);
        MathValue no = given.size() > 2 ? given.of(2) : new Scalar(Double.NaN);
        if (condition instanceof Scalar scalar) {
            return scalar.value() != 0 ? yes : no;
        }
        if (condition instanceof Many || yes instanceof Many || no instanceof Many) {
            throw new MathException("IF does not take arrays");
        }
        Series when = series(condition).getFirst();
        TreeMap<Long, Double> points = new TreeMap<>();
        when.points().forEach((at, value) -> MathEvaluator.put(points, at, valueAt(value != 0 ? yes : no, at)));
        return new Series(when.label(), when.periodSeconds(), points);
    }

    private static double valueAt(MathValue value, long at) {
        return switch (value) {
            case Scalar scalar -> scalar.value();
            case Series series -> series.points().getOrDefault(at, Double.NaN);
            case Many _, Text _ -> throw MathEvaluator.noText();
        };
    }

    private static MathValue slice(Arguments given) {
        List<Series> all = series(given.of(0));
        int from = bounded(given.number(1), all.size());
        if (given.size() < 3) {
            if (from >= all.size()) {
                throw new MathException("SLICE begins behind the end of the array");
            }
            return all.get(from);
        }
        int to = bounded(given.number(2), all.size());
        return new Many(from < to ? all.subList(from, to) : List.of());
    }

    private static int bounded(double index, int size) {
        return (int) Math.max(0, Math.min(size, index));
    }

    private static MathValue sort(Arguments given) {
        String how = given.text(1);
        boolean descending = given.text(2).equals("DESC");
        if (!Set.of("AVG", "MIN", "MAX", "SUM").contains(how)) {
            throw new MathException("SORT takes AVG, MIN, MAX or SUM");
        }
        ToDoubleFunction<Series> key = one -> number(List.copyOf(one.points().values()), how);
        Comparator<Series> order = Comparator.comparingDouble(key);
        List<Series> sorted = series(given.of(0)).stream()
                .sorted(descending ? order.reversed() : order)
                .toList();
        int kept = given.size() > 3 ? bounded(given.number(3), sorted.size()) : sorted.size();
        return new Many(sorted.subList(0, kept));
    }

    private static MathValue search(MathEvaluator in, Arguments given) {
        int period = given.size() > 2 ? (int) given.number(2) : in.scene().periodSeconds();
        return new Many(in.scene().search(MetricSearch.parse(given.text(0)), given.text(1), period));
    }
}
