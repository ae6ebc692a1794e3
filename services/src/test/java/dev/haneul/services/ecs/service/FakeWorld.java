package dev.haneul.services.ecs.service;

import dev.haneul.api.applicationautoscaling.DeregisterScalableTargetRequest;
import dev.haneul.api.applicationautoscaling.DeregisterScalableTargetResponse;
import dev.haneul.api.applicationautoscaling.ObjectNotFoundException;
import dev.haneul.api.applicationautoscaling.RegisterScalableTargetRequest;
import dev.haneul.api.applicationautoscaling.RegisterScalableTargetResponse;
import dev.haneul.api.ec2.*;
import dev.haneul.api.elbv2.CreateListenerInput;
import dev.haneul.api.elbv2.CreateListenerOutput;
import dev.haneul.api.elbv2.CreateLoadBalancerInput;
import dev.haneul.api.elbv2.CreateLoadBalancerOutput;
import dev.haneul.api.elbv2.CreateRuleInput;
import dev.haneul.api.elbv2.CreateRuleOutput;
import dev.haneul.api.elbv2.CreateTargetGroupInput;
import dev.haneul.api.elbv2.CreateTargetGroupOutput;
import dev.haneul.api.elbv2.DeleteLoadBalancerInput;
import dev.haneul.api.elbv2.DeleteLoadBalancerOutput;
import dev.haneul.api.elbv2.DeleteRuleInput;
import dev.haneul.api.elbv2.DeleteRuleOutput;
import dev.haneul.api.elbv2.DeleteTargetGroupInput;
import dev.haneul.api.elbv2.DeleteTargetGroupOutput;
import dev.haneul.api.elbv2.DescribeListenersInput;
import dev.haneul.api.elbv2.DescribeListenersOutput;
import dev.haneul.api.elbv2.DescribeLoadBalancersInput;
import dev.haneul.api.elbv2.DescribeLoadBalancersOutput;
import dev.haneul.api.elbv2.DescribeRulesInput;
import dev.haneul.api.elbv2.DescribeRulesOutput;
import dev.haneul.api.elbv2.DescribeTargetGroupsInput;
import dev.haneul.api.elbv2.DescribeTargetGroupsOutput;
import dev.haneul.api.elbv2.Listener;
import dev.haneul.api.elbv2.LoadBalancer;
import dev.haneul.api.elbv2.LoadBalancerNotFoundException;
import dev.haneul.api.elbv2.LoadBalancerState;
import dev.haneul.api.elbv2.ModifyTargetGroupInput;
import dev.haneul.api.elbv2.ModifyTargetGroupOutput;
import dev.haneul.api.elbv2.Rule;
import dev.haneul.api.elbv2.TargetGroup;
import dev.haneul.api.elbv2.TargetGroupNotFoundException;
import dev.haneul.api.iam.GetRoleRequest;
import dev.haneul.api.iam.GetRoleResponse;
import dev.haneul.api.iam.Role;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Struct;
import dev.haneul.services.ecs.Copies;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What Express services are made of, remembered: balancers and their parts, security groups, scalable targets, roles. */
final class FakeWorld {
    final Map<String, LoadBalancer> balancers = new TreeMap<>();
    final Map<String, Listener> listeners = new TreeMap<>();
    final Map<String, TargetGroup> targets = new TreeMap<>();
    final Map<String, Rule> rules = new TreeMap<>();
    final Map<String, SecurityGroup> groups = new TreeMap<>();
    final Map<String, RegisterScalableTargetRequest> scalable = new TreeMap<>();
    /** Roles that nobody has. */
    final Set<String> missing = new TreeSet<>();

    private int made;

    /** How much there is. */
    synchronized int size() {
        return balancers.size() + listeners.size() + targets.size() + rules.size() + groups.size() + scalable.size();
    }

    /** Answers, or null where the call is somebody else's business. */
    synchronized @Nullable Struct answer(Struct in) {
        Struct balanced = balanced(in);
        return balanced == null ? around(in) : balanced;
    }

    private static Fault noBalancer() {
        return Fault.of(new LoadBalancerNotFoundException(), "none");
    }

    private static Fault noTargets() {
        return Fault.of(new TargetGroupNotFoundException(), "none");
    }

    private String arn(String kind, String name) {
        return "arn:aws:elasticloadbalancing:us-east-1:111111111111:" + kind + "/" + name + "/" + ++made;
    }

