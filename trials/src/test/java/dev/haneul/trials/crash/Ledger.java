package dev.haneul.trials.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** What a region has acknowledged, and what it may be held to. */
final class Ledger {
    private final AtomicInteger number = new AtomicInteger();
    /** A permit for each. */
    final Semaphore acknowledged = new Semaphore(0);
    /** Objects by key: their ETags. */
    private final Map<String, String> objects = new ConcurrentHashMap<>();
    /** Bodies whose send or publish was answered. */
    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    /** Bodies that were received, each with the id of its message. */
    private final Map<String, String> received = new ConcurrentHashMap<>();

    private final Set<String> deleted = ConcurrentHashMap.newKeySet();
    /** Of each FIFO group what was answered and of which no delete was tried. */
    private final Map<String, ConcurrentSkipListSet<String>> lines = new ConcurrentHashMap<>();

    /** A body that was never used; they grow as numbers and as texts. */
    String next(String kind) {
        return kind + "%09d".formatted(number.incrementAndGet());
    }

    void stored(String key, String etag) {
        objects.put(key, etag);
        acknowledged.release();
    }

    Map<String, String> objects() {
        return objects;
    }

    void sent(String body) {
        sent.add(body);
        acknowledged.release();
    }

    void sentInLine(String group, String body) {
        sent(body);
        lines.computeIfAbsent(group, _ -> new ConcurrentSkipListSet<>()).add(body);
    }

    void received(String body, String id, boolean onlyOnce) {
        assertThat(deleted).as("deleted, and there again").doesNotContain(body);
        String before = received.put(body, id);
        if (onlyOnce && before != null) {
            assertThat(id).as("one send, one message").isEqualTo(before);
        }
    }

    /** Whoever stood before it in its group has been taken away, or at least that was tried. */
    void receivedInLine(String group, String body) {
        ConcurrentSkipListSet<String> line = lines.computeIfAbsent(group, _ -> new ConcurrentSkipListSet<>());
        assertThat(line.headSet(body)).as("before %s in its group", body).isEmpty();
        line.remove(body);
    }

    void deleted(String body) {
        deleted.add(body);
    }

    void requireNothingLost() {
        Set<String> lost = new HashSet<>(sent);
        lost.removeAll(received.keySet());
        assertThat(lost).isEmpty();
        assertThat(objects).isNotEmpty();
    }

    @Override
    public String toString() {
        return objects.size() + " objects, " + sent.size() + " messages and notifications acknowledged, "
                + received.size() + " received, " + deleted.size() + " deleted";
    }
}
