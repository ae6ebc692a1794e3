package dev.haneul.services.ecs.express;

import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.CreateExpressGatewayServiceRequest;
import dev.haneul.api.ecs.ExpressGatewayContainer;
import dev.haneul.api.ecs.ExpressGatewayScalingTarget;
import dev.haneul.api.ecs.ExpressGatewayServiceAwsLogsConfiguration;
import dev.haneul.api.ecs.ExpressGatewayServiceConfiguration;
import dev.haneul.api.ecs.ExpressGatewayServiceNetworkConfiguration;
import dev.haneul.api.ecs.LogConfiguration;
import dev.haneul.api.ecs.PortMapping;
import dev.haneul.api.ecs.RegisterTaskDefinitionRequest;
import dev.haneul.api.ecs.RepositoryCredentials;
import dev.haneul.api.ecs.UpdateExpressGatewayServiceRequest;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.definition.FargateSizes;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an Express service may be told, and what holds where nothing is said. Pure. */
final class ExpressSpec {
    /** What ECS calls the only container. */
    static final String CONTAINER = "Main";

    private static final String NAME = "[A-Za-z0-9_-]{1,255}";
    private static final int MOST_PATH = 1024;
    private static final int MOST_GROUPS = 4;
    private static final int MOST_TASKS = 5000;
    private static final int MOST_PORT = 65_535;
    private static final int LABEL_NAME = 50;
    private static final int IMAGE_NAME = 40;
    private static final Map<String, String> METRICS = Map.of(
            "AVERAGE_CPU", "ECSServiceAverageCPUUtilization", "AVERAGE_MEMORY", "ECSServiceAverageMemoryUtilization");

    private ExpressSpec() {}

    /** The name given, or one made of the image's. */
    static String name(@Nullable String given, ExpressGatewayContainer container, String id) {
        if (given == null) {
            String image = String.valueOf(container.image());
            String last = image.substring(image.lastIndexOf('/') + 1).replaceAll("[:@].*", "");
            String plain = last.replaceAll("[^A-Za-z0-9_-]", "-");
            return plain.substring(0, Math.min(plain.length(), IMAGE_NAME)) + "-" + id.substring(0, 4);
        }
        if (!given.matches(NAME)) {
            throw EcsFaults.invalid("serviceName must match the pattern [a-zA-Z0-9_-]{1,255}.");
        }
        return given;
    }

    /** The first label of the endpoint's name. */
    static String label(String name, String id) {
        String plain = name.toLowerCase(Locale.ROOT).replace('_', '-').replaceAll("^-+", "");
        String cut = plain.substring(0, Math.min(plain.length(), LABEL_NAME)).replaceAll("-+$", "");
        return (cut.isEmpty() ? "service" : cut) + "-" + id;
    }

    /** What a new service is to be, with all defaults, but for its network and logs. */
    static ExpressGatewayServiceConfiguration wanted(CreateExpressGatewayServiceRequest in) {
        ExpressGatewayServiceConfiguration base = new ExpressGatewayServiceConfiguration()
                .cpu("256")
                .memory("512")
                .healthCheckPath("/ping")
                .primaryContainer(new ExpressGatewayContainer().containerPort(80))
                .scalingTarget(new ExpressGatewayScalingTarget()
                        .minTaskCount(1)
                        .maxTaskCount(20)
                        .autoScalingMetric("AVERAGE_CPU")
                        .autoScalingTargetValue(60));
        return check(merged(
                base,
                Copies.into(in, new ExpressGatewayServiceConfiguration()),
                in.primaryContainer(),
                in.scalingTarget()));
    }

