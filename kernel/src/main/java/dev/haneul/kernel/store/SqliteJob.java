package dev.haneul.kernel.store;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A transaction that was brought, and what becomes of it. */
final class SqliteJob {
    final Body body;
    final CountDownLatch done = new CountDownLatch(1);
    List<Runnable> after = List.of();
    Set<String> touched = Set.of();

    @Nullable
    Object result;

    @Nullable
    Throwable failure;

    /** What a transaction does; actions added to {@code after} run on the same thread once it is durable. */
    @FunctionalInterface
    interface Body {
        @Nullable
        Object run(SqliteTx tx, List<Runnable> after);
    }

    SqliteJob(Body body) {
        this.body = body;
    }

    /** Waits until it is answered, also when interrupted, for it may be committed already. */
    void await() {
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What it came to, or what it threw. */
    @Nullable
    Object answer() {
        switch (failure) {
            case null -> {
                return result;
            }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new StoreException("the transaction failed", failure);
        }
    }

    /** Nothing of it was committed. */
    void fail(Exception e) {
        failure = e;
        after = List.of();
        touched = Set.of();
    }

    /** Answers it where that was not done. */
    void refuse(IllegalStateException why) {
        if (done.getCount() > 0) {
            failure = why;
            done.countDown();
        }
    }
}