    private @Nullable Struct balanced(Struct any) {
        return switch (any) {
            case DescribeLoadBalancersInput in -> {
                LoadBalancer found = balancers.get(in.names().getFirst());
                if (found == null) {
                    throw noBalancer();
                }
                yield new DescribeLoadBalancersOutput().loadBalancers(List.of(found));
            }
            case CreateLoadBalancerInput in -> {
                LoadBalancer next = new LoadBalancer()
                        .loadBalancerArn(arn("loadbalancer/app", in.name()))
                        .loadBalancerName(in.name())
                        .scheme(in.scheme())
                        .dnsName(in.name() + ".us-east-1.elb.amazonaws.com")
                        .state(new LoadBalancerState().code("active"));
                balancers.put(in.name(), next);
                yield new CreateLoadBalancerOutput()
                        .loadBalancers(List.of(Copies.of(next).state(new LoadBalancerState().code("provisioning"))));
            }
            case DeleteLoadBalancerInput in -> {
                balancers.values().removeIf(each -> in.loadBalancerArn().equals(each.loadBalancerArn()));
                listeners.values().removeIf(each -> in.loadBalancerArn().equals(each.loadBalancerArn()));
                yield new DeleteLoadBalancerOutput();
            }
            case DescribeListenersInput in ->
                new DescribeListenersOutput()
                        .listeners(listeners.values().stream()
                                .filter(each -> in.loadBalancerArn().equals(each.loadBalancerArn()))
                                .toList());
            case CreateListenerInput in -> {
                Listener next = new Listener()
                        .listenerArn(arn("listener/app", "l"))
                        .loadBalancerArn(in.loadBalancerArn())
                        .port(in.port());
                listeners.put(next.listenerArn(), next);
                yield new CreateListenerOutput().listeners(List.of(next));
            }
            case DescribeRulesInput in -> new DescribeRulesOutput().rules(List.copyOf(rules.values()));
            case CreateRuleInput in -> {
                Rule next = new Rule()
                        .ruleArn(arn("listener-rule/app", "r"))
                        .priority(String.valueOf(in.priority()))
                        .conditions(in.conditions());
                rules.put(next.ruleArn(), next);
                yield new CreateRuleOutput().rules(List.of(next));
            }
            case DeleteRuleInput in -> {
                rules.remove(in.ruleArn());
                yield new DeleteRuleOutput();
            }
            default -> targets(any);
        };
    }

    private @Nullable Struct targets(Struct any) {
        return switch (any) {
            case DescribeTargetGroupsInput in
            when !in.names().isEmpty() -> {
                TargetGroup found = targets.get(in.names().getFirst());
                if (found == null) {
                    throw noTargets();
                }
                yield new DescribeTargetGroupsOutput().targetGroups(List.of(found));
            }
            case CreateTargetGroupInput in -> {
                TargetGroup next = new TargetGroup()
                        .targetGroupArn(arn("targetgroup", in.name()))
                        .targetGroupName(in.name())
                        .healthCheckPath(in.healthCheckPath());
                targets.put(in.name(), next);
                yield new CreateTargetGroupOutput().targetGroups(List.of(next));
            }
            case ModifyTargetGroupInput in -> {
                targets.replaceAll((name, each) -> in.targetGroupArn().equals(each.targetGroupArn())
                        ? Copies.of(each).healthCheckPath(in.healthCheckPath())
                        : each);
                yield new ModifyTargetGroupOutput();
            }
            case DeleteTargetGroupInput in -> {
                targets.values().removeIf(each -> in.targetGroupArn().equals(each.targetGroupArn()));
                yield new DeleteTargetGroupOutput();
            }
            default -> null;
        };
    }

    private @Nullable Struct around(Struct any) {
        return switch (any) {
            case DescribeVpcsRequest in ->
                new DescribeVpcsResult().vpcs(List.of(new Vpc().vpcId("vpc-1").cidrBlock("10.0.0.0/16")));
            case DescribeSubnetsRequest in ->
                new DescribeSubnetsResult()
                        .subnets((in.subnetIds().isEmpty() ? List.of("subnet-a", "subnet-b") : in.subnetIds())
                                .stream()
                                        .map(id -> new Subnet()
                                                .subnetId(id)
                                                .vpcId("vpc-1")
                                                .availabilityZone("zone-" + id))
                                        .toList());
            case DescribeRouteTablesRequest in ->
                new DescribeRouteTablesResult()
                        .routeTables(List.of(
                                table("igw-1", new RouteTableAssociation().main(true)),
                                table("nat-1", new RouteTableAssociation().subnetId("subnet-c")),
                                table("nat-1", new RouteTableAssociation().subnetId("subnet-d"))));
            case DescribeSecurityGroupsRequest in
            when !in.filters().isEmpty() -> {
                SecurityGroup found = groups.get(in.filters().getLast().values().getFirst());
                yield new DescribeSecurityGroupsResult().securityGroups(found == null ? List.of() : List.of(found));
            }
            case CreateSecurityGroupRequest in -> {
                groups.put(
                        in.groupName(),
                        new SecurityGroup().groupId("sg-" + ++made).groupName(in.groupName()));
                yield new CreateSecurityGroupResult().groupId("sg-" + made);
            }
            case DeleteSecurityGroupRequest in -> {
                groups.values().removeIf(each -> in.groupId().equals(each.groupId()));
                yield new DeleteSecurityGroupResult();
            }
            case RegisterScalableTargetRequest in -> {
                scalable.put(in.resourceId(), in);
                yield new RegisterScalableTargetResponse();
            }
            case DeregisterScalableTargetRequest in -> {
                if (scalable.remove(in.resourceId()) == null) {
                    throw Fault.of(new ObjectNotFoundException(), "none");
                }
                yield new DeregisterScalableTargetResponse();
            }
            case GetRoleRequest in ->
                new GetRoleResponse()
                        .role(
                                missing.contains(in.roleName())
                                        ? null
                                        : new Role().arn("arn:aws:iam::111111111111:role/" + in.roleName()));
            default -> null;
        };
    }

    private static RouteTable table(String gateway, RouteTableAssociation association) {
        return new RouteTable()
                .associations(List.of(association))
                .routes(List.of(new Route().destinationCidrBlock("0.0.0.0/0").gatewayId(gateway)));
    }
}
