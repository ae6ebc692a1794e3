package dev.haneul.services.ecs.definition;

import dev.haneul.api.ecs.Attribute;
import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.Secret;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.DefinitionRow;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/** Task definitions as others ask for them. */
public final class Definitions {
    private static final int PAGE = 200;

    private Definitions() {}

    /** The network mode: bridge where none is said. */
    public static String network(TaskDefinition definition) {
        return Objects.requireNonNullElse(definition.networkMode(), "bridge");
    }

    /**
     * What a request calls a task definition.
     *
     * @param reference {@code FAMILY} for its latest active revision, {@code FAMILY:NUMBER}, or an ARN
     */
    public static Optional<DefinitionRow> find(ReadTx tx, Scope scope, String reference) {
        String name = reference;
        if (reference.startsWith("arn:")) {
            String prefix = dev.haneul.services.ecs.EcsRoom.arn(scope, "task-definition/");
            if (!reference.startsWith(prefix)) {
                return Optional.empty();
            }
            name = reference.substring(prefix.length());
        }
        if (name.isEmpty()) {
            return Optional.empty();
        }
        if (name.indexOf(':') >= 0) {
            return EcsTables.reference(name)
                    .flatMap(key -> tx.get(EcsTables.DEFINITIONS, scope.key(key)))
                    .map(Row::value);
        }
        return latest(tx, scope, name);
    }

    /** A family's latest active revision. */
    static Optional<DefinitionRow> latest(ReadTx tx, Scope scope, String family) {
        String to = family + "0";
        while (true) {
            List<Row<DefinitionRow>> rows = tx.rangeDescending(EcsTables.DEFINITIONS, scope, family + "/", to, PAGE);
            for (Row<DefinitionRow> row : rows) {
                if (row.value().active()) {
                    return Optional.of(row.value());
                }
            }
            if (rows.size() < PAGE) {
                return Optional.empty();
            }
            to = rows.getLast().key().id();
        }
    }

    /**
     * A task definition that tasks may be launched of.
     *
     * @throws dev.haneul.api.runtime.Fault ClientException where there is none, or not any longer
     */
    public static DefinitionRow require(ReadTx tx, Scope scope, String reference) {
        DefinitionRow row = find(tx, scope, reference).orElseThrow(() -> EcsFaults.client("TaskDefinition not found."));
        if (!row.active()) {
            throw EcsFaults.client("TaskDefinition is inactive");
        }
        return row;
    }

    /** What a container instance must have to run it. */
    static List<Attribute> needs(TaskDefinition task) {
        TreeSet<String> names = new TreeSet<>();
        if ("awsvpc".equals(task.networkMode())) {
            names.add("ecs.capability.task-eni");
        }
        if (task.taskRoleArn() != null) {
            names.add("com.amazonaws.ecs.capability.task-iam-role");
        }
        names.add("com.amazonaws.ecs.capability.docker-remote-api.1.18");
        for (ContainerDefinition each : task.containerDefinitions()) {
            if (each.logConfiguration() != null) {
                names.add("com.amazonaws.ecs.capability.logging-driver."
                        + each.logConfiguration().logDriver());
            }
            if (String.valueOf(each.image()).contains(".dkr.ecr.")) {
                names.add("com.amazonaws.ecs.capability.ecr-auth");
                if (task.executionRoleArn() != null) {
                    names.add("ecs.capability.execution-role-ecr-pull");
                }
            }
            for (Secret secret : each.secrets()) {
                names.add(
                        String.valueOf(secret.valueFrom()).contains(":secretsmanager:")
                                ? "ecs.capability.secrets.asm.environment-variables"
                                : "ecs.capability.secrets.ssm.environment-variables");
            }
            if (!each.environmentFiles().isEmpty()) {
                names.add("ecs.capability.env-files.s3");
            }
            if (!each.dependsOn().isEmpty()) {
                names.add("ecs.capability.container-ordering");
            }
            if (each.healthCheck() != null) {
                names.add("ecs.capability.container-health-check");
            }
            if (Boolean.TRUE.equals(each.privileged())) {
                names.add("com.amazonaws.ecs.capability.privileged-container");
            }
        }
        if (task.volumes().stream().anyMatch(volume -> volume.efsVolumeConfiguration() != null)) {
            names.add("ecs.capability.efs");
        }
        return names.stream().map(name -> new Attribute().name(name)).toList();
    }
}
