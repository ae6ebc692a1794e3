package dev.haneul.services.logs.insights;

import dev.haneul.services.logs.insights.Lexer.Kind;
import dev.haneul.services.logs.insights.Lexer.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a query's commands. */
final class QueryParser {
    private static final int COMMANDS = 50;
    private static final Pattern GROUP = Pattern.compile("\\(\\?<([A-Za-z][A-Za-z0-9]*)>");

    private final String text;
    private final ExprParser in;

    private QueryParser(String text) {
        this.text = text;
        this.in = new ExprParser(text, Lexer.tokens(text));
    }

    static List<Command> parse(String text) {
        QueryParser parser = new QueryParser(text);
        List<Command> commands = new ArrayList<>();
        do {
            if (parser.in.peek().kind() == Kind.END && !commands.isEmpty()) {
                break;
            }
            commands.add(parser.command());
            if (commands.size() > COMMANDS) {
                throw new BadQueryException("The query has more than " + COMMANDS + " commands");
            }
        } while (parser.in.takeSign("|"));
        if (parser.in.peek().kind() != Kind.END) {
            throw parser.in.unexpected();
        }
        return commands;
    }

    private Command command() {
        Token word = in.next();
        return switch (word.text().toLowerCase(Locale.ROOT)) {
            case "fields" -> new Command.Fields(named());
            case "display" -> new Command.Display(names());
            case "filter", "where" -> new Command.Filter(in.expression());
            case "parse" -> parsed();
            case "stats" -> stats();
            case "sort", "order" -> sort();
            case "limit", "head" -> new Command.Limit(in.count());
            case "dedup" -> new Command.Dedup(names());
            default ->
                throw new BadQueryException("unexpected symbol found " + word.text() + " at position " + word.at());
        };
    }

    /** Expressions, each called by its own text unless it is given a name. */
    private List<Command.Named> named() {
        List<Command.Named> found = new ArrayList<>();
        do {
            Token start = in.peek();
            Expr expression = in.expression();
            String own = expression instanceof Expr.Field field
                    ? field.name()
                    : text.substring(start.at(), in.endOfLast()).strip();
            found.add(new Command.Named(expression, in.takeWord("as") ? in.name() : own));
        } while (in.takeSign(","));
        return found;
    }

    private List<String> names() {
        List<String> found = new ArrayList<>();
        do {
            found.add(in.name());
        } while (in.takeSign(","));
        return found;
    }

    private Command sort() {
        boolean unused = in.takeWord("by");
        List<Command.SortKey> keys = new ArrayList<>();
        do {
            Expr by = in.expression();
            boolean descending = in.takeWord("desc");
            boolean unusedToo = !descending && in.takeWord("asc");
            keys.add(new Command.SortKey(by, descending));
        } while (in.takeSign(","));
        return new Command.Sort(keys);
    }

    private Command stats() {
        List<Aggregate.Spec> specs = new ArrayList<>();
        do {
            specs.add(aggregate());
        } while (in.takeSign(","));
        List<Command.Named> by = in.takeWord("by") ? named() : List.of();
        return new Command.Stats(specs, by);
    }

    private Aggregate.Spec aggregate() {
        Token function = in.next();
        String name = function.text().toLowerCase(Locale.ROOT);
        if (name.equals("percentile")) {
            name = "pct";
        }
        if (!Aggregate.NAMES.contains(name)) {
            throw new BadQueryException("stats knows no function " + function.text());
        }
        in.expectSign("(");
        Expr of = null;
        double percent = 50;
        if (in.takeSign("*")) {
            in.expectSign(")");
        } else if (!in.takeSign(")")) {
            of = in.expression();
            if (in.takeSign(",")) {
                percent = in.number();
            }
            in.expectSign(")");
        }
        boolean sound = (of != null || name.equals("count")) && percent >= 0 && percent <= 100;
        if (!sound) {
            throw new BadQueryException("wrong arguments of " + function.text());
        }
        String own = text.substring(function.at(), in.endOfLast()).strip();
        return new Aggregate.Spec(name, of, percent, in.takeWord("as") ? in.name() : own);
    }

    private Command parsed() {
        Expr from = new Expr.Field("@message");
        Kind kind = in.peek().kind();
        if (kind != Kind.TEXT && kind != Kind.REGEX) {
            from = in.expression();
        }
        Token pattern = in.next();
        if (pattern.kind() == Kind.REGEX) {
            return regex(from, pattern.text());
        }
        if (pattern.kind() != Kind.TEXT) {
            throw new BadQueryException("parse needs a pattern in quotes or slashes");
        }
        if (!in.takeWord("as")) {
            throw new BadQueryException("parse needs names behind as");
        }
        List<String> names = names();
        String[] parts = pattern.text().split("\\*", -1);
        if (parts.length - 1 != names.size()) {
            throw new BadQueryException("parse needs as many names as there are wildcards");
        }
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 2 && parts[parts.length - 1].isEmpty();
            regex.append(Pattern.quote(parts[i])).append(i == parts.length - 1 ? "" : last ? "(.*)" : "(.*?)");
        }
        return new Command.Parse(from, Pattern.compile(regex.toString(), Pattern.DOTALL), names);
    }

    private Command regex(Expr from, String text) {
        List<String> names = new ArrayList<>();
        Matcher groups = GROUP.matcher(text);
        while (groups.find()) {
            names.add(groups.group(1));
        }
        Pattern pattern = ExprParser.compile(text);
        if (in.takeWord("as")) {
            names.clear();
            names.addAll(names());
        }
        if (names.isEmpty() || pattern.matcher("").groupCount() < names.size()) {
            throw new BadQueryException("parse needs as many groups as names");
        }
        return new Command.Parse(from, pattern, names);
    }
}
