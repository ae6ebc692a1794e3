package dev.haneul.services.logs.insights;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** A query, ready to be run. */
public final class InsightsQuery {
    private static final int ROWS = 10_000;
    private static final int GROUPS = 10_000;

    private final List<Command> commands;

    private InsightsQuery(List<Command> commands) {
        this.commands = commands;
    }

    /**
     * Parses.
     *
     * @throws BadQueryException where it breaks the syntax
     */
    public static InsightsQuery parse(String text) {
        return new InsightsQuery(QueryParser.parse(text));
    }

    /** A field of a result. */
    public record Value(String name, String text) {}

    /**
     * Starts a run.
     *
     * @param limit most results where the query does not say
     */
    public Run start(int limit) {
        return new Run(limit);
    }

    /** Rows in, results out. Memory is bounded: of events 10,000 are held, of statistics 10,000 groups. */
    public final class Run {
        private final int limit;
        /** The first command that needs to see all rows. */
        private final int gate;

        private final PriorityQueue<InsightsRow> best;
        private final Comparator<InsightsRow> order;
        private final @Nullable Grouping grouping;
        private long matched;

        private Run(int limit) {
            this.limit = Math.min(limit, ROWS);
            int first = 0;
            while (first < commands.size() && streams(commands.get(first))) {
                first++;
            }
            gate = first;
            Command at = gate < commands.size() ? commands.get(gate) : new Command.Limit(this.limit);
            grouping = at instanceof Command.Stats stats ? new Grouping(stats) : null;
            order = at instanceof Command.Sort sort ? order(sort) : newestFirst();
            best = new PriorityQueue<>(order.reversed());
        }

        /** Takes an event. */
        public void add(InsightsRow row) {
            for (int i = 0; i < gate; i++) {
                if (!pass(commands.get(i), row)) {
                    return;
                }
            }
            matched++;
            if (grouping != null) {
                grouping.add(row);
                return;
            }
            best.add(row);
            if (best.size() > ROWS) {
                best.remove();
            }
        }

        /** How many rows passed the filters. */
        public long matched() {
            return matched;
        }

        /** The results so far, in order. */
        public List<List<Value>> results() {
            List<InsightsRow> rows;
            int next = gate;
            if (grouping != null) {
                rows = grouping.rows();
                next++;
            } else {
                rows = new ArrayList<>(best);
                rows.sort(order);
                next += gate < commands.size() && commands.get(gate) instanceof Command.Sort ? 1 : 0;
            }
            boolean limited = false;
            for (Command command : commands.subList(next, commands.size())) {
                rows = whole(command, rows);
                limited |= command instanceof Command.Limit;
            }
            List<String> shown = shown();
            boolean events = commands.stream().noneMatch(each -> each instanceof Command.Stats);
            return rows.stream()
                    .limit(limited ? ROWS : limit)
                    .map(row -> view(row, shown, events))
                    .toList();
        }
    }

    private static boolean streams(Command command) {
        return command instanceof Command.Fields
                || command instanceof Command.Filter
                || command instanceof Command.Parse
                || command instanceof Command.Display;
    }

    /** Applies a command to one row; false where the row goes. */
    private static boolean pass(Command command, InsightsRow row) {
        switch (command) {
            case Command.Fields fields ->
                fields.fields().forEach(each -> {
                    if (!(each.expression() instanceof Expr.Field field
                            && field.name().equals(each.name()))) {
                        row.set(each.name(), each.expression().of(row));
                    }
                });
            case Command.Filter filter -> {
                return Expr.truth(filter.condition().of(row));
            }
            case Command.Parse parse -> {
                Object from = parse.from().of(row);
                Matcher found = from == null ? null : Bounded.matcher(parse.pattern(), Expr.text(from));
                for (int i = 0; found != null && i < parse.names().size(); i++) {
                    row.set(parse.names().get(i), found.group(i + 1));
                }
            }
            case Command.Display _, Command.Stats _, Command.Sort _, Command.Limit _, Command.Dedup _ -> {}
        }
        return true;
    }

