package dev.haneul.services.logs.insights;

import dev.haneul.services.logs.insights.Lexer.Kind;
import dev.haneul.services.logs.insights.Lexer.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads expressions. */
final class ExprParser {
    private static final int DEEPEST = 60;
    private static final Set<String> COMPARISONS = Set.of("=", "!=", "<", "<=", ">", ">=");

    private final String text;
    private final List<Token> tokens;
    private int at;
    private int depth;

    ExprParser(String text, List<Token> tokens) {
        this.text = text;
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token next() {
        Token token = tokens.get(at);
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    /** Where the last token ended, spaces behind it included. */
    int endOfLast() {
        return Math.min(text.length(), peek().at());
    }

    boolean takeSign(String sign) {
        boolean there = peek().kind() == Kind.SIGN && peek().text().equals(sign);
        at += there ? 1 : 0;
        return there;
    }

    boolean takeWord(String word) {
        boolean there = peek().kind() == Kind.WORD && peek().text().equalsIgnoreCase(word);
        at += there ? 1 : 0;
        return there;
    }

    void expectSign(String sign) {
        if (!takeSign(sign)) {
            throw unexpected();
        }
    }

    String name() {
        Token token = next();
        if (token.kind() != Kind.WORD && token.kind() != Kind.QUOTED_WORD) {
            throw new BadQueryException("a name is missing at position " + token.at());
        }
        return token.text();
    }

    double number() {
        Token token = next();
        if (token.kind() != Kind.NUMBER) {
            throw new BadQueryException("a number is missing at position " + token.at());
        }
        return Double.parseDouble(token.text());
    }

    int count() {
        double number = number();
        if (number < 1 || number > 10_000 || number != Math.rint(number)) {
            throw new BadQueryException("limit must be a whole number from 1 to 10000");
        }
        return (int) number;
    }

    BadQueryException unexpected() {
        Token token = peek();
        return new BadQueryException(
                token.kind() == Kind.END
                        ? "the query ends too soon"
                        : "unexpected symbol found " + token.text() + " at position " + token.at());
    }

    Expr expression() {
        depth++;
        if (depth > DEEPEST) {
            throw new BadQueryException("the query is nested too deeply");
        }
        Expr left = conjunction();
        while (takeWord("or")) {
            left = new Expr.Both(left, conjunction(), false);
        }
        depth--;
        return left;
    }

    private Expr conjunction() {
        Expr left = negation();
        while (takeWord("and")) {
            left = new Expr.Both(left, negation(), true);
        }
        return left;
    }

    private Expr negation() {
        boolean negated = false;
        while (takeWord("not")) {
            negated = !negated;
        }
        Expr one = comparison();
        return negated ? new Expr.Not(one) : one;
    }

    private Expr comparison() {
        Expr left = sum();
        if (peek().kind() == Kind.SIGN && COMPARISONS.contains(peek().text())) {
            return new Expr.Binary(next().text(), left, sum());
        }
        if (takeSign("=~")) {
            return new Expr.Like(left, pattern());
        }
        if (takeWord("like")) {
            return new Expr.Like(left, pattern());
        }
        if (takeWord("in")) {
            return in(left);
        }
        int before = at;
        if (takeWord("not")) {
            if (takeWord("like")) {
                return new Expr.Not(new Expr.Like(left, pattern()));
            }
            if (takeWord("in")) {
                return new Expr.Not(in(left));
            }
            at = before;
        }
        return left;
    }

    private Expr in(Expr left) {
        expectSign("[");
        List<Expr> members = new ArrayList<>();
        if (!takeSign("]")) {
            do {
                members.add(sum());
            } while (takeSign(","));
            expectSign("]");
        }
        return new Expr.In(left, members);
    }

    /** A regular expression, or a text that must be part of the value; % in it stands for anything. */
    private Predicate<String> pattern() {
        Token token = next();
        if (token.kind() == Kind.REGEX) {
            Pattern regex = compile(token.text());
            return value -> Bounded.find(regex, value);
        }
        if (token.kind() != Kind.TEXT) {
            throw new BadQueryException("like needs a text or a regular expression");
        }
        String part = token.text();
        if (part.contains("%")) {
            StringBuilder regex = new StringBuilder();
            for (String each : part.split("%", -1)) {
                regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(each));
            }
            Pattern whole = Pattern.compile(regex.toString(), Pattern.DOTALL);
            return value -> Bounded.matches(whole, value);
        }
        return value -> value.contains(part);
    }

    static Pattern compile(String regex) {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new BadQueryException("bad regular expression: " + e.getDescription());
        }
    }

    private Expr sum() {
        Expr left = product();
        while (true) {
            if (takeSign("+")) {
                left = new Expr.Binary("+", left, product());
            } else if (takeSign("-")) {
                left = new Expr.Binary("-", left, product());
            } else {
                return left;
            }
        }
    }

    private Expr product() {
        Expr left = power();
        while (peek().kind() == Kind.SIGN && Set.of("*", "/", "%").contains(peek().text())) {
            left = new Expr.Binary(next().text(), left, power());
        }
        return left;
    }

    private Expr power() {
        depth++;
        if (depth > DEEPEST) {
            throw new BadQueryException("the query is nested too deeply");
        }
        Expr base = atom();
        Expr made = takeSign("^") ? new Expr.Binary("^", base, power()) : base;
        depth--;
        return made;
    }

    private Expr atom() {
        if (takeSign("(")) {
            Expr inner = expression();
            expectSign(")");
            return inner;
        }
        if (takeSign("-")) {
            return new Expr.Binary("-", new Expr.Constant(0.0), power());
        }
        Token token = next();
        return switch (token.kind()) {
            case NUMBER -> new Expr.Constant(Double.valueOf(token.text()));
            case TEXT -> new Expr.Constant(token.text());
            case QUOTED_WORD -> new Expr.Field(token.text());
            case WORD -> takeSign("(") ? call(token) : new Expr.Field(token.text());
            case REGEX, SIGN, END -> {
                at = Math.max(0, tokens.indexOf(token));
                throw unexpected();
            }
        };
    }

    private Expr call(Token function) {
        String name = function.text().toLowerCase(Locale.ROOT);
        if (!Functions.NAMES.contains(name)) {
            throw new BadQueryException("unknown function " + function.text() + " at position " + function.at());
        }
        List<Expr> arguments = new ArrayList<>();
        if (!takeSign(")")) {
            do {
                arguments.add(expression());
            } while (takeSign(","));
            expectSign(")");
        }
        return new Expr.Call(name, arguments);
    }
}
