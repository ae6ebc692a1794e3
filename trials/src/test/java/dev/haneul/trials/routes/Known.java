package dev.haneul.trials.routes;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The golden list of what is known not to come through, each with its reason. */
final class Known {
    private final List<Entry> entries;
    private final Set<Entry> used = ConcurrentHashMap.newKeySet();

    private record Entry(Pattern operation, Pattern what, String reason) {
        static Entry parse(String line) {
            String[] columns = line.split(" \\| ", 3);
            if (columns.length != 3 || columns[2].isBlank()) {
                throw new IllegalArgumentException(
                        "a known deviation needs an operation, a pattern and a reason: " + line);
            }
            return new Entry(
                    Pattern.compile(columns[0].strip()),
                    Pattern.compile(columns[1].strip(), Pattern.DOTALL),
                    columns[2]);
        }

        boolean covers(String name, String found) {
            return operation.matcher(name).matches() && what.matcher(found).matches();
        }
    }

    private Known(List<Entry> entries) {
        this.entries = entries;
    }

    static Known read() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Known.class.getResourceAsStream("known.txt")), StandardCharsets.UTF_8))) {
            return new Known(lines.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Entry::parse)
                    .toList());
        }
    }

    /** Whether this stands in the list. */
    boolean covers(String operation, String found) {
        List<Entry> covering =
                entries.stream().filter(entry -> entry.covers(operation, found)).toList();
        used.addAll(covering);
        return !covering.isEmpty();
    }

    /** The entries for these services that have covered nothing. */
    List<String> idle(Set<String> services) {
        return entries.stream()
                .filter(entry -> !used.contains(entry))
                .filter(entry -> services.contains(entry.operation.pattern().split(":")[0]))
                .map(entry -> entry.operation + " | " + entry.what + " | " + entry.reason)
                .toList();
    }
}
