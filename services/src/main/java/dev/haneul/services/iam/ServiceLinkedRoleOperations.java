package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.services.iam.IamTables.Grants;
import dev.haneul.services.iam.IamTables.RoleRow;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Service-linked roles: trusted by one service, with the policy AWS wrote for it, changeable by nobody else. */
interface ServiceLinkedRoleOperations extends IamRoom {
    /** What each service's role is called and which policy it has. */
    Map<String, Linked> SERVICES = Map.ofEntries(
            Map.entry(
                    "autoscaling.amazonaws.com",
                    new Linked("AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy", true)),
            Map.entry("ecs.amazonaws.com", new Linked("AWSServiceRoleForECS", "AmazonECSServiceRolePolicy", false)),
            Map.entry(
                    "elasticloadbalancing.amazonaws.com",
                    new Linked(
                            "AWSServiceRoleForElasticLoadBalancing",
                            "AWSElasticLoadBalancingServiceRolePolicy",
                            false)),
            Map.entry(
                    "elasticbeanstalk.amazonaws.com",
                    new Linked("AWSServiceRoleForElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy", false)),
            Map.entry(
                    "spot.amazonaws.com", new Linked("AWSServiceRoleForEC2Spot", "AWSEC2SpotServiceRolePolicy", false)),
            Map.entry(
                    "spotfleet.amazonaws.com",
                    new Linked("AWSServiceRoleForEC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy", false)),
            Map.entry(
                    "apidestinations.events.amazonaws.com",
                    new Linked(
                            "AWSServiceRoleForAmazonEventBridgeApiDestinations",
                            "AmazonEventBridgeApiDestinationsServiceRolePolicy",
                            false)),
            Map.entry("rds.amazonaws.com", new Linked("AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy", false)),
            Map.entry(
                    "replicator.lambda.amazonaws.com",
                    new Linked("AWSServiceRoleForLambdaReplicator", "AWSLambdaReplicator", false)),
            Map.entry(
                    "ecs.application-autoscaling.amazonaws.com",
                    new Linked(
                            "AWSServiceRoleForApplicationAutoScaling_ECSService",
                            "AWSApplicationAutoscalingECSServicePolicy",
                            false)),
            Map.entry(
                    "lambda.application-autoscaling.amazonaws.com",
                    new Linked(
                            "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency",
                            "AWSApplicationAutoscalingLambdaConcurrencyPolicy",
                            false)),
            Map.entry(
                    "dynamodb.application-autoscaling.amazonaws.com",
                    new Linked(
                            "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
                            "AWSApplicationAutoscalingDynamoDBTablePolicy",
                            false)));

    /** @param suffixes whether several, with suffixes of their own, may be made */
    record Linked(String role, String policy, boolean suffixes) {}

    @Override
    default CreateServiceLinkedRoleResponse createServiceLinkedRole(CreateServiceLinkedRoleRequest in, Call call) {
        String service = in.awsServiceName();
        Linked linked = SERVICES.get(service);
        if (linked == null) {
            throw IamFaults.invalidInput("Service " + service + " does not support service-linked roles.");
        }
        if (in.customSuffix() != null && !linked.suffixes()) {
            throw IamFaults.invalidInput("Custom suffix is not allowed for " + service);
        }
        RoleRow row = row(linked, service, in.customSuffix(), in.description());
        state().write(tx -> {
            if (IamState.find(tx, IamTables.ROLES, call.account(), row.name()).isPresent()) {
                throw IamFaults.invalidInput("Service role name " + row.name()
                        + " has been taken in this account, please try a different suffix.");
            }
            IamState.put(tx, IamTables.ROLES, call.account(), row.name(), row);
            return true;
        });
        return new CreateServiceLinkedRoleResponse().role(Views.brief(row, call.account()));
    }

    private RoleRow row(Linked linked, String service, @Nullable String suffix, @Nullable String description) {
        String trust = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"sts:AssumeRole\"],"
                + "\"Effect\":\"Allow\",\"Principal\":{\"Service\":[\"" + service + "\"]}}]}";
        String policy = AwsManagedPolicies.ARN + "/aws-service-role/" + linked.policy();
        return new RoleRow(
                suffix == null ? linked.role() : linked.role() + "_" + suffix,
                state().ids().unique("AROA"),
                "/aws-service-role/" + service + "/",
                state().now(),
                description,
                RoleOperations.DEFAULT_SESSION_SECONDS,
                trust,
                Grants.NONE.withAttached(List.of(policy)),
                Map.of(),
                service);
    }

    @Override
    default DeleteServiceLinkedRoleResponse deleteServiceLinkedRole(DeleteServiceLinkedRoleRequest in, Call call) {
        state().write(tx -> {
            RoleRow row = IamState.role(tx, call.account(), in.roleName());
            if (row.linkedTo().isEmpty()) {
                throw IamFaults.noSuchEntity("The role with name " + in.roleName() + " cannot be found.");
            }
            IamState.delete(tx, IamTables.ROLES, call.account(), row.name());
            return true;
        });
        return new DeleteServiceLinkedRoleResponse().deletionTaskId(task(in.roleName()));
    }

    /** Deletion is done at once, so any task that names a role which is gone has succeeded. */
    @Override
    default GetServiceLinkedRoleDeletionStatusResponse getServiceLinkedRoleDeletionStatus(
            GetServiceLinkedRoleDeletionStatusRequest in, Call call) {
        String[] parts = in.deletionTaskId().split("/");
        boolean ours = in.deletionTaskId().startsWith("task/aws-service-role/") && parts.length == 4;
        boolean there = ours
                && state().read(tx -> IamState.find(tx, IamTables.ROLES, call.account(), parts[2])
                        .isPresent());
        if (!ours || there) {
            throw IamFaults.noSuchEntity("Deletion task " + in.deletionTaskId() + " cannot be found.");
        }
        return new GetServiceLinkedRoleDeletionStatusResponse().status(DeletionTaskStatusType.SUCCEEDED);
    }

    private static String task(String roleName) {
        return "task/aws-service-role/" + roleName + "/" + UUID.randomUUID();
    }
}
