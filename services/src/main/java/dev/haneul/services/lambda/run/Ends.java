package dev.haneul.services.lambda.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * When environments end that nobody uses. One that makes room for another would take the processors from the very start
 * it makes room for, so it waits until none is under way; not for long, and few of them, for they hold what they hold.
 */
final class Ends {
    private static final int MOST_WAITING = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofMillis(10);

    private final Map<String, Instant> waiting = new ConcurrentHashMap<>();

    /** This one is in no hurry, unless many wait already. */
    void unhurried(String stream, Instant now) {
        if (waiting.size() < MOST_WAITING) {
            waiting.put(stream, now);
        }
    }

    /** When to ask again about one that is to end; null where it may end now. */
    @Nullable
    Instant postponed(String stream, boolean starting, Instant now) {
        Instant since = waiting.get(stream);
        if (since != null && starting && now.isBefore(since.plus(PATIENCE))) {
            return now.plus(LOOK);
        }
        waiting.remove(stream);
        return null;
    }

    /** Ends one environment. */
    @FunctionalInterface
    interface Ender {
        void end(Environment environment) throws InterruptedException;
    }

    /** Ends them side by side: each waits for its processes to die and for its cgroup to go. */
    static void all(List<Environment> environments, Ender ender) {
        List<Thread> threads = new ArrayList<>();
        for (Environment environment : environments) {
            threads.add(Thread.ofVirtual()
                    .name("lambda-end-" + environment.stream())
                    .start(() -> {
                        try {
                            ender.end(environment);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }));
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
