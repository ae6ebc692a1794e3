package dev.haneul.kernel.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of the policy language, compiled: {@code *} is any run of characters, {@code ?} any one character, and
 * <code>${key}</code> or <code>${key, 'default'}</code> is a policy variable, whose value is taken literally.
 *
 * <p>Matching takes time in proportion to pattern times text at worst and never backtracks deeper than one star.
 */
public final class Glob {
    /** Stand for the wildcards in a compiled pattern; noncharacters, which no document may hold. */
    static final char ANY_RUN = '\uFFFE';

    static final char ANY_ONE = '\uFFFF';

    private final String source;
    private final List<Part> parts;
    private final char @Nullable [] fixed;
    private final Shortcut shortcut;

    private Glob(String source, List<Part> parts) {
        this.source = source;
        this.parts = List.copyOf(parts);
        this.fixed = fixed(parts);
        this.shortcut = Shortcut.of(fixed);
    }

    /** Compiles; wildcards only where {@code wildcards}, variables only where {@code variables}. */
    public static Glob compile(String source, boolean wildcards, boolean variables) {
        return new Glob(source, Part.split(source, wildcards, variables));
    }

    static Glob ofParts(String source, List<Part> parts) {
        return new Glob(source, parts);
    }

    /** Whether the whole text matches; false where a variable has no single value in this context. */
    public boolean matches(String text, RequestContext context) {
        return matches(text, 0, text.length(), context);
    }

    /** Like {@link #matches(String, RequestContext)} on a part of the text. */
    boolean matches(String text, int from, int to, RequestContext context) {
        char[] pattern = fixed;
        if (pattern == null) {
            pattern = resolve(context);
            return pattern != null && run(pattern, text, from, to);
        }
        return switch (shortcut) {
            case EVERYTHING -> true;
            case EXACT -> to - from == pattern.length && startsWith(pattern, pattern.length, text, from);
            case PREFIX -> to - from >= pattern.length - 1 && startsWith(pattern, pattern.length - 1, text, from);
            case NONE -> run(pattern, text, from, to);
        };
    }

    /** The text with variables filled in and wildcards back in their own form; null where one has no value. */
    @Nullable
    String expand(RequestContext context) {
        char[] pattern = fixed == null ? resolve(context) : fixed;
        return pattern == null
                ? null
                : new String(pattern).replace(ANY_RUN, '*').replace(ANY_ONE, '?');
    }

    /** Whether it holds no wildcard and no variable. */
    boolean literal() {
        return shortcut == Shortcut.EXACT;
    }

    boolean matchesEverything() {
        return shortcut == Shortcut.EVERYTHING;
    }

    private char @Nullable [] resolve(RequestContext context) {
        StringBuilder out = new StringBuilder();
        for (Part part : parts) {
            String value = part.value(context);
            if (value == null) {
                return null;
            }
            out.append(value);
        }
        return out.toString().toCharArray();
    }

    private static char @Nullable [] fixed(List<Part> parts) {
        StringBuilder out = new StringBuilder();
        for (Part part : parts) {
            if (part.key() != null) {
                return null;
            }
            out.append(part.text());
        }
        return out.toString().toCharArray();
    }

    private static boolean startsWith(char[] prefix, int length, String text, int from) {
        for (int i = 0; i < length; i++) {
            if (prefix[i] != text.charAt(from + i)) {
                return false;
            }
        }
        return true;
    }

    /** The usual two-pointer match: only the last star is ever tried again. */
    private static boolean run(char[] pattern, String text, int from, int to) {
        int p = 0;
        int t = from;
        int star = -1;
        int resume = from;
        while (t < to) {
            if (p < pattern.length && pattern[p] == ANY_RUN) {
                star = p++;
                resume = t;
            } else if (p < pattern.length && (pattern[p] == ANY_ONE || pattern[p] == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == ANY_RUN) {
            p++;
        }
        return p == pattern.length;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Glob that && parts.equals(that.parts);
    }

    @Override
    public int hashCode() {
        return parts.hashCode();
    }

    /** The pattern as it was written. */
    @Override
    public String toString() {
        return source;
    }

    private enum Shortcut {
        EVERYTHING,
        EXACT,
        PREFIX,
        NONE;

        static Shortcut of(char @Nullable [] pattern) {
            if (pattern == null) {
                return NONE;
            }
            int wild = 0;
            for (char c : pattern) {
                wild += c == ANY_RUN || c == ANY_ONE ? 1 : 0;
            }
            boolean starLast = pattern.length > 0 && pattern[pattern.length - 1] == ANY_RUN;
            if (wild == 0) {
                return EXACT;
            }
            return wild > 1 || !starLast ? NONE : pattern.length == 1 ? EVERYTHING : PREFIX;
        }
    }

    /**
     * A piece of a pattern: fixed text (wildcards in their compiled form), or a variable.
     *
     * @param text the fixed text, or the variable's default (null for none)
     * @param key the variable's key in lower case; null for fixed text
     */
    record Part(@Nullable String text, @Nullable String key) {
        @Nullable
        String value(RequestContext context) {
            if (key == null) {
                return text;
            }
            List<String> values = context.get(key);
            if (values == null || values.size() != 1) {
                return text;
            }
            String value = values.getFirst();
            boolean hostile = value.indexOf(ANY_RUN) >= 0 || value.indexOf(ANY_ONE) >= 0;
            return hostile ? null : value;
        }

        static List<Part> split(String source, boolean wildcards, boolean variables) {
            List<Part> parts = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            int i = 0;
            while (i < source.length()) {
                char c = source.charAt(i);
                int end = variables && source.startsWith("${", i) ? source.indexOf('}', i) : -1;
                if (end > 0) {
                    Part variable = variable(source.substring(i + 2, end));
                    if (variable.key() == null) {
                        text.append(variable.text());
                    } else {
                        flush(text, parts);
                        parts.add(variable);
                    }
                    i = end + 1;
                    continue;
                }
                text.append(wildcards && c == '*' ? ANY_RUN : wildcards && c == '?' ? ANY_ONE : c);
                i++;
            }
            flush(text, parts);
            return parts;
        }

        private static void flush(StringBuilder text, List<Part> parts) {
            if (!text.isEmpty()) {
                parts.add(new Part(text.toString(), null));
                text.setLength(0);
            }
        }

        /** The three escapes give their character; all else is a key, perhaps with a quoted default. */
        private static Part variable(String inside) {
            if (inside.equals("*") || inside.equals("?") || inside.equals("$")) {
                return new Part(inside, null);
            }
            int comma = inside.indexOf(',');
            if (comma < 0) {
                return new Part(null, inside.strip().toLowerCase(Locale.ROOT));
            }
            String fallback = inside.substring(comma + 1).strip();
            boolean quoted = fallback.length() >= 2 && fallback.startsWith("'") && fallback.endsWith("'");
            String value = quoted ? fallback.substring(1, fallback.length() - 1) : null;
            return new Part(value, inside.substring(0, comma).strip().toLowerCase(Locale.ROOT));
        }
    }
}
