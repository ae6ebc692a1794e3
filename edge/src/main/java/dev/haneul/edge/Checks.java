package dev.haneul.edge;

import dev.haneul.edge.http.Probe;
import dev.haneul.edge.live.LiveGroup;
import dev.haneul.edge.live.LiveTarget;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.TargetGroup;
import dev.haneul.edge.table.TargetGroup.Health;
import dev.haneul.kernel.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Looks at a balancer's targets again and again. Goes by the region's clock; the timeouts of a look by the machine's. */
final class Checks implements AutoCloseable {
    private static final int AT_ONCE = 64;

    private final Probe probe;
    private final Clock clock;
    private final Told told;
    private final Semaphore seats = new Semaphore(AT_ONCE);
    private final Map<LiveTarget, Watched> watched = new HashMap<>();
    private volatile List<RoutingTable.Node> nodes = List.of();
    private boolean closed;

    /** Hears of health that changed. */
    @FunctionalInterface
    interface Told {
        void changed(LiveGroup group, LiveTarget target, Health health);
    }

    Checks(Probe probe, Clock clock, Told told) {
        this.probe = probe;
        this.clock = clock;
        this.told = told;
    }

    /** Looks at these targets from now on, and at no others. */
    synchronized void follow(List<RoutingTable.Node> from, Iterable<LiveGroup> groups) {
        nodes = from;
        for (LiveGroup group : groups) {
            for (LiveTarget target : group.targets()) {
                Watched known = watched.get(target);
                boolean wanted = group.group().check().enabled()
                        && !target.target().draining()
                        && !target.target().address().isEmpty()
                        && !target.health().state().equals("unused");
                if (wanted && known == null && !closed) {
                    Watched made = new Watched(group, target);
                    watched.put(target, made);
                    made.start();
                } else if (!wanted && known != null) {
                    watched.remove(target);
                    known.stop();
                }
            }
        }
        watched.values().removeIf(each -> each.target.gone() && each.stop());
    }

    @Override
    public synchronized void close() {
        closed = true;
        watched.values().forEach(Watched::stop);
        watched.clear();
    }

    /** One target and how its last looks went. */
    private final class Watched {
        private final LiveGroup group;
        private final LiveTarget target;
        private int well;
        private int ill;
        private boolean stopped;
        private Clock.@Nullable Timer timer;

        Watched(LiveGroup group, LiveTarget target) {
            this.group = group;
            this.target = target;
        }

        void start() {
            Thread.ofVirtual().name("health " + target.target().key()).start(this::look);
        }

        synchronized boolean stop() {
            stopped = true;
            if (timer != null) {
                timer.cancel();
            }
            return true;
        }

        private synchronized boolean isStopped() {
            return stopped;
        }

        private void look() {
            try {
                seats.acquire();
                try {
                    if (!isStopped()) {
                        count(probe.look(group.group(), target.target(), node()));
                    }
                } finally {
                    seats.release();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                System.getLogger(Checks.class.getName()).log(System.Logger.Level.WARNING, "a health check failed", e);
            }
            again();
        }

        private synchronized void again() {
            if (!stopped && !target.gone()) {
                timer = clock.after(group.group().check().interval(), this::start);
            }
        }

        /** From a node of the target's zone, where there is one. */
        private String node() {
            String zone = target.target().zone();
            return nodes.stream()
                    .filter(each -> each.zone().equals(zone))
                    .findFirst()
                    .or(() -> nodes.stream().findFirst())
                    .map(RoutingTable.Node::id)
                    .orElse("");
        }

        private void count(Health seen) {
            TargetGroup.HealthCheck check = group.group().check();
            Health now = target.health();
            well = seen.healthy() ? well + 1 : 0;
            ill = seen.healthy() ? 0 : ill + 1;
            // A new target needs one good look; one that was ill needs as many as were asked for.
            boolean cured = seen.healthy() && !now.healthy() && (now.initial() || well >= check.healthyCount());
            boolean fallen = !seen.healthy() && !now.state().equals("unhealthy") && ill >= check.unhealthyCount();
            boolean otherReason = !seen.healthy() && now.state().equals("unhealthy");
            if ((cured || fallen || otherReason) && !isStopped() && group.health(target, seen)) {
                told.changed(group, target, seen);
            }
        }
    }
}
