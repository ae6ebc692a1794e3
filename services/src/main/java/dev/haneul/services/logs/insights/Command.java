package dev.haneul.services.logs.insights;

import java.util.List;
import java.util.regex.Pattern;

/** A command of a query. */
sealed interface Command {
    /** An expression and what it is called. */
    record Named(Expr expression, String name) {}

    record Fields(List<Named> fields) implements Command {}

    record Display(List<String> names) implements Command {}

    record Filter(Expr condition) implements Command {}

    /** @param names of the pattern's groups, in order */
    record Parse(Expr from, Pattern pattern, List<String> names) implements Command {}

    record Stats(List<Aggregate.Spec> aggregates, List<Named> by) implements Command {}

    record Sort(List<SortKey> keys) implements Command {}

    record SortKey(Expr by, boolean descending) {}

    record Limit(int count) implements Command {}

    record Dedup(List<String> names) implements Command {}
}
