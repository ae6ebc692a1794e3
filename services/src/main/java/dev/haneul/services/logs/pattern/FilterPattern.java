package dev.haneul.services.logs.pattern;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A parsed filter pattern. */
public interface FilterPattern {
    /** Matches every message. */
    FilterPattern ALL = message -> true;

    /** The longest pattern there may be. */
    int LONGEST = 1024;

    /** Whether a message matches. */
    boolean matches(String message);

    /** The values the pattern names, from a message that matches: {@code $field} or {@code $.path} and its text. */
    default Map<String, String> extract(String message) {
        return Map.of();
    }

    /**
     * Parses; no pattern or an empty one matches everything.
     *
     * @throws InvalidPatternException where it breaks the syntax
     */
    static FilterPattern parse(@Nullable String text) {
        String pattern = text == null ? "" : text.strip();
        if (pattern.length() > LONGEST) {
            throw new InvalidPatternException("The filter pattern is longer than " + LONGEST + " characters");
        }
        if (pattern.isEmpty()) {
            return ALL;
        }
        if (pattern.startsWith("{")) {
            return new JsonPatternParser(pattern).parse();
        }
        if (pattern.startsWith("[")) {
            return FieldPattern.parse(pattern);
        }
        if (pattern.length() > 1 && pattern.startsWith("%") && pattern.endsWith("%")) {
            LogRegex regex = LogRegex.compile(pattern.substring(1, pattern.length() - 1));
            return regex::find;
        }
        return TermPattern.parse(pattern);
    }
}
