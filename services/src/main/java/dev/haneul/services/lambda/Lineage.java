package dev.haneul.services.lambda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How often functions have run in one chain of events, told in the trace header that AWS's SDKs hand on: {@code
 * Root=…;Lineage=1:5f1c7e0a:3} says that the function with that mark has run, and has been called again three times.
 * Pure.
 *
 * @param header for the next invocation
 * @param count how often the function was called again in this chain, this time included
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html">Use Lambda recursive loop
 *     detection to prevent infinite loops</a>
 */
record Lineage(String header, int count) {
    /** AWS stops a chain "after about 16" invocations of a function. */
    static final int MOST_CALLS = 16;

    private static final int MOST_MARKS = 16;
    private static final int LONGEST_HEADER = 1024;
    private static final Pattern MARK = Pattern.compile("(?:[0-9]{1,3}:)?([0-9a-f]{8}):([0-9]{1,5})");

    /** Whether the chain is to be stopped. */
    boolean loops() {
        return count >= MOST_CALLS;
    }

    /**
     * The lineage of an invocation.
     *
     * @param before the trace header that came with it; null for none
     * @param fresh a new trace header, for a chain that begins
     */
    static Lineage of(@Nullable String before, String fresh, FunctionRef ref) {
        String mark = Digests.hex(ref.arn()).substring(0, 8);
        List<String> fields = new ArrayList<>();
        List<String> marks = new ArrayList<>();
        int count = 0;
        String given = before == null || before.length() > LONGEST_HEADER ? "" : before;
        for (String field : (given.toLowerCase(Locale.ROOT).contains("root=") ? given : fresh).split(";")) {
            if (!field.isBlank() && !field.strip().startsWith("Lineage=")) {
                fields.add(field.strip());
            }
        }
        for (String one : marks(given)) {
            Matcher parts = MARK.matcher(one);
            if (!parts.matches()) {
                continue;
            }
            if (parts.group(1).equals(mark)) {
                count = Integer.parseInt(parts.group(2)) + 1;
            } else if (marks.size() < MOST_MARKS) {
                marks.add(one);
            }
        }
        marks.addFirst("1:" + mark + ":" + count);
        fields.add("Lineage=" + String.join("|", marks));
        return new Lineage(String.join(";", fields), count);
    }

    private static List<String> marks(String header) {
        Optional<String> field = List.of(header.split(";")).stream()
                .map(String::strip)
                .filter(one -> one.startsWith("Lineage="))
                .findFirst();
        return field.map(text -> List.of(text.substring("Lineage=".length()).split("\\|")))
                .orElse(List.of());
    }
}
