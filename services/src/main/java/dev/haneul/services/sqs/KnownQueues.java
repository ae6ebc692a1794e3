package dev.haneul.services.sqs;

import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.sqs.SqsContext.Queue;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** Queues' records, remembered until one of them changes: every change passes here. */
final class KnownQueues {
    private static final int MOST = 10_000;

    private final Store store;
    private final Map<Key, Known> known = new ConcurrentHashMap<>();
    private final AtomicLong generation = new AtomicLong();

    private record Known(long generation, Queue queue) {}

    KnownQueues(Store store) {
        this.store = store;
    }

    Optional<Queue> find(Key key) {
        long current = generation.get();
        Known remembered = known.get(key);
        if (remembered != null && remembered.generation == current) {
            return Optional.of(remembered.queue);
        }
        Optional<Queue> read = store.read(tx -> tx.get(SqsTables.QUEUES, key)).map(row -> Queue.of(key, row.value()));
        if (read.isEmpty()) {
            known.remove(key);
            return read;
        }
        if (known.size() >= MOST) {
            known.clear();
        }
        known.put(key, new Known(current, read.get()));
        return read;
    }

    /** Changes queues' records in one transaction. */
    <T> T change(Function<WriteTx, T> body) {
        try {
            return store.transact(body);
        } finally {
            forget();
        }
    }

    /** What is remembered may be old. */
    void forget() {
        generation.incrementAndGet();
    }
}
