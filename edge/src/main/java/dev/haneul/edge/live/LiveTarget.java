package dev.haneul.edge.live;

import dev.haneul.edge.table.TargetGroup.Health;
import dev.haneul.edge.table.TargetGroup.Target;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A target at work. Outlives tables, as long as they name it. */
public final class LiveTarget {
    private final String group;
    private final Set<Runnable> leaving = ConcurrentHashMap.newKeySet();
    private final AtomicInteger outstanding = new AtomicInteger();
    private volatile Target target;
    private volatile Health health;
    private volatile @Nullable Instant healthySince;
    private volatile boolean gone;

    LiveTarget(String group, Target target) {
        this.group = group;
        this.target = target;
        this.health = target.health();
        this.healthySince = target.healthySince();
    }

    /** The id of its group. */
    public String group() {
        return group;
    }

    public Target target() {
        return target;
    }

    /** Whether it is in use at all is decided elsewhere; how it does is found out here, anew where it comes back. */
    void follow(Target changed) {
        boolean unused = changed.health().state().equals("unused");
        boolean again = target.draining() && !changed.draining();
        if (again || unused != health.state().equals("unused")) {
            health = changed.health();
        }
        target = changed;
    }

    public Health health() {
        return health;
    }

    /** Its health has changed. */
    void health(Health now, Instant at) {
        if (now.healthy() && !health.healthy()) {
            healthySince = at;
        }
        health = now;
    }

    @Nullable
    Instant healthySince() {
        return healthySince;
    }

    /** Requests or flows that it has not finished. */
    public int outstanding() {
        return outstanding.get();
    }

    /** One more request; {@link #ended} follows. */
    public void begun() {
        outstanding.incrementAndGet();
    }

    public void ended() {
        outstanding.decrementAndGet();
    }

    /** Whether no table names it any more. */
    public boolean gone() {
        return gone;
    }

    /** Runs a task when the target leaves; at once where it has left. */
    public void onLeaving(Runnable task) {
        leaving.add(task);
        if (gone && leaving.remove(task)) {
            task.run();
        }
    }

    public void forget(Runnable task) {
        leaving.remove(task);
    }

    /** No table names it any more. */
    void leave() {
        gone = true;
        for (Runnable task : leaving) {
            if (leaving.remove(task)) {
                task.run();
            }
        }
    }
}
