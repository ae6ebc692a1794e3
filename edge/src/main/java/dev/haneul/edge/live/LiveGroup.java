package dev.haneul.edge.live;

import dev.haneul.edge.table.TargetGroup;
import dev.haneul.edge.table.TargetGroup.Health;
import dev.haneul.edge.table.TargetGroup.Target;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A target group at work. Outlives tables, as long as they name it. */
public final class LiveGroup {
    private static final double LEAST_SHARE = 0.1;

    private final InstantSource clock;
    private final RandomGenerator random;
    private final AtomicInteger turn = new AtomicInteger();
    private volatile State state;

    private record State(TargetGroup group, Map<String, LiveTarget> byKey, List<LiveTarget> ready, boolean open) {}

    /**
     * A group that starts with what its table remembers.
     *
     * @param random may be shared by threads
     */
    public LiveGroup(TargetGroup group, InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
        this.state = new State(group, Map.of(), List.of(), false);
        follow(group);
    }

    public TargetGroup group() {
        return state.group();
    }

    public Iterable<LiveTarget> targets() {
        return state.byKey().values();
    }

    /** Takes over a new table's group: targets that stay keep what is known of them, others come and go. */
    public synchronized void follow(TargetGroup changed) {
        Map<String, LiveTarget> before = state.byKey();
        Map<String, LiveTarget> now = new LinkedHashMap<>();
        for (Target each : changed.targets()) {
            LiveTarget known = before.get(each.key());
            if (known == null || !known.target().address().equals(each.address())) {
                known = new LiveTarget(changed.id(), each);
            } else {
                known.follow(each);
            }
            now.put(each.key(), known);
        }
        state = ready(changed, now);
        before.forEach((key, target) -> {
            if (now.get(key) != target) {
                target.leave();
            }
        });
    }

    /** The group is no table's any more. */
    public synchronized void leave() {
        Map<String, LiveTarget> before = state.byKey();
        state = new State(state.group(), Map.of(), List.of(), false);
        before.values().forEach(LiveTarget::leave);
    }

    /** What checks found out; answers whether that is news. */
    public synchronized boolean health(LiveTarget target, Health health) {
        if (target.gone() || target.health().equals(health)) {
            return false;
        }
        target.health(health, clock.instant());
        state = ready(state.group(), state.byKey());
        return true;
    }

    /** Who may be chosen: the healthy ones; where there is none, all: that may be better than nobody. */
    private static State ready(TargetGroup group, Map<String, LiveTarget> all) {
        List<LiveTarget> willing = all.values().stream()
                .filter(each -> !each.target().draining()
                        && !each.target().address().isEmpty()
                        && !each.health().state().equals("unused"))
                .toList();
        List<LiveTarget> healthy = group.check().enabled()
                ? willing.stream().filter(each -> each.health().healthy()).toList()
                : willing;
        return new State(group, all, healthy.isEmpty() ? willing : healthy, healthy.isEmpty());
    }

    /** How many targets are healthy. */
    public long healthy() {
        return state.open() ? 0 : state.ready().size();
    }

    /** A target by its key, where it may be chosen. */
    public Optional<LiveTarget> ready(String key) {
        LiveTarget found = state.byKey().get(key);
        return found != null && state.ready().contains(found) ? Optional.of(found) : Optional.empty();
    }

    /**
     * Chooses who is next.
     *
     * @param zone only targets there, or of any zone; null for all
     * @return null where there is nobody
     */
    public @Nullable LiveTarget next(@Nullable String zone) {
        State now = state;
        List<LiveTarget> ready = zone == null ? now.ready() : within(now.ready(), zone);
        if (ready.size() < 2) {
            return ready.isEmpty() ? null : ready.getFirst();
        }
        return switch (now.group().algorithm()) {
            case ROUND_ROBIN -> willing(now.group(), ready, Math.floorMod(turn.getAndIncrement(), ready.size()));
            case WEIGHTED_RANDOM -> willing(now.group(), ready, random.nextInt(ready.size()));
            case LEAST_OUTSTANDING_REQUESTS -> idlest(now.group(), ready);
        };
    }

    /** The same for the same number, as long as the targets are: for flows. */
    public @Nullable LiveTarget fixed(int number, @Nullable String zone) {
        List<LiveTarget> ready = zone == null ? state.ready() : within(state.ready(), zone);
        if (ready.isEmpty()) {
            return null;
        }
        // The highest of scores that depend on flow and target: few flows move when targets come or go.
        LiveTarget best = ready.getFirst();
        long most = Long.MIN_VALUE;
        for (LiveTarget each : ready) {
            long score = mixed(number * 31L + each.target().key().hashCode());
            if (score > most) {
                most = score;
                best = each;
            }
        }
        return best;
    }

    private static long mixed(long value) {
        long z = value * 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    private static List<LiveTarget> within(List<LiveTarget> ready, String zone) {
        List<LiveTarget> near = new ArrayList<>(ready.size());
        for (LiveTarget each : ready) {
            String theirs = each.target().zone();
            if (theirs.isEmpty() || theirs.equals("all") || theirs.equals(zone)) {
                near.add(each);
            }
        }
        return near;
    }

    /** The one in turn, or a later one where that is spared still. */
    private LiveTarget willing(TargetGroup group, List<LiveTarget> ready, int first) {
        if (group.slowStart().isZero()) {
            return ready.get(first);
        }
        Instant now = clock.instant();
        for (int i = 0; i < ready.size(); i++) {
            LiveTarget each = ready.get((first + i) % ready.size());
            if (random.nextDouble() < share(group, each, now)) {
                return each;
            }
        }
        return ready.get(first);
    }

    private LiveTarget idlest(TargetGroup group, List<LiveTarget> ready) {
        int first = Math.floorMod(turn.getAndIncrement(), ready.size());
        Instant now = group.slowStart().isZero() ? null : clock.instant();
        LiveTarget best = ready.get(first);
        double least = Double.MAX_VALUE;
        for (int i = 0; i < ready.size(); i++) {
            LiveTarget each = ready.get((first + i) % ready.size());
            double load = now == null ? each.outstanding() : (each.outstanding() + 1) / share(group, each, now);
            if (load < least) {
                least = load;
                best = each;
            }
        }
        return best;
    }

    /** How much of its full share a target gets: it grows with the time since it became healthy. */
    static double share(TargetGroup group, LiveTarget target, Instant now) {
        Instant since = target.healthySince();
        if (since == null || group.slowStart().isZero()) {
            return 1;
        }
        double passed = (double) Duration.between(since, now).toMillis()
                / group.slowStart().toMillis();
        return Math.clamp(passed, LEAST_SHARE, 1);
    }
}
