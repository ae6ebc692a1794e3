package dev.haneul.services.ecs.instance;

import dev.haneul.api.ecs.Attribute;
import dev.haneul.services.ecs.EcsFaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Attributes of container instances: those the agent tells by itself, and custom ones. */
final class Attributes {
    /** What every instance here can do, as the agent's capabilities are called. */
    static final List<String> CAPABILITIES = List.of(
            "com.amazonaws.ecs.capability.docker-remote-api.1.17",
            "com.amazonaws.ecs.capability.docker-remote-api.1.18",
            "com.amazonaws.ecs.capability.docker-remote-api.1.19",
            "com.amazonaws.ecs.capability.docker-remote-api.1.21",
            "com.amazonaws.ecs.capability.ecr-auth",
            "com.amazonaws.ecs.capability.logging-driver.awslogs",
            "com.amazonaws.ecs.capability.logging-driver.json-file",
            "com.amazonaws.ecs.capability.task-iam-role",
            "com.amazonaws.ecs.capability.task-iam-role-network-host",
            "ecs.capability.container-health-check",
            "ecs.capability.container-ordering",
            "ecs.capability.efs",
            "ecs.capability.env-files.s3",
            "ecs.capability.execution-role-awslogs",
            "ecs.capability.execution-role-ecr-pull",
            "ecs.capability.secrets.asm.environment-variables",
            "ecs.capability.secrets.ssm.environment-variables",
            "ecs.capability.task-cpu-mem-limit",
            "ecs.capability.task-eni");

    private static final int MOST = 50;

    private Attributes() {}

    static void check(Attribute attribute) {
        String name = Objects.requireNonNullElse(attribute.name(), "");
        String value = Objects.requireNonNullElse(attribute.value(), "");
        if (!name.matches("[a-zA-Z0-9_./\\\\-]{1,128}")) {
            throw EcsFaults.invalid("Invalid attribute name: " + name + ".");
        }
        if (!value.matches("[a-zA-Z0-9_.@:/\\\\ -]{0,128}") || !value.equals(value.strip())) {
            throw EcsFaults.invalid("Invalid attribute value: " + value + ".");
        }
    }

    static boolean builtIn(Attribute attribute) {
        String name = String.valueOf(attribute.name());
        return name.startsWith("ecs.") || name.startsWith("com.amazonaws.ecs.");
    }

    /** These, one of them replaced or added. */
    static List<Attribute> with(List<Attribute> all, Attribute one) {
        List<Attribute> next = new ArrayList<>();
        all.stream().filter(each -> !Objects.equals(each.name(), one.name())).forEach(next::add);
        next.add(new Attribute().name(one.name()).value(one.value()));
        if (next.stream().filter(each -> !builtIn(each)).count() > MOST) {
            throw EcsFaults.limit("The attribute limit has been reached for the container instance.");
        }
        return next;
    }
}
