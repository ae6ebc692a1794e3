package dev.haneul.services.route53;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Names as Route 53 keeps them: in lower case, with a final dot, and everything but letters, digits, {@code -} and
 * {@code _} as {@code \ooo}, so that {@code *.example.com} is {@code \052.example.com.}
 *
 * @see <a href="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html">Name format</a>
 */
final class DnsNames {
    /** Stands before every character of a label, so that parents sort before their children. */
    static final char BREAK = '\u0001';

    static final String WILD = "\\052";
    private static final int MOST_BYTES = 255;
    private static final int LABEL_BYTES = 63;
    private static final int ESCAPE = 4;

    private DnsNames() {}

    /** The name in canonical form; empty where it is none. */
    static Optional<String> canonical(String text) {
        String whole = text.endsWith(".") ? text : text + ".";
        StringBuilder out = new StringBuilder();
        int label = 0;
        for (int i = 0; i < whole.length(); i++) {
            char c = Character.toLowerCase(whole.charAt(i));
            if (c == '.') {
                if (label == 0 || label > LABEL_BYTES) {
                    return Optional.empty();
                }
                label = 0;
                out.append('.');
                continue;
            }
            label++;
            if (c == '\\'
                    && i + ESCAPE <= whole.length()
                    && whole.substring(i + 1, i + ESCAPE).matches("[0-3][0-7]{2}")) {
                append(out, (char) Integer.parseInt(whole.substring(i + 1, i + ESCAPE), 8));
                i += ESCAPE - 1;
            } else if (c <= ' ' || c > '~') {
                return Optional.empty();
            } else {
                append(out, c);
            }
        }
        return out.length() > MOST_BYTES ? Optional.empty() : Optional.of(out.toString());
    }

    private static void append(StringBuilder out, char c) {
        char lower = Character.toLowerCase(c);
        if (lower >= 'a' && lower <= 'z' || lower >= '0' && lower <= '9' || lower == '-' || lower == '_') {
            out.append(lower);
        } else {
            out.append(String.format(Locale.ROOT, "\\%03o", (int) c));
        }
    }

    /** The labels from the right, each ended by a break: names in this order are in AWS's. */
    static String order(String name) {
        List<String> labels = new ArrayList<>(Arrays.asList(name.split("\\.")));
        Collections.reverse(labels);
        StringBuilder out = new StringBuilder();
        labels.forEach(label -> out.append(label).append(BREAK));
        return out.toString();
    }

    /** Whether a name is the zone's or below it. */
    static boolean within(String name, String zone) {
        return name.equals(zone) || name.endsWith("." + zone);
    }

    /** The name above; empty for the root. */
    static String parent(String name) {
        return name.substring(name.indexOf('.') + 1);
    }
}
