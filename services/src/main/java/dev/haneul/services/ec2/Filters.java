package dev.haneul.services.ec2;

import dev.haneul.api.ec2.Filter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The filters of a describe operation: by name, what of a record they look at. Values of one filter are alternatives,
 * filters add up, {@code *} and {@code ?} are wildcards, a backslash takes the next character literally, and letters'
 * case counts. {@code tag:KEY} and {@code tag-key} are there for every kind with tags.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html">Filtering</a>
 */
public final class Filters<R> {
    private static final int MOST_VALUES = 200;
    private static final int MOST_FILTERS = 50;

    private final Map<String, Function<R, List<String>>> byName = new LinkedHashMap<>();
    private final Map<String, BiFunction<R, String, List<String>>> byPrefix = new LinkedHashMap<>();
    private final boolean tagged;

    private Filters(boolean tagged) {
        this.tagged = tagged;
    }

    /** Filters of a kind with tags. */
    public static <R> Filters<R> tagged() {
        return new Filters<>(true);
    }

    /** Filters of what has no tags. */
    public static <R> Filters<R> plain() {
        return new Filters<>(false);
    }

    /** A filter on one value: text, number or boolean as the API writes it; null matches nothing. */
    public Filters<R> one(String name, Function<R, @Nullable ?> value) {
        return many(name, record -> {
            Object found = value.apply(record);
            return found == null ? List.of() : List.of(found.toString());
        });
    }

    /** A filter on several values, any of which may match. */
    public Filters<R> many(String name, Function<R, List<String>> values) {
        byName.put(name, values);
        return this;
    }

    /** Filters whose names go on with a key, as {@code tag:KEY} does: the prefix, and the values for a key. */
    public Filters<R> keyed(String prefix, BiFunction<R, String, List<String>> values) {
        byPrefix.put(prefix, values);
        return this;
    }

    /**
     * What a request asks for.
     *
     * @throws dev.haneul.api.runtime.Fault InvalidParameterValue for a filter nobody knows
     */
    public BiPredicate<R, Map<String, String>> parse(List<Filter> given) {
        if (given.size() > MOST_FILTERS) {
            throw Ec2Faults.of(
                    "FilterLimitExceeded", "The maximum number of filters on a describe call is " + MOST_FILTERS);
        }
        List<BiPredicate<R, Map<String, String>>> all = new ArrayList<>();
        for (Filter filter : given) {
            all.add(parse(filter));
        }
        return (record, tags) -> all.stream().allMatch(each -> each.test(record, tags));
    }

    private BiPredicate<R, Map<String, String>> parse(Filter filter) {
        String name = filter.name();
        List<String> values = filter.values();
        if (name == null || name.isEmpty()) {
            throw Ec2Faults.invalid("The filter 'null' is invalid");
        }
        if (values.size() > MOST_VALUES) {
            throw Ec2Faults.of(
                    "FilterLimitExceeded",
                    "The maximum number of filter values specified on a single call is " + MOST_VALUES);
        }
        Function<R, List<String>> look = byName.get(name);
        if (look != null) {
            return (record, tags) -> matches(values, look.apply(record));
        }
        for (Map.Entry<String, BiFunction<R, String, List<String>>> each : byPrefix.entrySet()) {
            if (name.startsWith(each.getKey())) {
                String key = name.substring(each.getKey().length());
                return (record, tags) -> matches(values, each.getValue().apply(record, key));
            }
        }
        if (tagged && name.startsWith("tag:")) {
            String key = name.substring("tag:".length());
            return (record, tags) ->
                    tags.containsKey(key) && matches(values, List.of(Objects.requireNonNull(tags.get(key))));
        }
        if (tagged && name.equals("tag-key")) {
            return (record, tags) -> matches(values, List.copyOf(tags.keySet()));
        }
        if (tagged && name.equals("tag-value")) {
            return (record, tags) -> matches(values, List.copyOf(tags.values()));
        }
        throw Ec2Faults.invalid("The filter '" + name + "' is invalid");
    }

    private static boolean matches(List<String> patterns, List<String> found) {
        return patterns.stream().anyMatch(pattern -> found.stream().anyMatch(text -> matches(pattern, text)));
    }

    /** Whether a pattern matches a whole text; never looks back further than one star. */
    static boolean matches(String pattern, String text) {
        int at = 0;
        int in = 0;
        int star = -1;
        int resume = 0;
        while (in < text.length()) {
            boolean literal = at + 1 < pattern.length() && pattern.charAt(at) == '\\';
            char want = at < pattern.length() ? pattern.charAt(literal ? at + 1 : at) : 0;
            if (at < pattern.length() && !literal && want == '*') {
                star = at++;
                resume = in;
            } else if (at < pattern.length() && (want == text.charAt(in) || (!literal && want == '?'))) {
                at += literal ? 2 : 1;
                in++;
            } else if (star >= 0) {
                at = star + 1;
                in = ++resume;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }
}
