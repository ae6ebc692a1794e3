package dev.haneul.services.lambda.runtimes;

import dev.haneul.api.lambda.LambdaRuntime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A runtime by AWS's name.
 *
 * @param name e.g. {@code python3.12}, {@code nodejs20.x}, {@code java8.al2}
 * @param version the numbers in it, most significant first; empty for {@code provided}
 */
public record RuntimeName(String name, Family family, List<Integer> version) {
    /** Known names that AWS no longer takes for new functions. */
    private static final Set<String> RETIRED = Set.of(
            "nodejs",
            "nodejs4.3",
            "nodejs4.3-edge",
            "nodejs6.10",
            "nodejs8.10",
            "nodejs10.x",
            "nodejs12.x",
            "nodejs14.x",
            "nodejs16.x",
            "java8",
            "python2.7",
            "python3.6",
            "python3.7",
            "python3.8",
            "dotnetcore1.0",
            "dotnetcore2.0",
            "dotnetcore2.1",
            "dotnetcore3.1",
            "dotnet6",
            "ruby2.5",
            "ruby2.7",
            "go1.x",
            "provided");

    private static final Map<String, RuntimeName> KNOWN = LambdaRuntime.VALUES.stream()
            .distinct()
            .flatMap(name -> read(name).stream())
            .collect(Collectors.toUnmodifiableMap(RuntimeName::name, Function.identity()));

    public RuntimeName {
        version = List.copyOf(version);
    }

    /** The runtime of this name; empty where AWS knows none. */
    public static Optional<RuntimeName> of(String name) {
        return Optional.ofNullable(KNOWN.get(name));
    }

    private static Optional<RuntimeName> read(String name) {
        for (Family family : Family.values()) {
            if (name.startsWith(family.prefix())) {
                String rest = name.substring(family.prefix().length());
                return Optional.of(
                        new RuntimeName(name, family, family == Family.PROVIDED ? List.of() : numbers(rest)));
            }
        }
        return Optional.empty();
    }

    /** Whether AWS refuses it for new functions. */
    public boolean retired() {
        return RETIRED.contains(name);
    }

    /** The version as people write it, e.g. {@code 3.12}. */
    public String versionText() {
        return String.join(".", version.stream().map(String::valueOf).toList());
    }

    /** The leading numbers of {@code 3.12}, {@code 20.x}, {@code 8.al2}. */
    private static List<Integer> numbers(String text) {
        return Arrays.stream(text.split("[.-]"))
                .takeWhile(part -> part.matches("\\d{1,4}"))
                .map(Integer::valueOf)
                .toList();
    }
}
