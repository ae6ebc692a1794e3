package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.Failure;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsTables.InstanceRow;
import dev.haneul.services.ecs.task.LaunchRequest.Target;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds container instances for tasks. */
final class Placing {
    /**
     * What was found.
     *
     * @param instance null where none fits, for the reasons in {@code failures}
     */
    record Choice(@Nullable InstanceRow instance, String zone, List<Failure> failures) {
        /** The containers with the host's ports they are reached at. */
        List<Container> bound(List<Container> containers) {
            return containers;
        }
    }

    Choice choose(ReadTx tx, LaunchRequest wanted, Target target) {
        throw EcsFaults.unbuilt("The " + target.launchType() + " launch type");
    }
}
