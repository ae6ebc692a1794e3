package dev.haneul.services.lambda.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.lambda.streams.StreamPlan.Result;
import dev.haneul.services.lambda.streams.StreamPlan.Rules;
import dev.haneul.services.lambda.streams.StreamSource.Entry;
import dev.haneul.services.lambda.streams.StreamSource.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Shards of a stream in memory, worked through step by step. */
class ShardReaderTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    /** One closed shard; iterators are indices. */
    private record Shard(List<Entry> entries, boolean closed) implements StreamSource {
        @Override
        public List<StreamSource.Shard> shards() {
            return List.of(new StreamSource.Shard("shard-0", null));
        }

        @Override
        public String iterator(String shard, Position position) {
            return switch (position) {
                case Position.TrimHorizon() -> "0";
                case Position.Latest() -> Integer.toString(entries.size());
                case Position.At(Instant moment) ->
                    Long.toString(entries.stream()
                            .filter(entry -> entry.arrivedAt().isBefore(moment))
                            .count());
                case Position.After(String sequence) -> Integer.toString(Integer.parseInt(sequence) + 1);
            };
        }

        @Override
        public Page read(String shard, String iterator, int most) {
            int from = Integer.parseInt(iterator);
            int to = Math.min(entries.size(), from + most);
            return new Page(entries.subList(from, to), Integer.toString(to), closed && to == entries.size());
        }
    }

    private final List<List<String>> tried = new ArrayList<>();
    private final List<String> reached = new ArrayList<>();
    private final List<String> given = new ArrayList<>();
    private Instant now = NOW;

    private static List<Entry> entries(int count) {
        List<Entry> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(new Entry(Integer.toString(i), "k" + i % 3, NOW.minusSeconds(count - i), Map.of("data", i)));
        }
        return all;
    }

    private static Rules rules(int batch, boolean bisect, int retries, boolean reports, int lanes) {
        return new Rules(batch, Duration.ZERO, bisect, retries, null, reports, lanes);
    }

    /** Works until the shard is done, or for so many steps. */
    private void work(List<Entry> entries, Position start, Rules rules, Function<List<String>, Result> function) {
        ShardReader reader = new ShardReader(
                new Shard(entries, true),
                "shard-0",
                start,
                rules,
                entry -> !Integer.valueOf(-1).equals(entry.tree().get("data")),
                batch -> {
                    List<String> sequences = batch.stream().map(Entry::sequence).toList();
                    tried.add(sequences);
                    return function.apply(sequences);
                },
                new ShardReader.Progress() {
                    @Override
                    public void reached(String sequence) {
                        reached.add(sequence);
                    }

                    @Override
                    public void givenUp(List<Entry> lost, String why, int attempts) {
                        lost.forEach(entry -> given.add(entry.sequence() + " " + why + " " + attempts));
                    }
                });
        for (int i = 0; i < 500; i++) {
            @Nullable Duration next = reader.step(now);
            if (next == null) {
                return;
            }
            now = now.plus(next);
        }
    }

    private static Result poison(List<String> sequences, String bad) {
        return sequences.contains(bad) ? new Result.Failed() : new Result.Succeeded();
    }

    @Test
    void batchesComeInOrderAndTheirEndIsNoted() {
        work(entries(5), new Position.TrimHorizon(), rules(2, false, -1, false, 1), all -> new Result.Succeeded());
        assertThat(tried).containsExactly(List.of("0", "1"), List.of("2", "3"), List.of("4"));
        assertThat(reached).containsExactly("1", "3", "4");
    }

    @Test
    void aPoisonedRecordIsFoundByHalvingAndGivenUp() {
        work(entries(4), new Position.TrimHorizon(), rules(4, true, 1, false, 1), all -> poison(all, "2"));
        assertThat(tried)
                .containsExactly(
                        List.of("0", "1", "2", "3"),
                        List.of("0", "1"),
                        List.of("2", "3"),
                        List.of("2"),
                        List.of("2"),
                        List.of("3"));
        assertThat(given).containsExactly("2 RetryAttemptsExhausted 2");
        assertThat(reached).containsExactly("3");
    }

    @Test
    void aReportOfTheFirstFailureGoesOnFromThere() {
        work(
                entries(4),
                new Position.TrimHorizon(),
                rules(4, false, -1, true, 1),
                all -> all.contains("0") ? new Result.FailedAt("2") : new Result.Succeeded());
        assertThat(tried).containsExactly(List.of("0", "1", "2", "3"), List.of("2", "3"));
        assertThat(reached).containsExactly("3");
    }

    @Test
    void oldRecordsAreGivenUpUntried() {
        Rules rules = new Rules(10, Duration.ZERO, false, -1, Duration.ofSeconds(2), false, 1);
        work(entries(4), new Position.TrimHorizon(), rules, all -> new Result.Succeeded());
        assertThat(tried).containsExactly(List.of("2", "3"));
        assertThat(given).containsExactly("0 RecordAgeExceeded 0", "1 RecordAgeExceeded 0");
    }

    @Test
    void readingBeginsWhereItShall() {
        work(
                entries(4),
                new Position.At(NOW.minusSeconds(1)),
                rules(10, false, 0, false, 1),
                all -> new Result.Succeeded());
        work(entries(4), new Position.After("1"), rules(10, false, 0, false, 1), all -> new Result.Succeeded());
        work(entries(4), new Position.Latest(), rules(10, false, 0, false, 1), all -> new Result.Succeeded());
        assertThat(tried).containsExactly(List.of("3"), List.of("2", "3"));
    }

    @Test
    void aWindowGathersAndAFilterPassesOver() {
        List<Entry> all = new ArrayList<>(entries(3));
        all.set(1, new Entry("1", "k", NOW, Map.of("data", -1)));
        Rules rules = new Rules(10, Duration.ofSeconds(5), false, 0, null, false, 1);
        ShardReader open = new ShardReader(
                new Shard(all, false),
                "shard-0",
                new Position.TrimHorizon(),
                rules,
                entry -> !Integer.valueOf(-1).equals(entry.tree().get("data")),
                batch -> {
                    tried.add(batch.stream().map(Entry::sequence).toList());
                    return new Result.Succeeded();
                },
                new ShardReader.Progress() {
                    @Override
                    public void reached(String sequence) {
                        reached.add(sequence);
                    }

                    @Override
                    public void givenUp(List<Entry> lost, String why, int attempts) {}
                });
        assertThat(open.step(NOW)).isEqualTo(Duration.ofSeconds(1));
        assertThat(tried).isEmpty();
        open.step(NOW.plusSeconds(5));
        open.step(NOW.plusSeconds(5));
        assertThat(tried).containsExactly(List.of("0", "2"));
        assertThat(reached).containsExactly("2");
    }

    @Property(tries = 100, seed = "2026")
    void everyRecordIsDealtWithOnceAndThoseOfAKeyInOrder(
            @ForAll @Size(max = 5) Set<@IntRange(max = 30) Integer> bad,
            @ForAll @IntRange(min = 1, max = 12) int batch,
            @ForAll @IntRange(min = 1, max = 4) int lanes,
            @ForAll boolean bisect) {
        tried.clear();
        given.clear();
        Set<String> poisoned = new HashSet<>();
        bad.forEach(one -> poisoned.add(one.toString()));
        List<String> succeeded = new ArrayList<>();
        work(entries(31), new Position.TrimHorizon(), rules(batch, bisect, 1, false, lanes), all -> {
            if (all.stream().anyMatch(poisoned::contains)) {
                return new Result.Failed();
            }
            succeeded.addAll(all);
            return new Result.Succeeded();
        });
        List<String> lost = given.stream().map(line -> line.split(" ")[0]).toList();
        assertThat(succeeded.size() + lost.size()).isEqualTo(31);
        assertThat(lost).containsAll(poisoned);
        if (bisect) {
            assertThat(lost).hasSameSizeAs(poisoned);
        }
        for (int key = 0; key < 3; key++) {
            int of = key;
            assertThat(succeeded.stream().map(Integer::valueOf).filter(one -> one % 3 == of))
                    .isSorted();
        }
    }
}
