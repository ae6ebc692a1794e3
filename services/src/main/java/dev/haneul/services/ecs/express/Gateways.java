package dev.haneul.services.ecs.express;

import dev.haneul.api.ec2.AuthorizeSecurityGroupIngressRequest;
import dev.haneul.api.ec2.CreateSecurityGroupRequest;
import dev.haneul.api.ec2.DeleteSecurityGroupRequest;
import dev.haneul.api.ec2.DescribeSecurityGroupsRequest;
import dev.haneul.api.ec2.Ec2Client;
import dev.haneul.api.ec2.IpPermission;
import dev.haneul.api.ec2.IpRange;
import dev.haneul.api.ec2.SecurityGroup;
import dev.haneul.api.ec2.TagSpecification;
import dev.haneul.api.ec2.UserIdGroupPair;
import dev.haneul.api.elbv2.Action;
import dev.haneul.api.elbv2.CreateListenerInput;
import dev.haneul.api.elbv2.CreateLoadBalancerInput;
import dev.haneul.api.elbv2.CreateRuleInput;
import dev.haneul.api.elbv2.CreateTargetGroupInput;
import dev.haneul.api.elbv2.DeleteLoadBalancerInput;
import dev.haneul.api.elbv2.DeleteRuleInput;
import dev.haneul.api.elbv2.DeleteTargetGroupInput;
import dev.haneul.api.elbv2.DescribeListenersInput;
import dev.haneul.api.elbv2.DescribeLoadBalancersInput;
import dev.haneul.api.elbv2.DescribeRulesInput;
import dev.haneul.api.elbv2.DescribeTargetGroupsInput;
import dev.haneul.api.elbv2.ElbV2Client;
import dev.haneul.api.elbv2.FixedResponseActionConfig;
import dev.haneul.api.elbv2.ForwardActionConfig;
import dev.haneul.api.elbv2.Listener;
import dev.haneul.api.elbv2.LoadBalancer;
import dev.haneul.api.elbv2.ModifyTargetGroupInput;
import dev.haneul.api.elbv2.Rule;
import dev.haneul.api.elbv2.RuleCondition;
import dev.haneul.api.elbv2.Tag;
import dev.haneul.api.elbv2.TargetGroup;
import dev.haneul.api.elbv2.TargetGroupTuple;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.express.ExpressTables.ExpressRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The balancers that Express services share, and what each has there of its own. Everything is found by its name before
 * it is made, so that a crash makes nothing twice.
 */
final class Gateways {
    private static final int PORT = 80;
    private static final String MANAGED = "AmazonECSManaged";

    private final ElbV2Client balancers;
    private final Ec2Client ec2;

    Gateways(EcsRoom room) {
        this.balancers = new ElbV2Client(room.caller());
        this.ec2 = new Ec2Client(room.caller());
    }

    /**
     * A balancer.
     *
     * @param state active, provisioning or failed
     */
    record Front(String arn, String dnsName, String state, String group) {}

    /** A service's part of a balancer: its target groups and the rule that leads there. */
    record Way(String first, String second, String rule) {}

    private static List<Tag> tags() {
        return List.of(new Tag().key(MANAGED).value("true"));
    }

    private Optional<LoadBalancer> find(String name, Call call) {
        try {
            return balancers
                    .describeLoadBalancers(new DescribeLoadBalancersInput().names(List.of(name)), call)
                    .loadBalancers()
                    .stream()
                    .findFirst();
        } catch (Fault fault) {
            return gone(fault, "LoadBalancerNotFound");
        }
    }

    private static <T> Optional<T> gone(Fault fault, String code) {
        if (fault.code().equals(code)) {
            return Optional.empty();
        }
        throw fault;
    }

    /** The balancer that a service shares, made where it is not there. */
    Front front(ExpressRow row, Call call) {
        String group = group(row, row.gateway(), "Amazon ECS Express Mode load balancer", call);
        allow(
                group,
                new IpPermission()
                        .ipRanges(List.of(new IpRange().cidrIp(row.place().cidr()))),
                PORT,
                call);
        LoadBalancer found = find(row.gateway(), call).orElse(null);
        if (found == null) {
            found = balancers
                    .createLoadBalancer(
                            new CreateLoadBalancerInput()
                                    .name(row.gateway())
                                    .type("application")
                                    .scheme(row.place().internal() ? "internal" : "internet-facing")
                                    .subnets(row.place().fronts())
                                    .securityGroups(List.of(group))
                                    .tags(tags()),
                            call)
                    .loadBalancers()
                    .getFirst();
        }
        String state = found.state() == null ? "" : String.valueOf(found.state().code());
        return new Front(String.valueOf(found.loadBalancerArn()), String.valueOf(found.dnsName()), state, group);
    }

