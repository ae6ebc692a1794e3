package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.AwsVpcConfiguration;
import dev.haneul.api.ecs.PlacementConstraint;
import dev.haneul.api.ecs.PlacementStrategy;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.ecs.TaskOverride;
import dev.haneul.kernel.store.Scope;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tasks to be launched, all alike. What it holds has been validated: the cluster is active, the definition is, subnets
 * and groups exist and fit the definition's network mode.
 *
 * @param cluster the cluster's name
 * @param targets one for each task: where it goes; see {@link Capacity#split}
 * @param network null in other modes than awsvpc
 * @param group {@code family:…} or {@code service:NAME}
 * @param startedBy null for none; a service's tasks carry their deployment's id ({@code ecs-svc/…})
 * @param service the service's name; null for none
 * @param tags the tasks' tags, propagated and managed ones among them
 * @param execute whether ExecuteCommand works on them
 * @param placement constraints and strategy, for the EC2 launch type
 */
public record LaunchRequest(
        Scope scope,
        String cluster,
        TaskDefinition definition,
        List<Target> targets,
        @Nullable AwsVpcConfiguration network,
        TaskOverride overrides,
        String group,
        @Nullable String startedBy,
        @Nullable String service,
        Map<String, String> tags,
        boolean execute,
        PlacementWish placement) {
    public LaunchRequest {
        targets = List.copyOf(targets);
        tags = Map.copyOf(tags);
    }

    /**
     * Where one task goes.
     *
     * @param launchType FARGATE, EC2 or EXTERNAL
     * @param provider the capacity provider, null where a launch type was named
     * @param platformVersion e.g. {@code 1.4.0}; null but on Fargate
     * @param instance the id of the one container instance it must go to (StartTask, daemons); null for any
     */
    public record Target(
            String launchType,
            @Nullable String provider,
            @Nullable String platformVersion,
            @Nullable String instance) {
        /** What is supposed to run on Fargate's newest platform, or on any instance. */
        public static Target of(String launchType) {
            return new Target(launchType, null, "FARGATE".equals(launchType) ? Capacity.PLATFORM : null, null);
        }
    }

    /** How tasks are placed on container instances. */
    public record PlacementWish(List<PlacementConstraint> constraints, List<PlacementStrategy> strategy) {
        public static final PlacementWish ANY = new PlacementWish(List.of(), List.of());
    }
}
