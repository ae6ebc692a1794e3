package dev.haneul.services.ecs.task;

import dev.haneul.api.ec2.DescribeSecurityGroupsRequest;
import dev.haneul.api.ec2.DescribeSubnetsRequest;
import dev.haneul.api.ec2.Ec2Client;
import dev.haneul.api.ecs.AwsVpcConfiguration;
import dev.haneul.api.ecs.CapacityProviderStrategyItem;
import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.ContainerOverride;
import dev.haneul.api.ecs.NetworkConfiguration;
import dev.haneul.api.ecs.PlatformUnknownException;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.ecs.TaskOverride;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.cluster.Clusters;
import dev.haneul.services.ecs.definition.Definitions;
import dev.haneul.services.ecs.definition.FargateSizes;
import dev.haneul.services.ecs.task.LaunchRequest.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What those who launch tasks may ask for. */
public final class LaunchChecks {
    private static final int MOST_SUBNETS = 16;
    private static final int MOST_GROUPS = 5;
    private static final Set<String> PLATFORMS = Set.of("LATEST", Capacity.PLATFORM);

    private LaunchChecks() {}

    /**
     * Where tasks go, before it is known how many there are.
     *
     * @param strategy not empty where capacity providers decide
     */
    public record Course(
            String launchType,
            List<CapacityProviderStrategyItem> strategy,
            @Nullable String platform) {
        /** A target for each of so many tasks. */
        public List<Target> targets(int count) {
            if (!strategy.isEmpty()) {
                return Capacity.split(strategy, count, Map.of());
            }
            List<Target> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(Target.of(launchType));
            }
            return all;
        }
    }

    /**
     * Where a request wants tasks: by a launch type, by a strategy, or as the cluster does by default.
     *
     * @throws Fault where that cannot be
     */
    public static Course course(
            ClusterRow cluster,
            TaskDefinition definition,
            @Nullable String launchType,
            List<CapacityProviderStrategyItem> given,
            @Nullable String platform) {
        if (launchType != null && !given.isEmpty()) {
            throw EcsFaults.invalid("Specifying both a launch type and capacity provider strategy is not supported. "
                    + "Remove one and try again.");
        }
        List<CapacityProviderStrategyItem> strategy = given;
        if (launchType == null && given.isEmpty()) {
            strategy = cluster.told().defaultCapacityProviderStrategy();
        }
        if (!strategy.isEmpty()) {
            Clusters.checkStrategy(strategy, new HashSet<>(cluster.told().capacityProviders()));
        }
        boolean fargate = strategy.isEmpty()
                ? "FARGATE".equals(launchType)
                : Capacity.OF_AWS.contains(String.valueOf(strategy.getFirst().capacityProvider()));
        String type = fargate ? "FARGATE" : Objects.requireNonNullElse(launchType, "EC2");
        if (!Set.of("EC2", "FARGATE", "EXTERNAL").contains(type)) {
            throw EcsFaults.invalid("Invalid launch type: " + type + ".");
        }
        if (!definition.compatibilities().contains(type)) {
            throw EcsFaults.invalid("Task definition does not support launch_type " + type + ".");
        }
        if (platform != null && !fargate) {
            throw EcsFaults.invalid("The platform version must be null when specifying an EC2 launch type.");
        }
        if (platform != null && !PLATFORMS.contains(platform)) {
            throw Fault.of(new PlatformUnknownException(), "The specified platform version does not exist.");
        }
        return new Course(type, strategy, platform);
    }

    /**
     * The network of tasks, whose subnets and groups are there.
     *
     * @return null in other modes than awsvpc
     * @throws Fault InvalidParameterException
     */
    public static @Nullable AwsVpcConfiguration network(
            EcsRoom room,
            Call call,
            TaskDefinition definition,
            @Nullable NetworkConfiguration given,
            String launchType) {
        AwsVpcConfiguration vpc = given == null ? null : given.awsvpcConfiguration();
        if (!"awsvpc".equals(Definitions.network(definition))) {
            if (vpc != null) {
                throw EcsFaults.invalid(
                        "Network Configuration is not valid for the given networkMode of this task definition.");
            }
            return null;
        }
        if (vpc == null) {
            throw EcsFaults.invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
        }
        if (vpc.subnets().isEmpty() || vpc.subnets().size() > MOST_SUBNETS) {
            throw EcsFaults.invalid(
                    vpc.subnets().isEmpty()
                            ? "subnets can not be empty."
                            : "subnets can have at most " + MOST_SUBNETS + " items.");
        }
        if (vpc.securityGroups().size() > MOST_GROUPS) {
            throw EcsFaults.invalid("securityGroups can have at most " + MOST_GROUPS + " items.");
        }
        boolean open = "ENABLED".equals(vpc.assignPublicIp());
        if (open && !"FARGATE".equals(launchType)) {
            throw EcsFaults.invalid("Assign public IP is not supported for this launch type.");
        }
        exist(room, call, vpc);
        return Copies.of(vpc).assignPublicIp(open ? "ENABLED" : "DISABLED");
    }

    private static void exist(EcsRoom room, Call call, AwsVpcConfiguration vpc) {
        Ec2Client ec2 = new Ec2Client(room.caller());
        Call inside = room.inside(EcsRoom.scope(call));
        try {
            ec2.describeSubnets(new DescribeSubnetsRequest().subnetIds(vpc.subnets()), inside);
        } catch (Fault fault) {
            throw retrieving("subnet", vpc.subnets(), fault);
        }
        if (!vpc.securityGroups().isEmpty()) {
            try {
                ec2.describeSecurityGroups(new DescribeSecurityGroupsRequest().groupIds(vpc.securityGroups()), inside);
            } catch (Fault fault) {
                throw retrieving("security group", vpc.securityGroups(), fault);
            }
        }
    }

    private static Fault retrieving(String what, List<String> ids, Fault fault) {
        return EcsFaults.invalid("Error retrieving " + what + " information for " + ids + ": " + fault.message()
                + " (ErrorCode: " + fault.code() + ")");
    }

    /**
     * Overrides that fit a definition.
     *
     * @throws Fault InvalidParameterException
     */
    public static TaskOverride overrides(@Nullable TaskOverride given, TaskDefinition definition, String launchType) {
        TaskOverride over = given == null ? new TaskOverride() : Copies.of(given);
        Set<String> names = new HashSet<>();
        definition.containerDefinitions().stream()
                .map(ContainerDefinition::name)
                .forEach(names::add);
        for (ContainerOverride each : over.containerOverrides()) {
            if (!names.contains(String.valueOf(each.name()))) {
                throw EcsFaults.invalid(
                        "Override for container named " + each.name() + " is not a container in the TaskDefinition.");
            }
        }
        if (over.cpu() != null) {
            over.cpu(FargateSizes.cpu(over.cpu())
                    .map(String::valueOf)
                    .orElseThrow(() -> EcsFaults.invalid("Invalid 'cpu' setting for task override.")));
        }
        if (over.memory() != null) {
            over.memory(FargateSizes.memory(over.memory())
                    .map(String::valueOf)
                    .orElseThrow(() -> EcsFaults.invalid("Invalid 'memory' setting for task override.")));
        }
        String cpu = over.cpu() == null ? definition.cpu() : over.cpu();
        String memory = over.memory() == null ? definition.memory() : over.memory();
        boolean sized = cpu != null && memory != null;
        if ("FARGATE".equals(launchType)
                && (!sized || !FargateSizes.has(Integer.parseInt(cpu), Integer.parseInt(memory)))) {
            throw EcsFaults.invalid("No Fargate configuration exists for given values: " + cpu + " CPU, " + memory
                    + " memory. See the Amazon ECS documentation for the valid values.");
        }
        return over;
    }
}