    /** A security group by its name. */
    String group(ExpressRow row, String name, String description, Call call) {
        return findGroup(row, name, call)
                .orElseGet(() -> String.valueOf(ec2.createSecurityGroup(
                                new CreateSecurityGroupRequest()
                                        .groupName(name)
                                        .description(description)
                                        .vpcId(row.place().vpc())
                                        .tagSpecifications(List.of(new TagSpecification()
                                                .resourceType("security-group")
                                                .tags(List.of(new dev.haneul.api.ec2.Tag()
                                                        .key(MANAGED)
                                                        .value("true"))))),
                                call)
                        .groupId()));
    }

    private Optional<String> findGroup(ExpressRow row, String name, Call call) {
        return ec2
                .describeSecurityGroups(
                        new DescribeSecurityGroupsRequest()
                                .filters(List.of(
                                        ExpressPlaces.filter(
                                                "vpc-id", row.place().vpc()),
                                        ExpressPlaces.filter("group-name", name))),
                        call)
                .securityGroups()
                .stream()
                .map(SecurityGroup::groupId)
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** The group of the service's own tasks: only its balancer reaches them. */
    String taskGroup(ExpressRow row, Front front, Call call) {
        String group = group(row, taskGroupName(row), "Amazon ECS Express Mode service " + row.name(), call);
        UserIdGroupPair source = new UserIdGroupPair().groupId(front.group());
        allow(group, new IpPermission().userIdGroupPairs(List.of(source)), row.port(), call);
        return group;
    }

    private static String taskGroupName(ExpressRow row) {
        return "ecs-express-gateway-service-" + row.id();
    }

    private void allow(String group, IpPermission whom, int port, Call call) {
        IpPermission permission = whom.ipProtocol("tcp").fromPort(port).toPort(port);
        try {
            ec2.authorizeSecurityGroupIngress(
                    new AuthorizeSecurityGroupIngressRequest().groupId(group).ipPermissions(List.of(permission)), call);
        } catch (Fault fault) {
            if (!fault.code().equals("InvalidPermission.Duplicate")) {
                throw fault;
            }
        }
    }

    /** The service's way through a balancer. */
    Way way(ExpressRow row, Front front, Call call) {
        String listener = listener(front.arn(), call)
                .orElseGet(() -> String.valueOf(balancers
                        .createListener(
                                new CreateListenerInput()
                                        .loadBalancerArn(front.arn())
                                        .protocol("HTTP")
                                        .port(PORT)
                                        .tags(tags())
                                        .defaultActions(List.of(new Action()
                                                .type("fixed-response")
                                                .fixedResponseConfig(new FixedResponseActionConfig()
                                                        .statusCode("404")
                                                        .contentType("text/plain")))),
                                call)
                        .listeners()
                        .getFirst()
                        .listenerArn()));
        String first = targets(row, 1, call);
        String second = targets(row, 2, call);
        List<Rule> rules = rules(listener, call);
        String rule = rules.stream()
                .filter(each -> leadsTo(each, row))
                .map(each -> String.valueOf(each.ruleArn()))
                .findFirst()
                .orElseGet(() -> rule(row, listener, rules, first, second, call));
        return new Way(first, second, rule);
    }

    private Optional<String> listener(String balancer, Call call) {
        return balancers
                .describeListeners(new DescribeListenersInput().loadBalancerArn(balancer), call)
                .listeners()
                .stream()
                .filter(each -> Objects.equals(each.port(), PORT))
                .map(Listener::listenerArn)
                .filter(Objects::nonNull)
                .findFirst();
    }

    private List<Rule> rules(String listener, Call call) {
        List<Rule> all = new ArrayList<>();
        String marker = null;
        do {
            var page = balancers.describeRules(
                    new DescribeRulesInput().listenerArn(listener).marker(marker), call);
            all.addAll(page.rules());
            marker = page.nextMarker();
        } while (marker != null);
        return all;
    }

    private static boolean leadsTo(Rule rule, ExpressRow row) {
        return rule.conditions().stream()
                .anyMatch(each -> "host-header".equals(each.field())
                        && each.values().stream().anyMatch(host -> host.startsWith(row.label() + ".")));
    }

    private String rule(ExpressRow row, String listener, List<Rule> others, String first, String second, Call call) {
        Set<String> taken =
                others.stream().map(each -> String.valueOf(each.priority())).collect(Collectors.toSet());
        int priority = 1;
        while (taken.contains(String.valueOf(priority))) {
            priority++;
        }
        List<TargetGroupTuple> groups = List.of(
                new TargetGroupTuple().targetGroupArn(first).weight(100),
                new TargetGroupTuple().targetGroupArn(second).weight(0));
        return String.valueOf(balancers
                .createRule(
                        new CreateRuleInput()
                                .listenerArn(listener)
                                .priority(priority)
                                .tags(tags())
                                .conditions(List.of(new RuleCondition()
                                        .field("host-header")
                                        .values(ExpressNames.of(row.label(), call.region()))))
                                .actions(List.of(new Action()
                                        .type("forward")
                                        .forwardConfig(new ForwardActionConfig().targetGroups(groups)))),
                        call)
                .rules()
                .getFirst()
                .ruleArn());
    }

    private static String targetsName(ExpressRow row, int which) {
        return "ecs-gateway-tg-" + row.id() + "-" + which;
    }

    private Optional<TargetGroup> findTargets(String name, Call call) {
        try {
            return balancers
                    .describeTargetGroups(new DescribeTargetGroupsInput().names(List.of(name)), call)
                    .targetGroups()
                    .stream()
                    .findFirst();
        } catch (Fault fault) {
            return gone(fault, "TargetGroupNotFound");
        }
    }

    /** One of the two groups between which deployments move traffic, checked at the path that is wanted now. */
    private String targets(ExpressRow row, int which, Call call) {
        String name = targetsName(row, which);
        String path = row.told().healthCheckPath();
        TargetGroup found = findTargets(name, call).orElse(null);
        if (found == null) {
            CreateTargetGroupInput wanted = new CreateTargetGroupInput()
                    .name(name)
                    .protocol("HTTP")
                    .port(row.port())
                    .vpcId(row.place().vpc())
                    .targetType("ip")
                    .healthCheckPath(path)
                    .tags(tags());
            found = balancers.createTargetGroup(wanted, call).targetGroups().getFirst();
        } else if (!Objects.equals(path, found.healthCheckPath())) {
            balancers.modifyTargetGroup(
                    new ModifyTargetGroupInput()
                            .targetGroupArn(found.targetGroupArn())
                            .healthCheckPath(path),
                    call);
        }
        return String.valueOf(found.targetGroupArn());
    }

    /** Takes away what only this service had at its balancer. */
    void leave(ExpressRow row, Call call) {
        find(row.gateway(), call)
                .flatMap(each -> listener(String.valueOf(each.loadBalancerArn()), call))
                .ifPresent(listener -> rules(listener, call).stream()
                        .filter(each -> leadsTo(each, row))
                        .forEach(each -> balancers.deleteRule(new DeleteRuleInput().ruleArn(each.ruleArn()), call)));
        for (int which = 1; which <= 2; which++) {
            findTargets(targetsName(row, which), call)
                    .ifPresent(each -> balancers.deleteTargetGroup(
                            new DeleteTargetGroupInput().targetGroupArn(each.targetGroupArn()), call));
        }
        forget(row, taskGroupName(row), call);
    }

    /** Takes a balancer away that nobody uses any more. */
    void close(ExpressRow row, Call call) {
        find(row.gateway(), call)
                .ifPresent(each -> balancers.deleteLoadBalancer(
                        new DeleteLoadBalancerInput().loadBalancerArn(each.loadBalancerArn()), call));
        forget(row, row.gateway(), call);
    }

    private void forget(ExpressRow row, String group, Call call) {
        findGroup(row, group, call)
                .ifPresent(id -> ec2.deleteSecurityGroup(new DeleteSecurityGroupRequest().groupId(id), call));
    }
}
