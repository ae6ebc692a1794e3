package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.AwsVpcConfiguration;
import dev.haneul.api.ecs.LoadBalancer;
import dev.haneul.api.ecs.NetworkConfiguration;
import dev.haneul.api.ecs.Service;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.elbv2.TargetGroup;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.definition.Definitions;
import dev.haneul.services.ecs.task.LaunchChecks;
import java.util.List;
import java.util.Objects;

/** Asks the neighbours whether what a service names is there, before anything is committed. */
final class ServiceChecks {
    private final EcsRoom room;
    private final Neighbours neighbours;

    ServiceChecks(EcsRoom room, Neighbours neighbours) {
        this.room = room;
        this.neighbours = neighbours;
    }

    /**
     * Asks. The service's network is told in full from then on.
     *
     * @throws dev.haneul.api.runtime.Fault InvalidParameterException naming what is missing
     */
    void check(Call call, Service told, TaskDefinition definition) {
        AwsVpcConfiguration vpc = LaunchChecks.network(
                room, call, definition, told.networkConfiguration(), ServiceSpec.fargate(told) ? "FARGATE" : "EC2");
        told.networkConfiguration(vpc == null ? null : new NetworkConfiguration().awsvpcConfiguration(vpc));
        Scope scope = EcsRoom.scope(call);
        for (LoadBalancer each : told.loadBalancers()) {
            if (each.loadBalancerName() != null) {
                throw EcsFaults.unbuilt("A Classic Load Balancer of a service");
            }
            String arn = each.targetGroupArn();
            if (arn == null || arn.isEmpty()) {
                throw EcsFaults.invalid("targetGroupArn can not be blank.");
            }
            checkType(neighbours.balancers().require(scope, arn), definition);
            String alternate = each.advancedConfiguration() == null
                    ? null
                    : each.advancedConfiguration().alternateTargetGroupArn();
            if (alternate != null) {
                checkType(neighbours.balancers().require(scope, alternate), definition);
            }
        }
        told.serviceRegistries()
                .forEach(each -> neighbours.requireRegistry(scope, Objects.requireNonNullElse(each.registryArn(), "")));
    }

    private static void checkType(TargetGroup group, TaskDefinition definition) {
        String mode = Definitions.network(definition);
        boolean own = mode.equals("awsvpc");
        String type = String.valueOf(group.targetType());
        List<String> allowed = own ? List.of("ip") : List.of("instance");
        if (!allowed.contains(type)) {
            throw EcsFaults.invalid("The provided target group " + group.targetGroupArn() + " has target type " + type
                    + ", which is incompatible with the " + mode
                    + " network mode specified in the task definition.");
        }
    }
}
