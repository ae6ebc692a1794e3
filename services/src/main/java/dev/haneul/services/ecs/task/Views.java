package dev.haneul.services.ecs.task;

import dev.haneul.engines.container.Container;
import dev.haneul.engines.container.Pod;
import dev.haneul.services.ecs.task.Seen.SeenContainer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the engine tells of pods, as plans want it. */
final class Views {
    private Views() {}

    static Seen of(Optional<Pod> pod) {
        if (pod.isEmpty()) {
            return Seen.NOTHING;
        }
        Map<String, SeenContainer> found = new LinkedHashMap<>();
        for (Container each : pod.get().containers()) {
            found.put(each.name(), of(each));
        }
        return new Seen(true, found);
    }

    static SeenContainer of(Container each) {
        Container.Exit exit = each.running() ? null : each.exit().orElse(null);
        return new SeenContainer(
                exit == null,
                each.starts(),
                exit == null ? 0 : exit.code(),
                exit != null && exit.outOfMemory(),
                exit == null ? "" : exit.reason(),
                each.startedAt(),
                exit == null ? each.startedAt() : exit.at());
    }
}
