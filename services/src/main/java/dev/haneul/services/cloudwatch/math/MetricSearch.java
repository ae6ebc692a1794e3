package dev.haneul.services.cloudwatch.math;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** A search for metrics: a schema in braces, then terms joined by AND (or nothing), OR, NOT and parentheses. */
public final class MetricSearch {
    private static final int DEEPEST = 30;

    private final List<String> schema;
    private final Predicate<Found> condition;

    private MetricSearch(List<String> schema, Predicate<Found> condition) {
        this.schema = schema;
        this.condition = condition;
    }

    /** A metric that is looked at. */
    public record Found(String namespace, String name, Map<String, String> dimensions) {
        public Found {
            dimensions = Map.copyOf(dimensions);
        }

        private List<String> values(String property) {
            return switch (property.toLowerCase(Locale.ROOT)) {
                case "namespace" -> List.of(namespace);
                case "metricname" -> List.of(name);
                default ->
                    dimensions.entrySet().stream()
                            .filter(each -> each.getKey().equalsIgnoreCase(property))
                            .map(Map.Entry::getValue)
                            .toList();
            };
        }

        private List<String> all() {
            List<String> texts = new ArrayList<>(List.of(namespace, name));
            texts.addAll(dimensions.keySet());
            texts.addAll(dimensions.values());
            return texts;
        }
    }

    /**
     * Parses.
     *
     * @throws MathException where it breaks the syntax
     */
    public static MetricSearch parse(String text) {
        String rest = text.strip();
        List<String> schema = List.of();
        if (rest.startsWith("{")) {
            int end = rest.indexOf('}');
            if (end < 0) {
                throw new MathException("A brace is missing in the search");
            }
            schema = Arrays.stream(rest.substring(1, end).split(",", -1))
                    .map(each -> each.strip().replaceAll("^\"|\"$", ""))
                    .toList();
            rest = rest.substring(end + 1).strip();
        }
        Terms terms = new Terms(rest);
        Predicate<Found> condition = rest.isEmpty() ? any -> true : terms.either();
        terms.requireEnd();
        return new MetricSearch(schema, condition);
    }

    /** Whether a metric is one of those. A schema names exactly the metric's dimensions. */
    public boolean matches(Found metric) {
        if (!schema.isEmpty()) {
            Set<String> dimensions = new HashSet<>(schema.subList(1, schema.size()));
            if (!schema.getFirst().equals(metric.namespace())
                    || !dimensions.equals(metric.dimensions().keySet())) {
                return false;
            }
        }
        return condition.test(metric);
    }

    /** A word matches a text it is a word of, whatever the case; in quotes only the whole text. */
    private static boolean says(String text, String word, boolean exact) {
        if (text.equals(word) || (!exact && text.equalsIgnoreCase(word))) {
            return true;
        }
        if (exact) {
            return false;
        }
        for (String part : text.split("[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])", -1)) {
            if (part.equalsIgnoreCase(word)) {
                return true;
            }
        }
        return Arrays.asList(text.toLowerCase(Locale.ROOT).split("[^a-z0-9]+", -1))
                .contains(word.toLowerCase(Locale.ROOT));
    }

    /** Reads the terms. */
    private static final class Terms {
        private final String text;
        private int at;
        private int depth;

        Terms(String text) {
            this.text = text;
        }

        Predicate<Found> either() {
            depth++;
            if (depth > DEEPEST) {
                throw new MathException("The search is nested too deeply");
            }
            Predicate<Found> left = both();
            while (word("OR")) {
                left = left.or(both());
            }
            depth--;
            return left;
        }

        private Predicate<Found> both() {
            Predicate<Found> left = one();
            while (true) {
                if (word("AND")) {
                    left = left.and(one());
                } else if (more()) {
                    left = left.and(one());
                } else {
                    return left;
                }
            }
        }

        private boolean more() {
            space();
            return at < text.length()
                    && text.charAt(at) != ')'
                    && !text.regionMatches(true, at, "OR ", 0, 3)
                    && !text.regionMatches(true, at, "OR(", 0, 3);
        }

        private Predicate<Found> one() {
            space();
            if (word("NOT")) {
                return one().negate();
            }
            if (at < text.length() && text.charAt(at) == '(') {
                at++;
                Predicate<Found> inner = either();
                space();
                if (at >= text.length() || text.charAt(at) != ')') {
                    throw new MathException("A parenthesis is missing in the search");
                }
                at++;
                return inner;
            }
            boolean exact = at < text.length() && text.charAt(at) == '"';
            String word = token();
            space();
            if (at < text.length() && text.charAt(at) == '=') {
                at++;
                space();
                boolean whole = at < text.length() && text.charAt(at) == '"';
                if (at < text.length() && text.charAt(at) == '(') {
                    return anyOf(word);
                }
                String value = token();
                return metric -> metric.values(word).stream().anyMatch(each -> says(each, value, whole));
            }
            return metric -> metric.all().stream().anyMatch(each -> says(each, word, exact));
        }

        /** {@code Property=("a" OR "b")}. */
        private Predicate<Found> anyOf(String property) {
            at++;
            Predicate<Found> found = any -> false;
            do {
                space();
                boolean whole = at < text.length() && text.charAt(at) == '"';
                String value = token();
                found = found.or(metric -> metric.values(property).stream().anyMatch(each -> says(each, value, whole)));
            } while (word("OR"));
            space();
            if (at >= text.length() || text.charAt(at) != ')') {
                throw new MathException("A parenthesis is missing in the search");
            }
            at++;
            return found;
        }

        private String token() {
            if (at < text.length() && text.charAt(at) == '"') {
                int end = text.indexOf('"', at + 1);
                if (end < 0) {
                    throw new MathException("A quotation mark is missing in the search");
                }
                String found = text.substring(at + 1, end);
                at = end + 1;
                return found;
            }
            int start = at;
            while (at < text.length() && " \t\n()=\"".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            if (start == at) {
                throw new MathException("The search has a term that cannot be read");
            }
            return text.substring(start, at);
        }

        private boolean word(String what) {
            space();
            int end = at + what.length();
            boolean there = text.regionMatches(true, at, what, 0, what.length())
                    && (end == text.length() || " \t\n(".indexOf(text.charAt(end)) >= 0);
            at = there ? end : at;
            return there;
        }

        private void space() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        void requireEnd() {
            space();
            if (at < text.length()) {
                throw new MathException("The search has a term that cannot be read");
            }
        }
    }
}