    /** What a service is to be from now on: what is not given stays. */
    static ExpressGatewayServiceConfiguration wanted(
            ExpressGatewayServiceConfiguration kept, UpdateExpressGatewayServiceRequest in) {
        ExpressGatewayServiceNetworkConfiguration network =
                Copies.of(Objects.requireNonNull(kept.networkConfiguration()));
        ExpressGatewayServiceNetworkConfiguration asked = in.networkConfiguration();
        if (asked != null && asked.hasSubnets() && !List.copyOf(asked.subnets()).equals(network.subnets())) {
            throw EcsFaults.unbuilt("Another networkConfiguration.subnets of an Express service");
        }
        if (asked != null && asked.hasSecurityGroups()) {
            network.securityGroups(asked.securityGroups());
        }
        ExpressGatewayServiceConfiguration given = Copies.into(in, new ExpressGatewayServiceConfiguration());
        return check(
                merged(kept, given, in.primaryContainer(), in.scalingTarget()).networkConfiguration(network));
    }

    private static ExpressGatewayServiceConfiguration merged(
            ExpressGatewayServiceConfiguration kept,
            ExpressGatewayServiceConfiguration given,
            @Nullable ExpressGatewayContainer container,
            @Nullable ExpressGatewayScalingTarget scaling) {
        ExpressGatewayContainer main = Copies.of(Objects.requireNonNull(kept.primaryContainer()));
        ExpressGatewayScalingTarget target = Copies.of(Objects.requireNonNull(kept.scalingTarget()));
        return Copies.into(given, Copies.of(kept))
                .primaryContainer(container == null ? main : Copies.into(container, main))
                .scalingTarget(scaling == null ? target : Copies.into(scaling, target));
    }

    private static ExpressGatewayServiceConfiguration check(ExpressGatewayServiceConfiguration told) {
        int cpu = FargateSizes.cpu(String.valueOf(told.cpu()))
                .orElseThrow(() -> EcsFaults.invalid("cpu '" + told.cpu() + "' is not a size of a task."));
        int memory = FargateSizes.memory(String.valueOf(told.memory()))
                .orElseThrow(() -> EcsFaults.invalid("memory '" + told.memory() + "' is not a size of a task."));
        if (!FargateSizes.has(cpu, memory)) {
            throw EcsFaults.invalid("No Fargate configuration exists for given values: cpu " + told.cpu() + ", memory "
                    + told.memory() + ".");
        }
        String path = String.valueOf(told.healthCheckPath());
        if (!path.startsWith("/") || path.length() > MOST_PATH) {
            throw EcsFaults.invalid("healthCheckPath must begin with / and have at most " + MOST_PATH + " characters.");
        }
        checkContainer(Objects.requireNonNull(told.primaryContainer()));
        checkScaling(Objects.requireNonNull(told.scalingTarget()));
        ExpressGatewayServiceNetworkConfiguration network = told.networkConfiguration();
        if (network != null && network.securityGroups().size() > MOST_GROUPS) {
            throw EcsFaults.invalid("networkConfiguration.securityGroups can have at most " + MOST_GROUPS
                    + " items beside the one that ECS makes.");
        }
        return told.cpu(String.valueOf(cpu)).memory(String.valueOf(memory));
    }

    private static void checkContainer(ExpressGatewayContainer container) {
        if (container.image() == null || container.image().isBlank()) {
            throw EcsFaults.invalid("primaryContainer.image can not be blank.");
        }
        int port = Objects.requireNonNullElse(container.containerPort(), 0);
        if (port < 1 || port > MOST_PORT) {
            throw EcsFaults.invalid("primaryContainer.containerPort must be between 1 and " + MOST_PORT + ".");
        }
        ExpressGatewayServiceAwsLogsConfiguration logs = container.awsLogsConfiguration();
        if (logs != null
                && (String.valueOf(logs.logGroup()).isBlank()
                        || String.valueOf(logs.logStreamPrefix()).isBlank())) {
            throw EcsFaults.invalid("primaryContainer.awsLogsConfiguration needs logGroup and logStreamPrefix.");
        }
    }

