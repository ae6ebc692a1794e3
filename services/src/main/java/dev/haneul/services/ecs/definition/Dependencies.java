package dev.haneul.services.ecs.definition;

import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.ContainerDependency;
import dev.haneul.services.ecs.EcsFaults;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** In which order containers start. */
final class Dependencies {
    private static final Set<String> ENDS = Set.of("COMPLETE", "SUCCESS");

    private Dependencies() {}

    /**
     * Refuses what can never be.
     *
     * @throws dev.haneul.api.runtime.Fault ClientException for a container that is not there, a condition that cannot
     *     come true, or a circle
     */
    static void check(List<ContainerDefinition> containers) {
        Map<String, ContainerDefinition> byName = new HashMap<>();
        containers.forEach(each -> byName.put(Objects.requireNonNull(each.name()), each));
        for (ContainerDefinition each : containers) {
            for (ContainerDependency on : each.dependsOn()) {
                check(each, on, byName.get(String.valueOf(on.containerName())));
            }
        }
        Set<String> sound = new HashSet<>();
        for (ContainerDefinition each : containers) {
            walk(each, byName, new HashSet<>(), sound);
        }
    }

    private static void check(
            ContainerDefinition from,
            ContainerDependency on,
            @org.jspecify.annotations.Nullable ContainerDefinition to) {
        String condition = String.valueOf(on.condition());
        if (to == null) {
            throw EcsFaults.client("Container '" + from.name() + "' depends on container '" + on.containerName()
                    + "', which does not exist in the task definition.");
        }
        if (to == from) {
            throw EcsFaults.client("Container '" + from.name() + "' cannot depend on itself.");
        }
        if (!Set.of("START", "COMPLETE", "SUCCESS", "HEALTHY").contains(condition)) {
            throw EcsFaults.client("Invalid container dependency condition '" + condition + "'.");
        }
        if (condition.equals("HEALTHY") && to.healthCheck() == null) {
            throw EcsFaults.client("Container '" + from.name() + "' depends on container '" + to.name()
                    + "' being HEALTHY, but that container has no health check.");
        }
        if (ENDS.contains(condition) && !Boolean.FALSE.equals(to.essential())) {
            throw EcsFaults.client("A container dependency with the condition " + condition
                    + " cannot be on the essential container '" + to.name() + "'.");
        }
    }

    private static void walk(
            ContainerDefinition at, Map<String, ContainerDefinition> byName, Set<String> path, Set<String> sound) {
        String name = Objects.requireNonNull(at.name());
        if (sound.contains(name)) {
            return;
        }
        if (!path.add(name)) {
            throw EcsFaults.client("Container dependencies contain a cycle at container '" + name + "'.");
        }
        for (ContainerDependency on : at.dependsOn()) {
            walk(Objects.requireNonNull(byName.get(on.containerName())), byName, path, sound);
        }
        path.remove(name);
        sound.add(name);
    }
}
