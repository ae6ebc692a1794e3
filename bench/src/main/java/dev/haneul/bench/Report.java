package dev.haneul.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects rows and prints them as one Markdown table: the thing, its bare limit, the ratio. */
final class Report {
    private final List<String> rows = new ArrayList<>();

    /** A measurement beside its limit, both measured in this run. */
    void row(String what, Samples ours, String limitName, Samples limit) {
        double ratio = ours.millis(50) / limit.millis(50);
        rows.add(String.format(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %d | %s | %.2f | %.2f | %.2f |",
                what,
                ours.millis(50),
                ours.millis(99),
                ours.count(),
                limitName,
                limit.millis(50),
                limit.millis(99),
                ratio));
        System.err.println(rows.getLast());
    }

    /** A figure that has no peer. */
    void figure(String what, String value) {
        rows.add("| " + what + " | " + value + " | | | | | | |");
        System.err.println(rows.getLast());
    }

    void print() {
        System.out.println("| what | p50 ms | p99 ms | n | beside | its p50 ms | its p99 ms | ratio of p50 |");
        System.out.println("|---|---:|---:|---:|---|---:|---:|---:|");
        rows.forEach(System.out::println);
    }
}
