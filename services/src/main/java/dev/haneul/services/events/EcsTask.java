package dev.haneul.services.events;

import dev.haneul.api.ecs.NetworkConfiguration;
import dev.haneul.api.ecs.RunTaskRequest;
import dev.haneul.api.events.EcsParameters;
import dev.haneul.api.runtime.Struct;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.JsonStructs;
import dev.haneul.kernel.store.RecordCodecs;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A target's ECS parameters as ECS wants them. */
final class EcsTask {
    private EcsTask() {}

    static RunTaskRequest of(EcsParameters in) {
        RunTaskRequest task = new RunTaskRequest()
                .taskDefinition(in.taskDefinitionArn())
                .count(in.taskCount())
                .launchType(in.launchType())
                .platformVersion(in.platformVersion())
                .group(in.group())
                .enableECSManagedTags(in.enableECSManagedTags())
                .enableExecuteCommand(in.enableExecuteCommand())
                .propagateTags(in.propagateTags())
                .referenceId(in.referenceId());
        if (in.networkConfiguration() != null) {
            task.networkConfiguration(copy(in.networkConfiguration(), new NetworkConfiguration()));
        }
        if (in.hasCapacityProviderStrategy()) {
            task.capacityProviderStrategy(
                    copies(in.capacityProviderStrategy(), new dev.haneul.api.ecs.CapacityProviderStrategyItem()));
        }
        if (in.hasPlacementConstraints()) {
            task.placementConstraints(copies(in.placementConstraints(), new dev.haneul.api.ecs.PlacementConstraint()));
        }
        if (in.hasPlacementStrategy()) {
            task.placementStrategy(copies(in.placementStrategy(), new dev.haneul.api.ecs.PlacementStrategy()));
        }
        if (in.hasTags()) {
            task.tags(copies(in.tags(), new dev.haneul.api.ecs.Tag()));
        }
        return task;
    }

    private static <S extends Struct> List<S> copies(List<? extends Struct> from, S like) {
        return from.stream().map(each -> copy(each, like)).toList();
    }

    /** The two services' structures have the same members but for the case of first letters. */
    @SuppressWarnings("unchecked")
    private static <S extends Struct> S copy(Struct from, S like) {
        String json = new String(encode(from), StandardCharsets.UTF_8);
        return (S) JsonStructs.read(like.shape(), Json.object(json).orElse(Map.of()));
    }

    private static <S extends Struct> byte[] encode(S struct) {
        return RecordCodecs.struct(struct).encode(struct);
    }
}
