package dev.haneul.services.logs.insights;

import dev.haneul.services.logs.insights.InsightsRow.Moment;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** An expression over a row. What cannot be computed is null. */
sealed interface Expr {
    DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    @Nullable
    Object of(InsightsRow row);

    record Constant(Object value) implements Expr {
        @Override
        public Object of(InsightsRow row) {
            return value;
        }
    }

    record Field(String name) implements Expr {
        @Override
        public @Nullable Object of(InsightsRow row) {
            return row.get(name);
        }
    }

    record Not(Expr inner) implements Expr {
        @Override
        public Object of(InsightsRow row) {
            return !truth(inner.of(row));
        }
    }

    record Both(Expr left, Expr right, boolean and) implements Expr {
        @Override
        public Object of(InsightsRow row) {
            return and ? truth(left.of(row)) && truth(right.of(row)) : truth(left.of(row)) || truth(right.of(row));
        }
    }

    /** A text that is like a pattern. */
    record Like(Expr text, Predicate<String> pattern) implements Expr {
        @Override
        public Object of(InsightsRow row) {
            Object value = text.of(row);
            return value != null && pattern.test(Expr.text(value));
        }
    }

    record In(Expr value, List<Expr> members) implements Expr {
        @Override
        public Object of(InsightsRow row) {
            Object one = value.of(row);
            return members.stream().anyMatch(each -> {
                Object other = each.of(row);
                return one != null && other != null && compare(one, other) == 0;
            });
        }
    }

    record Binary(String operator, Expr left, Expr right) implements Expr {
        @Override
        public @Nullable Object of(InsightsRow row) {
            Object a = left.of(row);
            Object b = right.of(row);
            if (a == null || b == null) {
                return operator.equals("!=") ? (Object) (a != b) : null;
            }
            return switch (operator) {
                case "=" -> compare(a, b) == 0;
                case "!=" -> compare(a, b) != 0;
                case "<" -> compare(a, b) < 0;
                case "<=" -> compare(a, b) <= 0;
                case ">" -> compare(a, b) > 0;
                case ">=" -> compare(a, b) >= 0;
                default -> arithmetic(operator, number(a), number(b));
            };
        }
    }

    record Call(String function, List<Expr> arguments) implements Expr {
        @Override
        public @Nullable Object of(InsightsRow row) {
            return Functions.call(function, arguments, row);
        }
    }

    private static @Nullable Double arithmetic(String operator, @Nullable Double a, @Nullable Double b) {
        if (a == null || b == null) {
            return null;
        }
        double made = switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "%" -> a % b;
            default -> Math.pow(a, b);
        };
        return Double.isFinite(made) ? made : null;
    }

    static boolean truth(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case Boolean flag -> flag;
            default -> {
                Double number = number(value);
                yield number != null && number != 0;
            }
        };
    }

    /** As numbers where both are, else as texts. */
    static int compare(Object a, Object b) {
        Double x = number(a);
        Double y = number(b);
        return x != null && y != null ? Double.compare(x, y) : text(a).compareTo(text(b));
    }

    static @Nullable Double number(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Double number -> number;
            case Moment moment -> (double) moment.millis();
            case Boolean flag -> flag ? 1.0 : 0.0;
            default -> parsed(String.valueOf(value).strip());
        };
    }

    private static @Nullable Double parsed(String text) {
        boolean may = !text.isEmpty()
                && text.length() < 40
                && (Character.isDigit(text.charAt(text.length() - 1)) || text.endsWith("."));
        if (!may) {
            return null;
        }
        try {
            return Double.valueOf(text);
        } catch (NumberFormatException _) {
            return null;
        }
    }

    static String text(Object value) {
        return switch (value) {
            case Double number -> {
                if (number == Math.rint(number) && Math.abs(number) < 1e15) {
                    yield Long.toString(number.longValue());
                }
                String short4 = String.format(Locale.ROOT, "%.4f", number);
                yield short4.replaceAll("0+$", "");
            }
            case Moment moment -> STAMP.format(Instant.ofEpochMilli(moment.millis()));
            case Boolean flag -> flag ? "1" : "0";
            default -> String.valueOf(value);
        };
    }
}
