package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.*;
import dev.haneul.edge.table.Block;
import dev.haneul.edge.table.Condition;
import dev.haneul.edge.table.Text;
import dev.haneul.edge.table.Transform;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks conditions and transforms, and brings them into the form in which they are kept.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html">Condition
 *     types</a>
 */
final class Conditions {
    private static final int MOST_VALUES = 5;
    private static final int MOST_CHARS = 128;
    private static final Set<String> ONCE = Set.of("host-header", "path-pattern", "http-request-method", "source-ip");

    private Conditions() {}

    /** The conditions in their kept form. */
    static List<RuleCondition> checked(List<RuleCondition> wanted) {
        if (wanted.isEmpty()) {
            throw ElbFaults.validation("A rule must have at least one condition");
        }
        List<RuleCondition> kept = new ArrayList<>();
        int values = 0;
        int wildcards = 0;
        for (RuleCondition each : wanted) {
            RuleCondition made = one(each);
            boolean again = ONCE.contains(made.field())
                    && kept.stream().anyMatch(other -> Objects.equals(made.field(), other.field()));
            if (again) {
                throw ElbFaults.validation("Only one condition of type '" + made.field() + "' may be specified");
            }
            kept.add(made);
            List<String> texts = texts(made);
            values += texts.size();
            wildcards += (int) texts.stream()
                    .flatMapToInt(String::chars)
                    .filter(c -> c == '*' || c == '?')
                    .count();
        }
        if (values > MOST_VALUES) {
            throw ElbFaults.validation("The maximum number of condition values per rule is " + MOST_VALUES);
        }
        if (wildcards > MOST_VALUES) {
            throw ElbFaults.validation("The maximum number of wildcards per rule is " + MOST_VALUES);
        }
        return kept;
    }

    private static RuleCondition one(RuleCondition in) {
        String field = in.field() == null ? "" : in.field();
        RuleCondition kept = new RuleCondition().field(field);
        switch (field) {
            case "host-header" -> {
                HostHeaderConditionConfig config = in.hostHeaderConfig();
                List<String> values = either(in.values(), config == null ? List.of() : config.values(), field);
                List<String> regex = either(in.regexValues(), config == null ? List.of() : config.regexValues(), field);
                some(values, regex, field);
                patterns(values, "[A-Za-z0-9.*?_-]+", field);
                kept.values(values)
                        .hostHeaderConfig(
                                new HostHeaderConditionConfig().values(values).regexValues(regex));
            }
            case "path-pattern" -> {
                PathPatternConditionConfig config = in.pathPatternConfig();
                List<String> values = either(in.values(), config == null ? List.of() : config.values(), field);
                List<String> regex = either(in.regexValues(), config == null ? List.of() : config.regexValues(), field);
                some(values, regex, field);
                patterns(values, "[A-Za-z0-9_.$/~\"'@:+&*?\\-]+", field);
                kept.values(values)
                        .pathPatternConfig(
                                new PathPatternConditionConfig().values(values).regexValues(regex));
            }
            case "http-header" -> header(in, kept, field);
            case "query-string" -> query(in, kept, field);
            case "http-request-method" -> {
                HttpRequestMethodConditionConfig config = in.httpRequestMethodConfig();
                List<String> values = either(in.values(), config == null ? List.of() : config.values(), field);
                some(values, List.of(), field);
                for (String value : values) {
                    if (!value.matches("[A-Z_-]{1,40}")) {
                        throw ElbFaults.validation(
                                "Condition value '" + value + "' contains a character that is not valid");
                    }
                }
                kept.httpRequestMethodConfig(new HttpRequestMethodConditionConfig().values(values));
            }
            case "source-ip" -> {
                SourceIpConditionConfig config = in.sourceIpConfig();
                List<String> values = either(in.values(), config == null ? List.of() : config.values(), field);
                some(values, List.of(), field);
                values.forEach(Conditions::block);
                kept.sourceIpConfig(new SourceIpConditionConfig().values(values));
            }
            default ->
                throw ElbFaults.validation(
                        "Condition field '" + field
                                + "' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, source-ip]'");
        }
        regexes(kept);
        return kept;
    }

