package dev.haneul.services.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.time.Clock;
import dev.haneul.kernel.time.SystemClock;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.sqs.LiveQueue.Received;
import dev.haneul.services.sqs.LiveQueue.Stored;
import dev.haneul.storage.DiskSegments;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveQueueTest {
    private static final long RETENTION = Duration.ofDays(4).toMillis();
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));

    private final Seal seal = new Seal(new byte[32]);

    @TempDir
    Path folder;

    private DataFolder data;
    private DiskSegments segments;
    private Bodies bodies = new Bodies();

    @BeforeEach
    void open() throws Exception {
        data = DataFolder.open(folder);
        segments = DiskSegments.open(data);
    }

    @AfterEach
    void close() throws Exception {
        segments.close();
        data.close();
    }

    private LiveQueue queue(boolean fifo) throws Exception {
        return new LiveQueue(new QueueLog("q", segments, clock, seal), fifo, clock, bodies);
    }

    /** As after a restart: nothing is known but what the log tells. */
    private LiveQueue again(boolean fifo) throws Exception {
        segments.close();
        segments = DiskSegments.open(data);
        bodies = new Bodies();
        return queue(fifo);
    }

    private Message message(String body, @Nullable String group, @Nullable String deduplication) {
        return message(clock, body, group, deduplication);
    }

    private static Message message(Clock clock, String body, @Nullable String group, @Nullable String deduplication) {
        long now = clock.instant().toEpochMilli();
        return new Message(
                UUID.randomUUID(), "me", now, now, body, Map.of(), null, group, deduplication, null, -1, 0, 0);
    }

    private static Stored send(LiveQueue queue, Message message, boolean grouped) {
        return queue.send(List.of(message), List.of(Duplicates.Scope.of(message, grouped)))
                .getFirst();
    }

    private static List<Received> receive(LiveQueue queue, int most, long visibility) throws Exception {
        return queue.receive(new LiveQueue.Want(most, visibility, 0, RETENTION, 1000, null));
    }

    @Test
    void bothScopesTellDuplicatesBeforeAndAfterARestart() throws Exception {
        LiveQueue queue = queue(true);
        Stored first = send(queue, message("a", "g1", "d"), true);
        Stored second = send(queue, message("b", "g2", "d"), true);
        assertThat(second.id()).isNotEqualTo(first.id());
        queue.delete(List.of(first.origin()), _ -> true);
        for (LiveQueue each : List.of(queue, again(true))) {
            assertThat(send(each, message("c", "g1", "d"), true)).isEqualTo(first);
            assertThat(send(each, message("c", "g2", "d"), true)).isEqualTo(second);
            assertThat(send(each, message("c", "g3", "d"), false)).isEqualTo(first);
        }
        clock.advance(Duration.ofSeconds(301));
        assertThat(send(again(true), message("c", "g1", "d"), true).id()).isNotEqualTo(first.id());
    }

    @Test
    void aChangeToZeroFreesTheGroupAndAnOldOneDoesNot() throws Exception {
        LiveQueue queue = queue(true);
        send(queue, message("a", "g", "1"), false);
        send(queue, message("b", "g", "2"), false);
        Received first = receive(queue, 1, 30_000).getFirst();
        assertThat(receive(queue, 1, 30_000)).isEmpty();
        queue.change(first.origin(), 0, _ -> true);
        Received same = receive(queue, 1, 30_000).getFirst();
        assertThat(same.origin()).isEqualTo(first.origin());
        assertThat(same.receives()).isEqualTo(2);
        queue.delete(List.of(same.origin()), _ -> true);
        queue.change(same.origin(), 0, _ -> true);
        assertThat(receive(queue, 1, 30_000))
                .singleElement()
                .satisfies(each -> assertThat(each.message().body()).isEqualTo("b"));
    }

    @Test
    void whoWaitsAtAFifoQueueIsWokenByTheGroupAndByTheTime() throws Exception {
        try (SystemClock real = new SystemClock()) {
            LiveQueue queue = new LiveQueue(new QueueLog("real", segments, real, seal), true, real, bodies);
            send(queue, message(real, "a", "g", "1"), false);
            send(queue, message(real, "b", "g", "2"), false);
            Received first = receive(queue, 1, 30_000).getFirst();
            BlockingQueue<List<Received>> got = new ArrayBlockingQueue<>(2);
            Thread.ofVirtual().start(() -> waitFor(queue, got));
            queue.delete(List.of(first.origin()), _ -> true);
            assertThat(got.poll(5, TimeUnit.SECONDS)).hasSize(1);
            Thread.ofVirtual().start(() -> waitFor(queue, got));
            // Visible again a moment after it was received by somebody else, while one waits.
            send(queue, message(real, "c", "h", "3"), false);
            assertThat(got.poll(5, TimeUnit.SECONDS)).hasSize(1);
            Thread.ofVirtual().start(() -> waitFor(queue, got));
            queue.change(lastOrigin, 50, _ -> true);
            assertThat(got.poll(5, TimeUnit.SECONDS)).hasSize(1);
        }
    }

    private volatile long lastOrigin;

    private void waitFor(LiveQueue queue, BlockingQueue<List<Received>> got) {
        try {
            List<Received> all = queue.receive(new LiveQueue.Want(1, 30_000, 20_000, RETENTION, 1000, null));
            all.forEach(each -> lastOrigin = each.origin());
            got.add(all);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whatLiesOnDiskCannotBeRead() throws Exception {
        String body = "something nobody is to read";
        send(queue(false), message(body, null, null), false);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(each), StandardCharsets.ISO_8859_1))
                        .doesNotContain(body);
            }
        }
        assertThat(receive(again(false), 1, 0))
                .singleElement()
                .satisfies(each -> assertThat(each.message().body()).isEqualTo(body));
        assertThatThrownBy(() ->
                        new LiveQueue(new QueueLog("q", segments, clock, new Seal(new byte[16])), false, clock, bodies))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aFullIndexRefusesAndLetsInAgain() throws Exception {
        bodies = new Bodies(2 * Bodies.STANDARD_BYTES);
        LiveQueue queue = queue(false);
        send(queue, message("a", null, null), false);
        Stored second = send(queue, message("b", null, null), false);
        assertThatThrownBy(() -> send(queue, message("c", null, null), false))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("RequestThrottled"));
        queue.delete(List.of(second.origin()), _ -> true);
        send(queue, message("c", null, null), false);
        queue.purge();
        assertThat(queue.counts(RETENTION).visible()).isZero();
        send(queue, message("d", null, null), false);
    }

    @Test
    void aFifoQueueDoesAsTheModelSays() throws Exception {
        for (int seed = 0; seed < 8; seed++) {
            run(new Random(seed), true);
        }
    }

    @Test
    void aStandardQueueDoesAsTheModelSays() throws Exception {
        for (int seed = 0; seed < 8; seed++) {
            run(new Random(seed), false);
        }
    }

    /** What a queue is, in few words: messages in their order, each with when it is visible. */
    private static final class Model {
        final Map<Long, Long> visible = new TreeMap<>();
        final Map<Long, String> groups = new LinkedHashMap<>();

        void until(long origin, long millis) {
            visible.put(origin, millis);
        }

        long of(long origin) {
            return visible.getOrDefault(origin, 0L);
        }

        Set<Long> receivable(long now, boolean fifo) {
            Set<String> locked = new HashSet<>();
            Set<Long> open = new HashSet<>();
            visible.forEach((origin, until) -> {
                if (fifo && until > now) {
                    locked.add(groups.getOrDefault(origin, ""));
                }
            });
            visible.forEach((origin, until) -> {
                if (until <= now && !locked.contains(groups.getOrDefault(origin, ""))) {
                    open.add(origin);
                }
            });
            return open;
        }
    }

    private void run(Random random, boolean fifo) throws Exception {
        String name = "model" + fifo + random.nextLong();
        LiveQueue queue = new LiveQueue(new QueueLog(name, segments, clock, seal), fifo, clock, bodies);
        Model model = new Model();
        for (int step = 0; step < 150; step++) {
            long now = clock.instant().toEpochMilli();
            List<Long> all = new ArrayList<>(model.visible.keySet());
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    String group = "g" + random.nextInt(3);
                    Message message = message("m" + step, fifo ? group : null, fifo ? name + step : null);
                    long origin = send(queue, message, false).origin();
                    model.visible.put(origin, now);
                    model.groups.put(origin, group);
                }
                case 3, 4 -> take(queue, model, random, fifo);
                case 5 -> {
                    if (!all.isEmpty()) {
                        long one = all.get(random.nextInt(all.size()));
                        queue.delete(List.of(one), _ -> true);
                        model.visible.remove(one);
                    }
                }
                case 6 -> {
                    all.removeIf(each -> model.of(each) <= now);
                    if (!all.isEmpty()) {
                        long one = all.get(random.nextInt(all.size()));
                        long seconds = random.nextInt(3);
                        queue.change(one, seconds * 1000, _ -> true);
                        model.until(one, now + seconds * 1000);
                    }
                }
                default -> {
                    clock.advance(Duration.ofMillis(random.nextInt(2500)));
                    if (random.nextInt(4) == 0) {
                        segments.close();
                        segments = DiskSegments.open(data);
                        queue = new LiveQueue(new QueueLog(name, segments, clock, seal), fifo, clock, bodies);
                    }
                }
            }
            long later = clock.instant().toEpochMilli();
            long flying = model.visible.values().stream()
                    .filter(until -> until > later)
                    .count();
            assertThat(queue.counts(RETENTION))
                    .isEqualTo(new LiveQueue.Counts((int) (model.visible.size() - flying), (int) flying, 0));
        }
    }

    private void take(LiveQueue queue, Model model, Random random, boolean fifo) throws Exception {
        long now = clock.instant().toEpochMilli();
        Set<Long> open = model.receivable(now, fifo);
        int most = 1 + random.nextInt(4);
        List<Received> got = receive(queue, most, 2000);
        assertThat(got).hasSize(Math.min(most, open.size()));
        for (Received each : got) {
            assertThat(open.remove(each.origin())).isTrue();
            if (fifo) {
                String group = model.groups.getOrDefault(each.origin(), "");
                assertThat(open)
                        .noneMatch(
                                other -> other < each.origin() && group.equals(model.groups.getOrDefault(other, "")));
            }
            model.until(each.origin(), now + 2000);
        }
    }
}
