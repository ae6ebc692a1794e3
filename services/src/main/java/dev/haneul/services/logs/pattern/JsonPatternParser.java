package dev.haneul.services.logs.pattern;

import dev.haneul.services.logs.pattern.JsonPattern.Node;

/** Reads <code>{ $.a = 1 && ($.b = "x*" || $.c IS NULL) }</code>; {@code &&} binds closer than {@code ||}. */
final class JsonPatternParser {
    private static final int DEEPEST = 50;

    private final Scanner in;
    private int depth;

    JsonPatternParser(String text) {
        in = new Scanner(text);
    }

    JsonPattern parse() {
        in.expect("{");
        in.skipSpace();
        Node root = either();
        in.expect("}");
        in.skipSpace();
        if (!in.atEnd()) {
            throw in.unexpected();
        }
        return new JsonPattern(root);
    }

    private Node either() {
        Node left = both();
        while (in.take("||")) {
            in.skipSpace();
            left = new Node.Both(left, both(), false);
        }
        return left;
    }

    private Node both() {
        Node left = one();
        while (in.take("&&")) {
            in.skipSpace();
            left = new Node.Both(left, one(), true);
        }
        return left;
    }

    private Node one() {
        if (in.take("(")) {
            if (++depth > DEEPEST) {
                throw new InvalidPatternException("Invalid filter pattern: too many parentheses");
            }
            in.skipSpace();
            Node inside = either();
            in.expect(")");
            in.skipSpace();
            depth--;
            return inside;
        }
        JsonSelector selector = JsonSelector.parse(in);
        in.skipSpace();
        Node found = condition(selector);
        in.skipSpace();
        return found;
    }

    private Node condition(JsonSelector selector) {
        if (in.takeWord("IS")) {
            if (in.takeWord("NULL")) {
                return new Node.Is(selector, null);
            }
            if (in.takeWord("TRUE")) {
                return new Node.Is(selector, true);
            }
            if (in.takeWord("FALSE")) {
                return new Node.Is(selector, false);
            }
            throw in.unexpected();
        }
        if (in.takeWord("NOT")) {
            if (in.takeWord("EXISTS")) {
                return new Node.Absent(selector);
            }
            throw in.unexpected();
        }
        return new Node.Compare(selector, Comparison.parse(in));
    }
}