    private static void header(RuleCondition in, RuleCondition kept, String field) {
        HttpHeaderConditionConfig config = in.httpHeaderConfig();
        String name = config == null ? null : config.httpHeaderName();
        if (config == null || name == null || !name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}")) {
            throw ElbFaults.validation("A valid HTTP header name must be specified for an http-header condition");
        }
        if (name.equalsIgnoreCase("host")) {
            throw ElbFaults.validation("The host header must be matched by a host-header condition");
        }
        some(config.values(), config.regexValues(), field);
        patterns(config.values(), "[\\x20-\\x7e]+", field);
        kept.httpHeaderConfig(config);
    }

    private static void query(RuleCondition in, RuleCondition kept, String field) {
        QueryStringConditionConfig config = in.queryStringConfig();
        if (config == null || config.values().isEmpty()) {
            throw ElbFaults.validation("Condition values must be specified for a query-string condition");
        }
        config.values().forEach(pair -> {
            if (pair.value() == null) {
                throw ElbFaults.validation("A query-string condition requires values");
            }
            List<String> both = List.of(pair.key() == null ? "x" : pair.key(), pair.value());
            patterns(both, "[\\x20-\\x7e]+", field);
        });
        kept.queryStringConfig(config);
    }

    private static List<String> either(List<String> plain, List<String> config, String field) {
        if (!plain.isEmpty() && !config.isEmpty() && !plain.equals(config)) {
            throw ElbFaults.validation(
                    "You cannot specify both values and a configuration for a " + field + " condition");
        }
        return plain.isEmpty() ? config : plain;
    }

    private static void some(List<String> values, List<String> regex, String field) {
        if (values.isEmpty() && regex.isEmpty()) {
            throw ElbFaults.validation("A condition value must be specified for a " + field + " condition");
        }
        if (!values.isEmpty() && !regex.isEmpty()) {
            throw ElbFaults.validation("A condition cannot have both values and regex values");
        }
    }

    private static void patterns(List<String> values, String allowed, String field) {
        for (String value : values) {
            if (value.length() > MOST_CHARS) {
                throw ElbFaults.validation(
                        "The maximum size of a " + field + " condition value is " + MOST_CHARS + " characters");
            }
            if (!value.matches(allowed)) {
                throw ElbFaults.validation("Condition value '" + value + "' contains a character that is not valid");
            }
        }
    }

    private static void regexes(RuleCondition kept) {
        try {
            toTable(kept);
        } catch (IllegalArgumentException e) {
            throw ElbFaults.validation("The regular expression is not valid: " + e.getMessage());
        }
    }

    private static void block(String value) {
        try {
            Block.parse(value);
        } catch (IllegalArgumentException e) {
            throw ElbFaults.validation("Condition value '" + value + "' is not a valid CIDR");
        }
    }

    private static List<String> texts(RuleCondition kept) {
        List<String> all = new ArrayList<>();
        if (kept.hostHeaderConfig() != null) {
            all.addAll(kept.hostHeaderConfig().values());
            all.addAll(kept.hostHeaderConfig().regexValues().stream()
                    .map(each -> "x")
                    .toList());
        } else if (kept.pathPatternConfig() != null) {
            all.addAll(kept.pathPatternConfig().values());
            all.addAll(kept.pathPatternConfig().regexValues().stream()
                    .map(each -> "x")
                    .toList());
        } else if (kept.httpHeaderConfig() != null) {
            all.addAll(kept.httpHeaderConfig().values());
            all.addAll(kept.httpHeaderConfig().regexValues().stream()
                    .map(each -> "x")
                    .toList());
        } else if (kept.queryStringConfig() != null) {
            kept.queryStringConfig()
                    .values()
                    .forEach(pair -> all.add(pair.value() + (pair.key() == null ? "" : pair.key())));
        } else if (kept.httpRequestMethodConfig() != null) {
            all.addAll(kept.httpRequestMethodConfig().values());
        } else if (kept.sourceIpConfig() != null) {
            all.addAll(kept.sourceIpConfig().values());
        }
        return all;
    }

    /** A condition as the data plane has it; one that was checked has its configuration. */
    static Condition toTable(RuleCondition kept) {
        return switch (String.valueOf(kept.field())) {
            case "host-header" -> {
                HostHeaderConditionConfig host = Objects.requireNonNull(kept.hostHeaderConfig());
                yield new Condition.Host(all(host.values(), host.regexValues(), true));
            }
            case "path-pattern" -> {
                PathPatternConditionConfig path = Objects.requireNonNull(kept.pathPatternConfig());
                yield new Condition.Path(all(path.values(), path.regexValues(), false));
            }
            case "http-header" -> {
                HttpHeaderConditionConfig header = Objects.requireNonNull(kept.httpHeaderConfig());
                String name = Objects.requireNonNull(header.httpHeaderName());
                yield new Condition.Header(name, all(header.values(), header.regexValues(), true));
            }
            case "http-request-method" ->
                new Condition.Method(
                        Objects.requireNonNull(kept.httpRequestMethodConfig()).values());
            case "query-string" ->
                new Condition.Query(Objects.requireNonNull(kept.queryStringConfig()).values().stream()
                        .map(Conditions::pair)
                        .toList());
            case "source-ip" ->
                new Condition.Source(Objects.requireNonNull(kept.sourceIpConfig()).values().stream()
                        .map(Block::parse)
                        .toList());
            default -> throw new IllegalArgumentException("no condition of the kind " + kept.field());
        };
    }

    private static Condition.Pair pair(QueryStringKeyValuePair kept) {
        String key = kept.key();
        String value = Objects.requireNonNull(kept.value());
        return new Condition.Pair(key == null ? null : Text.wild(key, true), Text.wild(value, true));
    }

    private static List<Text> all(List<String> values, List<String> regex, boolean anyCase) {
        return Stream.concat(
                        values.stream().map(each -> Text.wild(each, anyCase)),
                        regex.stream().map(each -> Text.regex(each, anyCase)))
                .toList();
    }

    /** The transforms, looked at. */
    static List<RuleTransform> transforms(List<RuleTransform> wanted) {
        Set<String> seen = new java.util.HashSet<>();
        for (RuleTransform each : wanted) {
            if (!seen.add(String.valueOf(each.type()))) {
                throw ElbFaults.validation("Only one transform of type '" + each.type() + "' may be specified");
            }
            try {
                toTable(each);
            } catch (IllegalArgumentException e) {
                throw ElbFaults.validation("The transform is not valid: " + e.getMessage());
            }
        }
        return wanted;
    }

    /** A transform as the data plane has it. */
    static Transform toTable(RuleTransform kept) {
        HostHeaderRewriteConfig host = kept.hostHeaderRewriteConfig();
        UrlRewriteConfig url = kept.urlRewriteConfig();
        return switch (String.valueOf(kept.type())) {
            case TransformTypeEnum.HOST_HEADER_REWRITE ->
                new Transform.Host(rewrites(host == null ? List.of() : host.rewrites()));
            case TransformTypeEnum.URL_REWRITE -> new Transform.Url(rewrites(url == null ? List.of() : url.rewrites()));
            default -> throw new IllegalArgumentException("no transform of the kind " + kept.type());
        };
    }

    private static List<Transform.Rewrite> rewrites(List<RewriteConfig> all) {
        if (all.size() != 1) {
            throw new IllegalArgumentException("exactly one rewrite must be specified");
        }
        return all.stream()
                .map(each -> Transform.Rewrite.of(each.regex(), each.replace()))
                .toList();
    }
}
