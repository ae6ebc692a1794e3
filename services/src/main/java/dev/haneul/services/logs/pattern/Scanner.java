package dev.haneul.services.logs.pattern;

/** Reads a pattern from left to right. */
final class Scanner {
    private final String text;
    private int at;

    Scanner(String text) {
        this.text = text;
    }

    boolean atEnd() {
        return at >= text.length();
    }

    /** The next character, NUL at the end. */
    char peek() {
        return atEnd() ? 0 : text.charAt(at);
    }

    char next() {
        return text.charAt(at++);
    }

    void skipSpace() {
        while (!atEnd() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    /** Whether this comes next; passes over it if so. */
    boolean take(String what) {
        if (text.startsWith(what, at)) {
            at += what.length();
            return true;
        }
        return false;
    }

    /** Like {@link #take} for a word, whatever its case, that ends here. */
    boolean takeWord(String what) {
        int end = at + what.length();
        boolean there = text.regionMatches(true, at, what, 0, what.length())
                && (end >= text.length() || !Character.isLetterOrDigit(text.charAt(end)));
        if (there) {
            at = end;
            skipSpace();
        }
        return there;
    }

    void expect(String what) {
        if (!take(what)) {
            throw unexpected();
        }
    }

    /** A phrase in double quotes; a backslash takes the next character as it is. */
    String quoted() {
        StringBuilder out = new StringBuilder();
        at++;
        while (true) {
            if (atEnd()) {
                throw InvalidPatternException.badTerm("\"");
            }
            char c = next();
            if (c == '"') {
                return out.toString();
            }
            out.append(c == '\\' && !atEnd() ? next() : c);
        }
    }

    /** What stands between percent signs. */
    String regex() {
        at++;
        int end = text.indexOf('%', at);
        if (end < 0) {
            throw InvalidPatternException.badTerm("%");
        }
        String found = text.substring(at, end);
        at = end + 1;
        return found;
    }

    /** An unquoted term: letters, digits and underscores. */
    String word() {
        int start = at;
        while (!atEnd() && !Character.isWhitespace(peek())) {
            if (!isWordChar(peek())) {
                throw InvalidPatternException.badTerm(String.valueOf(peek()));
            }
            at++;
        }
        if (start == at) {
            throw new InvalidPatternException("Invalid filter pattern: a term is missing");
        }
        return text.substring(start, at);
    }

    /** An unquoted run of characters of a name or value, which may hold these others too. */
    String run(String others) {
        int start = at;
        while (!atEnd() && (isWordChar(peek()) || others.indexOf(peek()) >= 0)) {
            at++;
        }
        if (start == at) {
            throw unexpected();
        }
        return text.substring(start, at);
    }

    InvalidPatternException unexpected() {
        return atEnd()
                ? new InvalidPatternException("Invalid filter pattern: it ends too soon")
                : InvalidPatternException.badTerm(String.valueOf(peek()));
    }

    private static boolean isWordChar(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }
}
