package dev.haneul.services.ssm;

import dev.haneul.api.ssm.ParameterStringFilter;
import dev.haneul.api.ssm.ParametersFilter;
import dev.haneul.services.ssm.SsmTables.ParameterRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which parameters a listing is about; all filters must match, each by any of its values. */
record Filters(List<Filter> all) {
    private static final Set<String> KEYS = Set.of("Name", "Path", "Type", "KeyId", "Tier", "DataType", "Label");
    private static final Set<String> PATH_KEYS = Set.of("Type", "KeyId", "Label");

    private record Filter(String key, String option, List<String> values) {}

    static Filters of(List<ParameterStringFilter> asked) {
        List<Filter> all = new ArrayList<>();
        for (ParameterStringFilter each : asked) {
            if (!KEYS.contains(each.key()) && !each.key().startsWith("tag:")) {
                throw SsmFaults.badFilter(each.key());
            }
            boolean path = each.key().equals("Path");
            String option = each.option() == null ? path ? "OneLevel" : "Equals" : each.option();
            Set<String> options = path
                    ? Set.of("Recursive", "OneLevel")
                    : each.key().equals("Name")
                            ? Set.of("Equals", "BeginsWith", "Contains")
                            : Set.of("Equals", "BeginsWith");
            if (!options.contains(option)) {
                throw SsmFaults.badOption(option, each.key());
            }
            if (each.values().isEmpty() && !each.key().startsWith("tag:")) {
                throw SsmFaults.validation(
                        "The following filter values are missing: null for filter key " + each.key());
            }
            all.add(new Filter(each.key(), option, each.values()));
        }
        return new Filters(all);
    }

    /** GetParametersByPath takes fewer. */
    static Filters ofPath(List<ParameterStringFilter> asked) {
        for (ParameterStringFilter each : asked) {
            if (!PATH_KEYS.contains(each.key())) {
                throw SsmFaults.badFilter(each.key());
            }
        }
        return of(asked);
    }

    /** The older form: names by their beginning, the others whole. */
    static Filters old(List<ParametersFilter> asked) {
        return new Filters(asked.stream()
                .map(each -> new Filter(each.key(), each.key().equals("Name") ? "BeginsWith" : "Equals", each.values()))
                .toList());
    }

    boolean match(ParameterRow row) {
        return all.stream().allMatch(each -> matches(each, row));
    }

    private static boolean matches(Filter filter, ParameterRow row) {
        if (filter.key().equals("Label")) {
            return row.current().labels().stream().anyMatch(filter.values()::contains);
        }
        String value = value(filter.key(), row);
        if (value == null) {
            return false;
        }
        if (filter.values().isEmpty()) {
            return true;
        }
        return filter.values().stream().anyMatch(wanted -> switch (filter.option()) {
            case "BeginsWith" -> bare(value, wanted).startsWith(wanted);
            case "Contains" -> value.contains(wanted);
            case "Recursive" -> value.startsWith(wanted.endsWith("/") ? wanted : wanted + "/");
            case "OneLevel" -> {
                String path = wanted.endsWith("/") ? wanted : wanted + "/";
                yield value.startsWith(path) && value.indexOf('/', path.length()) < 0;
            }
            default -> bare(value, wanted).equals(wanted);
        });
    }

    /** A name matches with or without its first slash. */
    private static String bare(String value, String wanted) {
        return value.startsWith("/") && !wanted.startsWith("/") ? value.substring(1) : value;
    }

    private static @Nullable String value(String key, ParameterRow row) {
        return switch (key) {
            case "Name", "Path" -> row.current().name();
            case "Type" -> row.current().about().type();
            case "KeyId" -> row.current().about().keyId();
            case "Tier" -> row.current().about().tier();
            case "DataType" -> row.current().about().dataType();
            default -> row.tags().get(key.substring("tag:".length()));
        };
    }
}
