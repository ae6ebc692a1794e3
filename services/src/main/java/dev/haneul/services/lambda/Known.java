package dev.haneul.services.lambda;

import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.LambdaTables.Function;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Functions as they were read last, so that a function that is called again and again is not decoded each time. Whether
 * one is still what the store has, its revision tells.
 */
final class Known {
    private static final int MOST_KEPT = 1000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Read> kept = new LinkedHashMap<>(16, 0.75f, true);

    private record Read(long revision, Function function) {}

    /** As {@link Functions#find}, with a weighted alias leading to either of its versions. */
    Found find(ReadTx tx, FunctionRef ref) {
        String qualifier = ref.qualifier();
        if (qualifier != null && !qualifier.equals(FunctionRef.LATEST)) {
            return Functions.find(tx, ref, Invoke.CHANCE);
        }
        return latest(tx, ref).orElseThrow(() -> Problems.functionNotFound(ref));
    }

    /** A function's latest state; empty where it is gone. Whoever is told of a change before it is called asks then. */
    Optional<Found> latest(ReadTx tx, FunctionRef ref) {
        Optional<Long> revision = tx.revisionOf(LambdaTables.FUNCTIONS, ref.key());
        if (revision.isEmpty()) {
            return Optional.empty();
        }
        Read known = get(ref.key());
        if (known == null || known.revision != revision.get()) {
            known = new Read(revision.get(), Functions.get(tx, ref));
            keep(ref.key(), known);
        }
        return Optional.of(Functions.latest(known.function));
    }

    private @Nullable Read get(Key key) {
        lock.lock();
        try {
            return kept.get(key);
        } finally {
            lock.unlock();
        }
    }

    private void keep(Key key, Read read) {
        lock.lock();
        try {
            kept.put(key, read);
            if (kept.size() > MOST_KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }
}
