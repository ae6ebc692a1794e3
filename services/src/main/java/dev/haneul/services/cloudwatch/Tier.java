package dev.haneul.services.cloudwatch;

import dev.haneul.kernel.store.Scope;
import java.time.Duration;

/** How fine points are kept, and for how long. */
enum Tier {
    SECOND(Duration.ofSeconds(1), Duration.ofHours(3)),
    MINUTE(Duration.ofMinutes(1), Duration.ofDays(15)),
    FIVE_MINUTES(Duration.ofMinutes(5), Duration.ofDays(63)),
    HOUR(Duration.ofHours(1), Duration.ofDays(455));

    /** The width of a bucket. */
    final long millis;

    private final long keptMillis;

    Tier(Duration width, Duration kept) {
        this.millis = width.toMillis();
        this.keptMillis = kept.toMillis();
    }

    /** Buckets that begin before this are gone: a full hour, so that a coarser tier's buckets end there. */
    long floor(long nowMillis) {
        long hour = Duration.ofHours(1).toMillis();
        return Math.floorDiv(nowMillis - keptMillis, hour) * hour;
    }

    /** The segment log of a metric's points. */
    String log(Scope scope, String metric) {
        return "metrics/" + scope.account() + "/" + scope.region() + "/" + metric + "/" + millis / 1000;
    }
}
