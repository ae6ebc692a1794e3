package dev.haneul.services.ecs.task;

import java.time.Instant;
import java.util.Map;

/**
 * What is seen of a task on the machine.
 *
 * @param pod whether its pod is there
 * @param containers by name; those that were started at least once
 */
record Seen(boolean pod, Map<String, SeenContainer> containers) {
    static final Seen NOTHING = new Seen(false, Map.of());

    Seen {
        containers = Map.copyOf(containers);
    }

    /**
     * One container.
     *
     * @param starts how often it was started
     * @param code its exit code; 0 while it runs
     * @param outOfMemory whether its memory limit ended it
     * @param reason why it ended, where the code does not tell
     */
    record SeenContainer(
            boolean running,
            int starts,
            int code,
            boolean outOfMemory,
            String reason,
            Instant startedAt,
            Instant endedAt) {}
}
