package dev.haneul.services.ecs.instance;

import dev.haneul.services.ecs.EcsFaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * The cluster query language.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html">Cluster query
 *     language</a>
 */
public sealed interface Expression {
    int MOST_CHARS = 2000;
    int MOST_DEPTH = 50;

    /**
     * What expressions may ask of a container instance.
     *
     * @param values single ones by subject: {@code ec2InstanceId}, {@code agentConnected}, {@code attribute:NAME} …
     * @param groups of the tasks on it
     */
    record Facts(Map<String, String> values, Set<String> groups) {}

    /** Whether it holds of an instance. */
    boolean holds(Facts facts);

    record And(Expression one, Expression other) implements Expression {
        @Override
        public boolean holds(Facts facts) {
            return one.holds(facts) && other.holds(facts);
        }
    }

    record Or(Expression one, Expression other) implements Expression {
        @Override
        public boolean holds(Facts facts) {
            return one.holds(facts) || other.holds(facts);
        }
    }

    record Not(Expression one) implements Expression {
        @Override
        public boolean holds(Facts facts) {
            return !one.holds(facts);
        }
    }

    /** A subject, an operator, and what it is compared with. */
    record Test(String subject, String operator, List<String> arguments) implements Expression {
        @Override
        public boolean holds(Facts facts) {
            if (subject.equals("task:group")) {
                return grouped(facts.groups());
            }
            String value = facts.values().get(subject);
            return switch (operator) {
                case "exists" -> value != null;
                case "not_exists" -> value == null;
                case "equals", "in" -> value != null && arguments.contains(value);
                case "not_equals", "not_in" -> value == null || !arguments.contains(value);
                case "matches" -> value != null && matches(arguments.getFirst(), value);
                case "not_matches" -> value == null || !matches(arguments.getFirst(), value);
                default -> value != null && compared(value, arguments.getFirst());
            };
        }

        private boolean grouped(Set<String> groups) {
            return switch (operator) {
                case "exists" -> !groups.isEmpty();
                case "not_exists" -> groups.isEmpty();
                case "equals", "in" -> arguments.stream().anyMatch(groups::contains);
                case "not_equals", "not_in" -> arguments.stream().noneMatch(groups::contains);
                case "matches" -> groups.stream().anyMatch(each -> matches(arguments.getFirst(), each));
                case "not_matches" -> groups.stream().noneMatch(each -> matches(arguments.getFirst(), each));
                default -> false;
            };
        }

        private static boolean matches(String pattern, String value) {
            return Pattern.compile(pattern).matcher(value).matches();
        }

        private boolean compared(String value, String argument) {
            int order;
            try {
                order = Double.compare(Double.parseDouble(value), Double.parseDouble(argument));
            } catch (NumberFormatException e) {
                order = value.compareTo(argument);
            }
            return switch (operator) {
                case "greater_than" -> order > 0;
                case "greater_than_equal" -> order >= 0;
                case "less_than" -> order < 0;
                default -> order <= 0;
            };
        }
    }

    /**
     * Reads an expression.
     *
     * @throws dev.haneul.api.runtime.Fault InvalidParameterException where it is none
     */
    static Expression parse(@Nullable String text) {
        if (text == null || text.isBlank() || text.length() > MOST_CHARS) {
            throw EcsFaults.invalid("Invalid expression: it must have between 1 and " + MOST_CHARS + " characters.");
        }
        Parser parser = new Parser(text);
        Expression found = parser.either(0);
        if (!parser.done()) {
            throw parser.wrong();
        }
        return found;
    }

