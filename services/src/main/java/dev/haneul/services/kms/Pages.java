package dev.haneul.services.kms;

import dev.haneul.kernel.Tokens;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Cuts lists into pages; a marker holds the last name of the page before. */
final class Pages {
    private static final int DEFAULT = 50;

    private final Tokens tokens;

    Pages(Tokens tokens) {
        this.tokens = tokens;
    }

    /** A page, and the marker of the next; null for none. */
    record Page<T>(List<T> items, @Nullable String next) {}

    /** The page after a marker of items that are in order of their names. */
    <T> Page<T> of(
            String context, List<T> all, Function<T, String> name, @Nullable Integer limit, @Nullable String marker) {
        int most = limit == null ? DEFAULT : limit;
        String after = marker == null ? "" : tokens.open(context, marker).orElseThrow(KmsFaults::badMarker);
        List<T> left = all.stream()
                .filter(each -> name.apply(each).compareTo(after) > 0)
                .toList();
        if (left.size() <= most) {
            return new Page<>(left, null);
        }
        List<T> items = left.subList(0, most);
        return new Page<>(items, tokens.seal(context, name.apply(items.getLast())));
    }
}
