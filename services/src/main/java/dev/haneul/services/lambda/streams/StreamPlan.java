package dev.haneul.services.lambda.streams;

import dev.haneul.services.lambda.streams.StreamSource.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What becomes of a batch of a stream's records. Pure. */
final class StreamPlan {
    private StreamPlan() {}

    /**
     * A mapping's settings.
     *
     * @param window how long a batch is gathered; zero for not at all
     * @param bisect whether a failed batch is tried in halves
     * @param retries after a failure; -1 without end
     * @param age of records that are still tried; null for any
     * @param reports whether the function names the first record it failed with
     * @param lanes how many batches of one shard are worked on at once
     */
    record Rules(
            int batch,
            Duration window,
            boolean bisect,
            int retries,
            @Nullable Duration age,
            boolean reports,
            int lanes) {}

    /** Records that are tried together. @param failures how often they failed, halving not counted */
    record Batch(List<Entry> entries, int failures) {
        Batch {
            entries = List.copyOf(entries);
        }
    }

    /** How an attempt ended. */
    sealed interface Result {
        record Succeeded() implements Result {}

        record Failed() implements Result {}

        /** @param sequence the first record that is not dealt with; what is before it is */
        record FailedAt(String sequence) implements Result {}
    }

    /**
     * What follows.
     *
     * @param done records that are dealt with
     * @param again what is tried next, in order
     * @param given records that are given up and told to the on-failure destination
     * @param why of those; empty where there are none
     */
    record Next(List<Entry> done, List<Batch> again, List<Entry> given, String why) {}

    static final String EXHAUSTED = "RetryAttemptsExhausted";
    static final String TOO_OLD = "RecordAgeExceeded";

    /** Before an attempt: records that are too old are given up. */
    static Next before(Batch batch, Rules rules, Instant now) {
        Duration age = rules.age;
        if (age == null) {
            return new Next(List.of(), List.of(batch), List.of(), "");
        }
        List<Entry> old = new ArrayList<>();
        List<Entry> young = new ArrayList<>();
        for (Entry entry : batch.entries) {
            (entry.arrivedAt().plus(age).isBefore(now) ? old : young).add(entry);
        }
        List<Batch> again = young.isEmpty() ? List.of() : List.of(new Batch(young, batch.failures));
        return new Next(List.of(), again, old, old.isEmpty() ? "" : TOO_OLD);
    }

    /** After an attempt. */
    static Next after(Batch batch, Result result, Rules rules) {
        return switch (result) {
            case Result.Succeeded() -> new Next(batch.entries, List.of(), List.of(), "");
            case Result.Failed() -> failed(List.of(), batch, rules);
            case Result.FailedAt(String sequence) -> {
                int at = rules.reports ? indexOf(batch, sequence) : 0;
                List<Entry> rest = batch.entries.subList(at, batch.entries.size());
                // progress was made: what is left has not failed as often as the whole
                yield failed(batch.entries.subList(0, at), new Batch(rest, at > 0 ? 0 : batch.failures), rules);
            }
        };
    }

    /** An unknown record fails the whole batch. */
    private static int indexOf(Batch batch, String sequence) {
        for (int i = 0; i < batch.entries.size(); i++) {
            if (batch.entries.get(i).sequence().equals(sequence)) {
                return i;
            }
        }
        return 0;
    }

    private static Next failed(List<Entry> done, Batch left, Rules rules) {
        int size = left.entries.size();
        if (rules.bisect && size > 1) {
            List<Batch> halves = List.of(
                    new Batch(left.entries.subList(0, size / 2), left.failures),
                    new Batch(left.entries.subList(size / 2, size), left.failures));
            return new Next(done, halves, List.of(), "");
        }
        int failures = left.failures + 1;
        if (rules.retries >= 0 && failures > rules.retries) {
            return new Next(done, List.of(), left.entries, EXHAUSTED);
        }
        return new Next(done, List.of(new Batch(left.entries, failures)), List.of(), "");
    }

    /** Parts records by key, so that those of one key stay together and in order. */
    static List<List<Entry>> lanes(List<Entry> entries, int lanes) {
        List<List<Entry>> parted = new ArrayList<>();
        for (int i = 0; i < lanes; i++) {
            parted.add(new ArrayList<>());
        }
        for (Entry entry : entries) {
            parted.get(Math.floorMod(entry.key().hashCode(), lanes)).add(entry);
        }
        return parted;
    }
}
