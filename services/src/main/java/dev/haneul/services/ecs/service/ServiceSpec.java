package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.DeploymentConfiguration;
import dev.haneul.api.ecs.LaunchType;
import dev.haneul.api.ecs.PlatformUnknownException;
import dev.haneul.api.ecs.Service;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.runtime.Fault;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.definition.Definitions;
import dev.haneul.services.ecs.instance.Expression;
import dev.haneul.services.ecs.task.Capacity;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a service may be told: refuses what ECS refuses, in its words. Pure; whether neighbours have what is named is
 * asked by {@link ServiceChecks}.
 */
final class ServiceSpec {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,255}");
    private static final Set<String> STRATEGIES = Set.of("REPLICA", "DAEMON");
    private static final Set<String> CONTROLLERS = Set.of("ECS", "CODE_DEPLOY", "EXTERNAL");
    private static final Set<String> SHIFTS = Set.of("ROLLING", "BLUE_GREEN", "LINEAR", "CANARY");
    private static final Set<String> PROPAGATE = Set.of("TASK_DEFINITION", "SERVICE", "NONE");
    private static final Set<String> PLATFORMS = Set.of("LATEST", Capacity.PLATFORM);
    private static final Set<String> LAUNCH_TYPES = Set.of("EC2", "FARGATE");
    private static final int MOST_TASKS = 5000;
    private static final int MOST_BALANCERS = 5;
    private static final int MOST_CONSTRAINTS = 10;
    private static final int MOST_STRATEGIES = 5;

    private ServiceSpec() {}

    /** The launch type as statistics name it. */
    static String kind(Service told) {
        String type = told.launchType();
        if (type == null) {
            return fargate(told) ? "Fargate" : "EC2";
        }
        return switch (type) {
            case LaunchType.FARGATE -> "Fargate";
            case LaunchType.EXTERNAL -> "External";
            default -> "EC2";
        };
    }

    /** Whether its tasks run on Fargate. */
    static boolean fargate(Service told) {
        if (told.launchType() != null) {
            return LaunchType.FARGATE.equals(told.launchType());
        }
        return told.capacityProviderStrategy().stream()
                .anyMatch(each -> Capacity.OF_AWS.contains(String.valueOf(each.capacityProvider())));
    }

    static void checkName(@Nullable String name) {
        if (name == null || !NAME.matcher(name).matches()) {
            throw EcsFaults.invalid("Service name must match the pattern [a-zA-Z0-9_-]{1,255}.");
        }
    }

    /** Refuses settings that do not go together. */
    static void check(Service told) {
        oneOf("schedulingStrategy", told.schedulingStrategy(), STRATEGIES);
        String controller = told.deploymentController() == null
                ? "ECS"
                : told.deploymentController().type();
        oneOf("deploymentController.type", controller, CONTROLLERS);
        String launchType = told.launchType();
        if (launchType != null && !LAUNCH_TYPES.contains(launchType)) {
            throw EcsFaults.unbuilt("The launch type " + launchType + " of a service");
        }
        oneOf("propagateTags", told.propagateTags(), PROPAGATE);
        boolean daemon = "DAEMON".equals(told.schedulingStrategy());
        int count = Objects.requireNonNullElse(told.desiredCount(), 0);
        if (count < 0) {
            throw EcsFaults.invalid("Desired count must be a non-negative number.");
        }
        if (count > MOST_TASKS) {
            throw EcsFaults.invalid("Desired count cannot be greater than " + MOST_TASKS + ".");
        }
        if (daemon) {
            checkDaemon(told, controller);
        }
        if (told.loadBalancers().size() > MOST_BALANCERS) {
            throw EcsFaults.invalid("load balancers can have at most " + MOST_BALANCERS + " items.");
        }
        if (told.serviceRegistries().size() > 1) {
            throw EcsFaults.invalid("service registries can have at most 1 items.");
        }
        if (told.placementConstraints().size() > MOST_CONSTRAINTS) {
            throw EcsFaults.invalid("placement constraints can have at most " + MOST_CONSTRAINTS + " items.");
        }
        if (told.placementStrategy().size() > MOST_STRATEGIES) {
            throw EcsFaults.invalid("placement strategy can have at most " + MOST_STRATEGIES + " items.");
        }
        told.placementConstraints().stream()
                .filter(each -> "memberOf".equals(each.type()))
                .forEach(each -> Expression.parse(each.expression()));
        checkGrace(told);
        checkPlace(told);
        checkDeployment(told, controller, daemon);
    }

    private static void oneOf(String what, @Nullable String value, Set<String> known) {
        if (value != null && !known.contains(value)) {
            throw EcsFaults.invalid("Invalid value for " + what + ": " + value + ".");
        }
    }

    private static void checkGrace(Service told) {
        Integer grace = told.healthCheckGracePeriodSeconds();
        if (grace != null && grace < 0) {
            throw EcsFaults.invalid("Health check grace period must be a non-negative number.");
        }
        boolean balanced = !told.loadBalancers().isEmpty() || isExternal(told);
        if (grace != null && grace > 0 && !balanced) {
            throw EcsFaults.invalid(
                    "Health check grace period is only valid for services configured to use load balancers");
        }
    }

    private static boolean isExternal(Service told) {
        return told.deploymentController() != null
                && "EXTERNAL".equals(told.deploymentController().type());
    }

    private static void checkDaemon(Service told, String controller) {
        if (!told.capacityProviderStrategy().isEmpty()) {
            throw EcsFaults.invalid(
                    "Specifying a capacity provider strategy is not supported when you create a service "
                            + "using the DAEMON scheduling strategy.");
        }
        if (fargate(told)) {
            throw EcsFaults.invalid("The DAEMON scheduling strategy is not supported with the FARGATE launch type.");
        }
        if (!told.placementStrategy().isEmpty()) {
            throw EcsFaults.invalid("The daemon scheduling strategy does not support placement strategies.");
        }
        if (!controller.equals("ECS")) {
            throw EcsFaults.invalid("The DAEMON scheduling strategy is not supported with the " + controller
                    + " deployment controller.");
        }
        if ("ENABLED".equals(told.availabilityZoneRebalancing())) {
            throw EcsFaults.invalid(
                    "Availability Zone rebalancing is not supported with the DAEMON scheduling strategy.");
        }
    }

    private static void checkPlace(Service told) {
        if (fargate(told)) {
            if (!told.placementConstraints().isEmpty()) {
                throw EcsFaults.invalid("Placement constraints are not supported with FARGATE launch type.");
            }
            if (!told.placementStrategy().isEmpty()) {
                throw EcsFaults.invalid("Placement strategies are not supported with FARGATE launch type.");
            }
            String version = told.platformVersion();
            if (version != null && !PLATFORMS.contains(version)) {
                throw Fault.of(new PlatformUnknownException(), "The specified platform version does not exist.");
            }
        } else if (told.platformVersion() != null) {
            throw EcsFaults.invalid("The platform version must be null when specifying an EC2 launch type.");
        }
    }

    private static void checkDeployment(Service told, String controller, boolean daemon) {
        DeploymentConfiguration wanted = Objects.requireNonNull(told.deploymentConfiguration());
        oneOf("deploymentConfiguration.strategy", wanted.strategy(), SHIFTS);
        int minimum = Objects.requireNonNullElse(wanted.minimumHealthyPercent(), 0);
        int maximum = Objects.requireNonNullElse(wanted.maximumPercent(), 0);
        if (minimum < 0 || minimum > 100) {
            throw EcsFaults.invalid("minimumHealthyPercent must be between 0 and 100.");
        }
        if (daemon && maximum != 100) {
            throw EcsFaults.invalid(
                    "The daemon scheduling strategy does not support values above 100 for maximumPercent.");
        }
        if (maximum < 100) {
            throw EcsFaults.invalid("maximumPercent must be greater than or equal to 100.");
        }
        if (minimum == 100 && maximum == 100) {
            throw EcsFaults.invalid(
                    "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.");
        }
        boolean breaks = wanted.deploymentCircuitBreaker() != null
                && Boolean.TRUE.equals(wanted.deploymentCircuitBreaker().enable());
        if (breaks && !controller.equals("ECS")) {
            throw EcsFaults.invalid(
                    "Deployment circuit breaker feature can only be enabled with ECS deployment controller.");
        }
        if ("ENABLED".equals(told.availabilityZoneRebalancing()) && maximum <= 100) {
            throw EcsFaults.invalid("Availability Zone rebalancing requires a maximumPercent greater than 100.");
        }
        checkShift(told, wanted, controller, daemon);
    }

    private static void checkShift(Service told, DeploymentConfiguration wanted, String controller, boolean daemon) {
        boolean shifts = wanted.strategy() != null && !wanted.strategy().equals("ROLLING");
        if (!shifts) {
            return;
        }
        if (!controller.equals("ECS") || daemon) {
            throw EcsFaults.invalid(
                    "The " + wanted.strategy()
                            + " deployment strategy requires the ECS deployment controller and the REPLICA scheduling strategy.");
        }
        boolean traffic = told.loadBalancers().stream().allMatch(each -> {
            var advanced = each.advancedConfiguration();
            return advanced != null
                    && advanced.alternateTargetGroupArn() != null
                    && advanced.productionListenerRule() != null
                    && advanced.roleArn() != null;
        });
        if (!traffic) {
            throw EcsFaults.invalid("advancedConfiguration with alternateTargetGroupArn, productionListenerRule and "
                    + "roleArn is required for load balancers with the " + wanted.strategy() + " deployment strategy.");
        }
        Integer bake = wanted.bakeTimeInMinutes();
        if (bake != null && (bake < 0 || bake > 1440)) {
            throw EcsFaults.invalid("bakeTimeInMinutes must be between 0 and 1440.");
        }
        if (wanted.lifecycleHooks().stream()
                .anyMatch(hook -> hook.lifecycleStages().isEmpty())) {
            throw EcsFaults.invalid("lifecycleHooks.lifecycleStages can not be empty.");
        }
    }

    /** Refuses a task definition that does not fit the service. */
    static void checkDefinition(Service told, TaskDefinition definition) {
        boolean fargate = fargate(told);
        if (fargate
                && !definition.compatibilities().isEmpty()
                && !definition.compatibilities().contains("FARGATE")) {
            throw EcsFaults.invalid("Task definition does not support launch_type FARGATE.");
        }
        boolean own = "awsvpc".equals(Definitions.network(definition));
        told.loadBalancers().forEach(each -> {
            requirePort(definition, each.containerName(), each.containerPort());
        });
        if (!own && !told.serviceRegistries().isEmpty()) {
            throw EcsFaults.unbuilt("Service discovery for tasks without a network of their own");
        }
        told.serviceRegistries().forEach(each -> {
            if (each.containerName() != null) {
                requirePort(definition, each.containerName(), each.containerPort());
            }
        });
    }

    private static void requirePort(TaskDefinition definition, @Nullable String name, @Nullable Integer port) {
        var container = definition.containerDefinitions().stream()
                .filter(each -> Objects.equals(each.name(), name))
                .findFirst()
                .orElseThrow(
                        () -> EcsFaults.invalid("The container " + name + " does not exist in the task definition."));
        boolean open = container.portMappings().stream().anyMatch(each -> Objects.equals(each.containerPort(), port));
        if (!open) {
            throw EcsFaults.invalid("The container " + name + " did not have a container port " + port + " defined.");
        }
    }
}
