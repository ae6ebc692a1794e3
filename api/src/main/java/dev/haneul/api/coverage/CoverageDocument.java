package dev.haneul.api.coverage;

import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.ServiceShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The Markdown of {@code docs/coverage.md}. */
public final class CoverageDocument {
    private CoverageDocument() {}

    /**
     * Every operation of every service, ticked where it is implemented; services by id, operations by name.
     *
     * @param implemented names of implemented operations by service, as {@link Implemented} finds them
     * @throws IllegalArgumentException where a name is no operation of its service
     */
    public static String of(Map<ServiceShape, Set<String>> implemented) {
        List<ServiceShape> services = new ArrayList<>(implemented.keySet());
        services.sort(Comparator.comparing(ServiceShape::id));
        StringBuilder out = new StringBuilder("""
                # Coverage

                Made from the code by the build; do not edit. An operation that is not ticked exists as a type and
                answers `NotImplemented` (HTTP 501) in its service's own error format.

                | Service | Implemented | Of | |
                |---|---:|---:|---:|
                """);
        int built = 0;
        int all = 0;
        for (ServiceShape service : services) {
            Set<String> names = known(service, implemented.getOrDefault(service, Set.of()));
            row(out, "[" + service.facts().sdkId() + "](#" + anchor(service) + ")", names.size(), size(service));
            built += names.size();
            all += size(service);
        }
        row(out, "**All**", built, all);
        for (ServiceShape service : services) {
            section(out, service, implemented.getOrDefault(service, Set.of()));
        }
        return out.toString();
    }

    private static Set<String> known(ServiceShape service, Set<String> names) {
        for (String name : names) {
            if (service.operation(name) == null) {
                throw new IllegalArgumentException(service.id() + " has no operation " + name);
            }
        }
        return names;
    }

    private static void row(StringBuilder out, String name, int built, int all) {
        int percent = all == 0 ? 0 : built * 100 / all;
        out.append("| %s | %d | %d | %d %% |\n".formatted(name, built, all, percent));
    }

    private static void section(StringBuilder out, ServiceShape service, Set<String> names) {
        out.append("\n## ").append(heading(service)).append("\n\n");
        List<OperationShape> operations = new ArrayList<>(service.operations());
        operations.sort(Comparator.comparing(OperationShape::name));
        for (OperationShape operation : operations) {
            out.append(names.contains(operation.name()) ? "- [x] " : "- [ ] ");
            out.append(operation.name()).append('\n');
        }
    }

    private static String heading(ServiceShape service) {
        return service.id() + ": " + service.facts().sdkId();
    }

    /** The anchor Markdown renderers give the heading: lower case, punctuation dropped, spaces as hyphens. */
    private static String anchor(ServiceShape service) {
        return heading(service)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9 -]", "")
                .replace(' ', '-');
    }

    private static int size(ServiceShape service) {
        return service.operations().size();
    }
}