    private static void checkScaling(ExpressGatewayScalingTarget target) {
        int least = Objects.requireNonNullElse(target.minTaskCount(), 0);
        int most = Objects.requireNonNullElse(target.maxTaskCount(), 0);
        if (least < 1 || least > MOST_TASKS) {
            throw EcsFaults.invalid("scalingTarget.minTaskCount must be between 1 and " + MOST_TASKS + ".");
        }
        if (most < least || most > MOST_TASKS) {
            throw EcsFaults.invalid("scalingTarget.maxTaskCount must be between minTaskCount and " + MOST_TASKS + ".");
        }
        String metric = String.valueOf(target.autoScalingMetric());
        if (metric.equals("REQUEST_COUNT_PER_TARGET")) {
            throw EcsFaults.unbuilt("scalingTarget.autoScalingMetric REQUEST_COUNT_PER_TARGET");
        }
        if (!METRICS.containsKey(metric)) {
            throw EcsFaults.invalid("scalingTarget.autoScalingMetric '" + metric + "' is not one of AVERAGE_CPU, "
                    + "AVERAGE_MEMORY and REQUEST_COUNT_PER_TARGET.");
        }
        int value = Objects.requireNonNullElse(target.autoScalingTargetValue(), 0);
        if (value < 1 || value > 100) {
            throw EcsFaults.invalid("scalingTarget.autoScalingTargetValue must be between 1 and 100.");
        }
    }

    /** The name of Application Auto Scaling for the metric. */
    static String metric(ExpressGatewayScalingTarget target) {
        return Objects.requireNonNull(METRICS.get(String.valueOf(target.autoScalingMetric())));
    }

    /** Whether tasks of one need another definition than those of the other. */
    static boolean redefines(ExpressGatewayServiceConfiguration one, ExpressGatewayServiceConfiguration other) {
        return !plain(one).equals(plain(other));
    }

    private static ExpressGatewayServiceConfiguration plain(ExpressGatewayServiceConfiguration told) {
        return new ExpressGatewayServiceConfiguration()
                .primaryContainer(told.primaryContainer())
                .executionRoleArn(told.executionRoleArn())
                .taskRoleArn(told.taskRoleArn())
                .cpu(told.cpu())
                .memory(told.memory());
    }

    /** The task definition by which tasks run. */
    static RegisterTaskDefinitionRequest definition(
            String family, String region, ExpressGatewayServiceConfiguration told) {
        ExpressGatewayContainer main = Objects.requireNonNull(told.primaryContainer());
        ExpressGatewayServiceAwsLogsConfiguration logs = Objects.requireNonNull(main.awsLogsConfiguration());
        ContainerDefinition container = new ContainerDefinition()
                .name(CONTAINER)
                .image(main.image())
                .essential(true)
                .portMappings(List.of(
                        new PortMapping().containerPort(main.containerPort()).protocol("tcp")))
                .logConfiguration(new LogConfiguration()
                        .logDriver("awslogs")
                        .options(Map.of(
                                "awslogs-group", String.valueOf(logs.logGroup()),
                                "awslogs-region", region,
                                "awslogs-stream-prefix", String.valueOf(logs.logStreamPrefix()))));
        if (main.hasCommand()) {
            container.command(main.command());
        }
        if (main.hasEnvironment()) {
            container.environment(main.environment());
        }
        if (main.hasSecrets()) {
            container.secrets(main.secrets());
        }
        if (main.repositoryCredentials() != null) {
            container.repositoryCredentials(new RepositoryCredentials()
                    .credentialsParameter(main.repositoryCredentials().credentialsParameter()));
        }
        return new RegisterTaskDefinitionRequest()
                .family(family)
                .networkMode("awsvpc")
                .requiresCompatibilities(List.of("FARGATE"))
                .cpu(told.cpu())
                .memory(told.memory())
                .executionRoleArn(told.executionRoleArn())
                .taskRoleArn(told.taskRoleArn())
                .containerDefinitions(List.of(container));
    }
}