    /** Takes a text apart, the weakest binding first. */
    final class Parser {
        private static final Pattern TOKEN = Pattern.compile(
                "\\s*(\\(|\\)|\\[|\\]|,|&&|\\|\\||=~|!~|==|!=|>=|<=|>|<|\"[^\"]*\"|'[^']*'|!(?=exists\\b|in\\b)\\w+|!|[^\\s()\\[\\],!=<>&|]+)");
        private static final Map<String, String> OPERATORS = Map.ofEntries(
                Map.entry("==", "equals"),
                Map.entry("!=", "not_equals"),
                Map.entry(">", "greater_than"),
                Map.entry(">=", "greater_than_equal"),
                Map.entry("<", "less_than"),
                Map.entry("<=", "less_than_equal"),
                Map.entry("=~", "matches"),
                Map.entry("!~", "not_matches"),
                Map.entry("!in", "not_in"),
                Map.entry("!exists", "not_exists"));
        private static final Set<String> NAMES = Set.of(
                "equals",
                "not_equals",
                "greater_than",
                "greater_than_equal",
                "less_than",
                "less_than_equal",
                "matches",
                "not_matches",
                "in",
                "not_in",
                "exists",
                "not_exists");
        private static final Set<String> SUBJECTS = Set.of(
                "agentConnected", "agentVersion", "ec2InstanceId", "registeredAt", "runningTasksCount", "task:group");

        private final String text;
        private final List<String> tokens = new ArrayList<>();
        private int at;

        Parser(String text) {
            this.text = text;
            Matcher matcher = TOKEN.matcher(text.stripTrailing());
            int end = 0;
            while (matcher.find() && matcher.start() == end) {
                tokens.add(matcher.group(1));
                end = matcher.end();
            }
            if (end != text.stripTrailing().length()) {
                throw wrong();
            }
        }

        boolean done() {
            return at == tokens.size();
        }

        dev.haneul.api.runtime.Fault wrong() {
            return EcsFaults.invalid("Invalid expression: " + text);
        }

        private String peek() {
            return done() ? "" : tokens.get(at).toLowerCase(Locale.ROOT);
        }

        private String next() {
            if (done()) {
                throw wrong();
            }
            return tokens.get(at++);
        }

        Expression either(int depth) {
            Expression found = both(depth);
            while (peek().equals("or") || peek().equals("||")) {
                next();
                found = new Or(found, both(depth));
            }
            return found;
        }

        private Expression both(int depth) {
            Expression found = one(depth);
            while (peek().equals("and") || peek().equals("&&")) {
                next();
                found = new And(found, one(depth));
            }
            return found;
        }

        private Expression one(int depth) {
            if (depth > MOST_DEPTH) {
                throw wrong();
            }
            if (peek().equals("not") || peek().equals("!")) {
                next();
                return new Not(one(depth + 1));
            }
            if (peek().equals("(")) {
                next();
                Expression found = either(depth + 1);
                if (!next().equals(")")) {
                    throw wrong();
                }
                return found;
            }
            return test();
        }

        private Expression test() {
            String subject = next();
            if (!SUBJECTS.contains(subject) && !subject.startsWith("attribute:")) {
                throw wrong();
            }
            String given = next();
            String operator = OPERATORS.getOrDefault(given, given);
            if (!NAMES.contains(operator)) {
                throw wrong();
            }
            List<String> arguments = new ArrayList<>();
            if (operator.endsWith("in")) {
                list(arguments);
            } else if (!operator.endsWith("exists")) {
                arguments.add(plain(next()));
            }
            if (operator.endsWith("matches")) {
                try {
                    Pattern.compile(arguments.getFirst());
                } catch (PatternSyntaxException e) {
                    throw wrong();
                }
            }
            return new Test(subject, operator, List.copyOf(arguments));
        }

        private void list(List<String> arguments) {
            if (!next().equals("[")) {
                throw wrong();
            }
            arguments.add(plain(next()));
            String then = next();
            while (then.equals(",")) {
                arguments.add(plain(next()));
                then = next();
            }
            if (!then.equals("]")) {
                throw wrong();
            }
        }

        private String plain(String token) {
            boolean quoted = token.length() > 1 && (token.startsWith("\"") || token.startsWith("'"));
            return quoted ? token.substring(1, token.length() - 1) : token;
        }
    }
}