    private static List<InsightsRow> whole(Command command, List<InsightsRow> rows) {
        return switch (command) {
            case Command.Sort sort -> rows.stream().sorted(order(sort)).toList();
            case Command.Limit limit -> rows.stream().limit(limit.count()).toList();
            case Command.Stats stats -> {
                Grouping grouping = new Grouping(stats);
                rows.forEach(grouping::add);
                yield grouping.rows();
            }
            case Command.Dedup dedup -> {
                Set<List<String>> seen = new HashSet<>();
                yield rows.stream()
                        .filter(row -> seen.add(dedup.names().stream()
                                .map(name -> {
                                    Object value = row.get(name);
                                    return value == null ? "" : Expr.text(value);
                                })
                                .toList()))
                        .toList();
            }
            case Command.Fields _, Command.Filter _, Command.Parse _, Command.Display _ ->
                rows.stream().filter(row -> pass(command, row)).toList();
        };
    }

    private static Comparator<InsightsRow> newestFirst() {
        return order(new Command.Sort(List.of(new Command.SortKey(new Expr.Field("@timestamp"), true))));
    }

    private static Comparator<InsightsRow> order(Command.Sort sort) {
        return (a, b) -> {
            for (Command.SortKey key : sort.keys()) {
                Object x = key.by().of(a);
                Object y = key.by().of(b);
                int order = x == null || y == null
                        ? Boolean.compare(x == null, y == null)
                        : key.descending() ? Expr.compare(y, x) : Expr.compare(x, y);
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        };
    }

    /** What is told: what the last display or statistics say, else all that fields and parse name. */
    private List<String> shown() {
        Set<String> names = new LinkedHashSet<>();
        boolean chosen = false;
        for (Command command : commands) {
            switch (command) {
                case Command.Display display -> {
                    names.clear();
                    names.addAll(display.names());
                    chosen = true;
                }
                case Command.Stats stats -> {
                    names.clear();
                    stats.by().forEach(each -> names.add(each.name()));
                    stats.aggregates().forEach(each -> names.add(each.name()));
                    chosen = true;
                }
                case Command.Fields fields -> {
                    if (!chosen) {
                        fields.fields().forEach(each -> names.add(each.name()));
                    }
                }
                case Command.Parse parse -> {
                    if (!chosen) {
                        names.addAll(parse.names());
                    }
                }
                case Command.Filter _, Command.Sort _, Command.Limit _, Command.Dedup _ -> {}
            }
        }
        return names.isEmpty() ? List.of("@timestamp", "@message") : List.copyOf(names);
    }

    private static List<Value> view(InsightsRow row, List<String> names, boolean event) {
        List<Value> values = new ArrayList<>();
        for (String name : names) {
            Object value = row.get(name);
            if (value != null) {
                values.add(new Value(name, Expr.text(value)));
            }
        }
        Object pointer = event ? row.get("@ptr") : null;
        if (pointer != null && !names.contains("@ptr")) {
            values.add(new Value("@ptr", Expr.text(pointer)));
        }
        return values;
    }

    /** Statistics by group. */
    private static final class Grouping {
        private final Command.Stats stats;
        private final Map<List<Object>, List<Aggregate>> groups = new LinkedHashMap<>();

        Grouping(Command.Stats stats) {
            this.stats = stats;
            if (stats.by().isEmpty()) {
                groups.put(List.of(), fresh());
            }
        }

        private List<Aggregate> fresh() {
            return stats.aggregates().stream().map(Aggregate::new).toList();
        }

        void add(InsightsRow row) {
            List<Object> key = new ArrayList<>();
            for (Command.Named by : stats.by()) {
                Object value = by.expression().of(row);
                key.add(value == null ? "" : value);
            }
            List<Aggregate> group = groups.get(key);
            if (group == null) {
                if (groups.size() >= GROUPS) {
                    return;
                }
                group = fresh();
                groups.put(key, group);
            }
            group.forEach(each -> each.add(row));
        }

        List<InsightsRow> rows() {
            List<InsightsRow> rows = new ArrayList<>();
            groups.forEach((key, aggregates) -> {
                InsightsRow row = new InsightsRow(message -> Map.of());
                for (int i = 0; i < key.size(); i++) {
                    row.set(stats.by().get(i).name(), "".equals(key.get(i)) ? null : key.get(i));
                }
                for (int i = 0; i < aggregates.size(); i++) {
                    row.set(stats.aggregates().get(i).name(), aggregates.get(i).value());
                }
                rows.add(row);
            });
            return rows;
        }
    }
}
