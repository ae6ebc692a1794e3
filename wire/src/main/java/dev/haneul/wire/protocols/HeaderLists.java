package dev.haneul.wire.protocols;

import java.util.ArrayList;
import java.util.List;

/**
 * Lists in headers: comma-separated, values with commas or quotes in double quotes; HTTP dates carry a comma of their
 * own. See Smithy's {@code httpHeader} serialisation rules.
 */
final class HeaderLists {
    private HeaderLists() {}

    /**
     * The values of a header line.
     *
     * @throws Malformed where a quote is left open or followed by text
     */
    static List<String> split(String line) {
        List<String> found = new ArrayList<>();
        int at = 0;
        while (at < line.length()) {
            at = skipSpace(line, at);
            if (at < line.length() && line.charAt(at) == '"') {
                StringBuilder value = new StringBuilder();
                at = skipSpace(line, quoted(line, at + 1, value));
                if (at < line.length() && line.charAt(at) != ',') {
                    throw new Malformed("Expected a comma after a quoted header value.");
                }
                found.add(value.toString());
            } else {
                int comma = line.indexOf(',', at);
                int end = comma < 0 ? line.length() : comma;
                found.add(line.substring(at, end).strip());
                at = end;
            }
            at++;
        }
        return found;
    }

    /** The HTTP dates of a header line: every second comma parts two of them. */
    static List<String> splitHttpDates(String line) {
        List<String> found = new ArrayList<>();
        int from = 0;
        while (from < line.length()) {
            int inner = line.indexOf(',', from);
            int comma = inner < 0 ? -1 : line.indexOf(',', inner + 1);
            int end = comma < 0 ? line.length() : comma;
            found.add(line.substring(from, end).strip());
            from = end + 1;
        }
        return found;
    }

    /** Quotes a value where it needs it. */
    static String quote(String value) {
        if (value.indexOf(',') < 0 && value.indexOf('"') < 0) {
            return value;
        }
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static int skipSpace(String line, int from) {
        int at = from;
        while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }

    /** Reads up to the closing quote; answers the place after it. */
    private static int quoted(String line, int from, StringBuilder value) {
        for (int at = from; at < line.length(); at++) {
            char c = line.charAt(at);
            if (c == '"') {
                return at + 1;
            }
            if (c == '\\' && at + 1 < line.length()) {
                at++;
                c = line.charAt(at);
            }
            value.append(c);
        }
        throw new Malformed("A quoted header value is not closed.");
    }
}
