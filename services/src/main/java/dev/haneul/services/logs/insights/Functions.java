package dev.haneul.services.logs.insights;

import dev.haneul.services.logs.insights.InsightsRow.Moment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Functions of a row. Those over many rows are {@link Aggregate}s. */
final class Functions {
    static final Set<String> NAMES = Set.of(
            "abs",
            "ceil",
            "floor",
            "greatest",
            "least",
            "log",
            "sqrt",
            "isempty",
            "isblank",
            "ispresent",
            "coalesce",
            "strlen",
            "trim",
            "ltrim",
            "rtrim",
            "toupper",
            "tolower",
            "concat",
            "substr",
            "replace",
            "strcontains",
            "bin",
            "datefloor",
            "dateceil",
            "frommillis",
            "tomillis");
    private static final int LONGEST = 1 << 20;

    private Functions() {}

    static @Nullable Object call(String name, List<Expr> arguments, InsightsRow row) {
        List<@Nullable Object> given = new ArrayList<>();
        arguments.forEach(each -> given.add(each.of(row)));
        Object first = given.isEmpty() ? null : given.getFirst();
        return switch (name) {
            case "ispresent" -> first != null;
            case "isempty" -> first == null || Expr.text(first).isEmpty();
            case "isblank" -> first == null || Expr.text(first).isBlank();
            case "coalesce" ->
                given.stream().filter(Objects::nonNull).findFirst().orElse(null);
            case "greatest", "least" -> extreme(given, name.equals("greatest"));
            case "concat" -> joined(given);
            case "bin" ->
                given.size() == 2 ? period(given.get(1), first, false) : period(row.get("@timestamp"), first, false);
            case "datefloor" -> period(first, given.size() > 1 ? given.get(1) : null, false);
            case "dateceil" -> period(first, given.size() > 1 ? given.get(1) : null, true);
            default -> first == null ? null : of(name, first, given);
        };
    }

    private static @Nullable Object of(String name, Object first, List<@Nullable Object> given) {
        String text = Expr.text(first);
        return switch (name) {
            case "abs" -> number(first, Math::abs);
            case "ceil" -> number(first, Math::ceil);
            case "floor" -> number(first, Math::floor);
            case "log" -> number(first, Math::log);
            case "sqrt" -> number(first, Math::sqrt);
            case "strlen" -> (double) text.length();
            case "trim" -> text.strip();
            case "ltrim" -> text.stripLeading();
            case "rtrim" -> text.stripTrailing();
            case "toupper" -> text.toUpperCase(Locale.ROOT);
            case "tolower" -> text.toLowerCase(Locale.ROOT);
            case "strcontains" -> text.contains(textAt(given, 1)) ? 1.0 : 0.0;
            case "substr" -> substring(text, given);
            case "replace" -> replaced(text, textAt(given, 1), textAt(given, 2));
            case "frommillis" -> moment(Expr.number(first));
            default -> Expr.number(first);
        };
    }

    private static @Nullable Moment moment(@Nullable Double millis) {
        return millis == null ? null : new Moment(millis.longValue());
    }

    private static @Nullable Double number(Object value, DoubleUnaryOperator change) {
        Double number = Expr.number(value);
        double made = number == null ? Double.NaN : change.applyAsDouble(number);
        return Double.isFinite(made) ? made : null;
    }

    private static String textAt(List<@Nullable Object> given, int index) {
        Object value = index < given.size() ? given.get(index) : null;
        return value == null ? "" : Expr.text(value);
    }

    private static String replaced(String text, String from, String to) {
        boolean tooLong = (long) text.length() * Math.max(1, to.length()) > LONGEST;
        return from.isEmpty() || tooLong ? text : text.replace(from, to);
    }

    private static String substring(String text, List<@Nullable Object> given) {
        Double start = given.size() > 1 ? Expr.number(given.get(1)) : null;
        Double length = given.size() > 2 ? Expr.number(given.get(2)) : null;
        int from = (int) Math.max(0, Math.min(text.length(), start == null ? 0 : start));
        int to = length == null ? text.length() : (int) Math.max(from, Math.min(text.length(), from + length));
        return text.substring(from, to);
    }

    private static String joined(List<@Nullable Object> given) {
        StringBuilder out = new StringBuilder();
        for (Object each : given) {
            if (each != null && out.length() < LONGEST) {
                out.append(Expr.text(each));
            }
        }
        return out.toString();
    }

    private static @Nullable Object extreme(List<@Nullable Object> given, boolean greatest) {
        Object best = null;
        for (Object each : given) {
            if (each != null && (best == null || (Expr.compare(each, best) > 0) == greatest)) {
                best = each;
            }
        }
        return best;
    }

    private static @Nullable Moment period(@Nullable Object at, @Nullable Object length, boolean up) {
        Double millis = Expr.number(at);
        Double width = Expr.number(length);
        if (millis == null || width == null || width < 1) {
            return null;
        }
        long step = width.longValue();
        long floor = Math.floorDiv(millis.longValue(), step) * step;
        return new Moment(up && floor < millis ? floor + step : floor);
    }
}
