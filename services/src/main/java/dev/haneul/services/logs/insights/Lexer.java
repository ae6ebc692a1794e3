package dev.haneul.services.logs.insights;

import java.util.ArrayList;
import java.util.List;

/** Cuts a query into words, numbers, texts, regular expressions and signs. */
final class Lexer {
    private static final int LONGEST = 10_000;
    private static final List<String> SIGNS =
            List.of("<=", ">=", "!=", "=~", "=", "<", ">", "(", ")", "[", "]", ",", "|", "+", "-", "*", "/", "%", "^");

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    enum Kind {
        WORD,
        QUOTED_WORD,
        NUMBER,
        TEXT,
        REGEX,
        SIGN,
        END
    }

    /** @param at where it begins in the query */
    record Token(Kind kind, String text, int at) {}

    private Lexer(String text) {
        this.text = text;
    }

    static List<Token> tokens(String text) {
        if (text.length() > LONGEST) {
            throw new BadQueryException("The query is longer than " + LONGEST + " characters");
        }
        Lexer lexer = new Lexer(text);
        while (lexer.next()) {
            // goes on
        }
        lexer.tokens.add(new Token(Kind.END, "", text.length()));
        return lexer.tokens;
    }

    private boolean next() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        if (at >= text.length()) {
            return false;
        }
        char c = text.charAt(at);
        if (c == '#') {
            int end = text.indexOf('\n', at);
            at = end < 0 ? text.length() : end;
        } else if (c == '"' || c == '\'') {
            add(Kind.TEXT, enclosed(c, true));
        } else if (c == '`') {
            add(Kind.QUOTED_WORD, enclosed(c, false));
        } else if (c == '/' && regexMayStandHere()) {
            add(Kind.REGEX, regex());
        } else if (Character.isDigit(c)) {
            number();
        } else if (isWord(c)) {
            int start = at;
            while (at < text.length() && (isWord(text.charAt(at)) || text.charAt(at) == '.')) {
                at++;
            }
            tokens.add(new Token(Kind.WORD, text.substring(start, at), start));
        } else {
            sign();
        }
        return true;
    }

    private void add(Kind kind, String found) {
        tokens.add(new Token(kind, found, at));
    }

    private boolean regexMayStandHere() {
        if (tokens.isEmpty()) {
            return false;
        }
        Token last = tokens.getLast();
        boolean afterParse =
                tokens.size() > 1 && tokens.get(tokens.size() - 2).text().equalsIgnoreCase("parse");
        return last.text().equalsIgnoreCase("like")
                || last.text().equals("=~")
                || last.text().equalsIgnoreCase("parse")
                || afterParse;
    }

    private String enclosed(char quote, boolean escapes) {
        StringBuilder out = new StringBuilder();
        at++;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == quote) {
                return out.toString();
            }
            if (escapes && c == '\\' && at < text.length() && (text.charAt(at) == quote || text.charAt(at) == '\\')) {
                out.append(text.charAt(at++));
            } else {
                out.append(c);
            }
        }
        throw new BadQueryException("unterminated text in the query");
    }

    private String regex() {
        StringBuilder out = new StringBuilder();
        at++;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '/') {
                return out.toString();
            }
            if (c == '\\' && at < text.length()) {
                char escaped = text.charAt(at++);
                out.append(escaped == '/' ? "/" : "\\" + escaped);
            } else {
                out.append(c);
            }
        }
        throw new BadQueryException("unterminated regular expression in the query");
    }

    /** A number; one with a unit behind it, such as 5m, is its milliseconds. */
    private void number() {
        int start = at;
        while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        String digits = text.substring(start, at);
        int unitStart = at;
        while (at < text.length() && isWord(text.charAt(at))) {
            at++;
        }
        double number;
        try {
            number = Double.parseDouble(digits);
        } catch (NumberFormatException _) {
            throw new BadQueryException("not a number: " + digits);
        }
        tokens.add(new Token(Kind.NUMBER, Double.toString(number * unit(text.substring(unitStart, at))), start));
    }

    private static double unit(String unit) {
        return switch (unit) {
            case "" -> 1;
            case "ms", "msec" -> 1;
            case "s", "sec" -> 1_000;
            case "m", "min" -> 60_000;
            case "h", "hr" -> 3_600_000;
            case "d", "day" -> 86_400_000;
            case "w", "week" -> 7 * 86_400_000L;
            default -> throw new BadQueryException("unknown unit: " + unit);
        };
    }

    private void sign() {
        for (String each : SIGNS) {
            if (text.startsWith(each, at)) {
                tokens.add(new Token(Kind.SIGN, each, at));
                at += each.length();
                return;
            }
        }
        throw new BadQueryException("unexpected symbol found " + text.charAt(at) + " at position " + at);
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '@' || c == '$';
    }
}
