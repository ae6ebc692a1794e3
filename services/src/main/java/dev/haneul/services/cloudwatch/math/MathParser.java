package dev.haneul.services.cloudwatch.math;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads an expression. Depth and length are bounded, for expressions come from strangers. */
final class MathParser {
    private static final int LONGEST = 2048;
    private static final int DEEPEST = 60;
    private static final List<List<String>> LEVELS = List.of(
            List.of("||", "OR"),
            List.of("&&", "AND"),
            List.of("==", "!=", "<=", ">=", "<", ">"),
            List.of("+", "-"),
            List.of("*", "/"));

    private final String text;
    private int at;
    private int depth;

    private MathParser(String text) {
        this.text = text;
    }

    static MathNode parse(String text) {
        if (text.length() > LONGEST) {
            throw new MathException("The expression is longer than " + LONGEST + " characters");
        }
        MathParser in = new MathParser(text);
        MathNode node = in.level(0);
        in.space();
        if (in.at < text.length()) {
            throw in.unexpected();
        }
        return node;
    }

    private MathNode level(int level) {
        if (level == LEVELS.size()) {
            return power();
        }
        MathNode left = level(level + 1);
        for (String operator = operator(level); operator != null; operator = operator(level)) {
            left = new MathNode.Binary(canonical(operator), left, level(level + 1));
        }
        return left;
    }

    private static String canonical(String operator) {
        return operator.equals("OR") ? "||" : operator.equals("AND") ? "&&" : operator;
    }

    private @org.jspecify.annotations.Nullable String operator(int level) {
        space();
        for (String each : LEVELS.get(level)) {
            boolean word = Character.isLetter(each.charAt(0));
            int end = at + each.length();
            if (text.regionMatches(true, at, each, 0, each.length())
                    && !(word && end < text.length() && isName(text.charAt(end)))) {
                at = end;
                return each;
            }
        }
        return null;
    }

    /** Binds stronger than a sign before it, weaker than one behind it, and from the right. */
    private MathNode power() {
        space();
        enter();
        try {
            if (take("-")) {
                return new MathNode.Negative(power());
            }
            if (take("+")) {
                return power();
            }
            MathNode base = atom();
            space();
            return take("^") ? new MathNode.Binary("^", base, power()) : base;
        } finally {
            depth--;
        }
    }

    private MathNode atom() {
        space();
        if (at >= text.length()) {
            throw new MathException("The expression ends too soon");
        }
        char c = text.charAt(at);
        if (take("(")) {
            MathNode inner = level(0);
            expect(")");
            return inner;
        }
        if (take("[")) {
            return new MathNode.Array(list("]"));
        }
        if (c == '"' || c == '\'') {
            return new MathNode.Text(quoted(c));
        }
        if (Character.isDigit(c) || c == '.') {
            return new MathNode.Number(number());
        }
        if (!Character.isLetter(c)) {
            throw unexpected();
        }
        int start = at;
        while (at < text.length() && isName(text.charAt(at))) {
            at++;
        }
        String name = text.substring(start, at);
        space();
        return take("(") ? new MathNode.Call(name.toUpperCase(Locale.ROOT), list(")")) : new MathNode.Name(name);
    }

    private List<MathNode> list(String close) {
        List<MathNode> found = new ArrayList<>();
        space();
        if (take(close)) {
            return found;
        }
        do {
            found.add(level(0));
            space();
        } while (take(","));
        expect(close);
        return found;
    }

    private String quoted(char quote) {
        StringBuilder out = new StringBuilder();
        at++;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == quote) {
                return out.toString();
            }
            out.append(c == '\\' && at < text.length() ? text.charAt(at++) : c);
        }
        throw new MathException("A quotation mark is missing");
    }

    private double number() {
        int start = at;
        while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
                at++;
            }
            while (at < text.length() && Character.isDigit(text.charAt(at))) {
                at++;
            }
        }
        try {
            return Double.parseDouble(text.substring(start, at));
        } catch (NumberFormatException _) {
            throw new MathException("Not a number: " + text.substring(start, at));
        }
    }

    private void enter() {
        depth++;
        if (depth > DEEPEST) {
            throw new MathException("The expression is nested too deeply");
        }
    }

    private void space() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private boolean take(String what) {
        boolean there = text.startsWith(what, at);
        at += there ? what.length() : 0;
        return there;
    }

    private void expect(String what) {
        space();
        if (!take(what)) {
            throw unexpected();
        }
    }

    private MathException unexpected() {
        return at >= text.length()
                ? new MathException("The expression ends too soon")
                : new MathException("Unexpected '" + text.charAt(at) + "' at position " + at);
    }

    private static boolean isName(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
}
