package dev.haneul.services.lambda.streams;

import dev.haneul.services.lambda.streams.StreamPlan.Batch;
import dev.haneul.services.lambda.streams.StreamPlan.Next;
import dev.haneul.services.lambda.streams.StreamPlan.Result;
import dev.haneul.services.lambda.streams.StreamPlan.Rules;
import dev.haneul.services.lambda.streams.StreamSource.Entry;
import dev.haneul.services.lambda.streams.StreamSource.Page;
import dev.haneul.services.lambda.streams.StreamSource.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Works through one shard: gathers a batch, has the function try it until the plan is satisfied, and says how far it has
 * come. Nothing of it needs to outlive the server but that: what was under way is read again. One step at a time; used by
 * one thread.
 */
final class ShardReader {
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
    private static final int MOST_DOUBLINGS = 9;

    private final StreamSource source;
    private final String shard;
    private final Rules rules;
    private final Predicate<Entry> wanted;
    private final Function function;
    private final Progress progress;
    private @Nullable String iterator;
    private final Position start;
    private final List<Entry> gathered = new ArrayList<>();
    private @Nullable String lastRead;
    private @Nullable Instant until;
    private final List<Deque<Batch>> work = new ArrayList<>();
    private boolean end;

    /** Runs the function. */
    @FunctionalInterface
    interface Function {
        /** Tries records of a lane; lanes are tried one after another here. */
        Result run(List<Entry> entries);
    }

    /** Hears how far it has come. */
    interface Progress {
        /** All records up to this one are dealt with. */
        void reached(String sequence);

        /** Records were given up, for the on-failure destination. */
        void givenUp(List<Entry> entries, String why, int attempts);
    }

    ShardReader(
            StreamSource source,
            String shard,
            Position start,
            Rules rules,
            Predicate<Entry> wanted,
            Function function,
            Progress progress) {
        this.source = source;
        this.shard = shard;
        this.start = start;
        this.rules = rules;
        this.wanted = wanted;
        this.function = function;
        this.progress = progress;
    }

    /**
     * Takes one step.
     *
     * @return when to look again; null where the shard is closed and done with
     */
    @Nullable
    Duration step(Instant now) {
        if (!work.isEmpty()) {
            return attempt(now);
        }
        if (!end && gathered.size() < rules.batch()) {
            read(now);
        }
        Instant due = until;
        if (gathered.isEmpty()) {
            settle(); // what was read and is not wanted is dealt with
            return end ? null : IDLE;
        }
        if (!end && gathered.size() < rules.batch() && due != null && now.isBefore(due)) {
            Duration left = Duration.between(now, due);
            return left.compareTo(IDLE) < 0 ? left : IDLE;
        }
        for (List<Entry> lane : StreamPlan.lanes(gathered, rules.lanes())) {
            if (!lane.isEmpty()) {
                work.add(new ArrayDeque<>(List.of(new Batch(lane, 0))));
            }
        }
        gathered.clear();
        until = null;
        return Duration.ZERO;
    }

    private void read(Instant now) {
        String from = iterator == null ? source.iterator(shard, start) : iterator;
        Page page = source.read(shard, from, rules.batch() - gathered.size());
        iterator = page.next();
        end = page.end();
        for (Entry entry : page.entries()) {
            lastRead = entry.sequence();
            if (wanted.test(entry)) {
                gathered.add(entry);
            }
        }
        if (!gathered.isEmpty() && until == null) {
            until = now.plus(rules.window());
        }
    }

    private Duration attempt(Instant now) {
        int failures = 0;
        for (Deque<Batch> lane : work) {
            Batch batch = lane.poll();
            if (batch == null) {
                continue;
            }
            Next before = StreamPlan.before(batch, rules, now);
            give(before, batch);
            if (before.again().isEmpty()) {
                continue;
            }
            Batch tried = before.again().getFirst();
            Next after = StreamPlan.after(tried, function.run(tried.entries()), rules);
            give(after, tried);
            after.again().reversed().forEach(lane::addFirst);
            for (Batch one : after.again()) {
                failures = Math.max(failures, one.failures());
            }
        }
        work.removeIf(Deque::isEmpty);
        if (work.isEmpty()) {
            settle();
            return Duration.ZERO;
        }
        return failures == 0
                ? Duration.ZERO
                : SHORTEST_PAUSE.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
    }

    private void give(Next next, Batch of) {
        if (!next.given().isEmpty()) {
            int attempts = next.why().equals(StreamPlan.EXHAUSTED) ? of.failures() + 1 : of.failures();
            progress.givenUp(next.given(), next.why(), attempts);
        }
    }

    private void settle() {
        if (lastRead != null) {
            progress.reached(lastRead);
            lastRead = null;
        }
    }
}
