package dev.haneul.engines;

import java.util.List;

/**
 * What an engine found out about this host.
 *
 * @param usable whether it can run workloads at all
 * @param reason why not, or in a few words how it isolates
 * @param guarantees what it enforces here, e.g. {@code network namespace}, {@code memory limit (cgroup v1)}
 * @param weaknesses what it cannot enforce here, each a plain sentence for {@code haneul status}
 */
public record Probe(boolean usable, String reason, List<String> guarantees, List<String> weaknesses) {
    public Probe {
        guarantees = List.copyOf(guarantees);
        weaknesses = List.copyOf(weaknesses);
    }
}
