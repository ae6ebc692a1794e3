package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.AdvancedConfiguration;
import dev.haneul.api.ecs.LoadBalancer;
import dev.haneul.api.ecs.ServiceRevisionLoadBalancer;
import dev.haneul.api.elbv2.Action;
import dev.haneul.api.elbv2.DeregisterTargetsInput;
import dev.haneul.api.elbv2.DescribeTargetGroupAttributesInput;
import dev.haneul.api.elbv2.DescribeTargetGroupsInput;
import dev.haneul.api.elbv2.DescribeTargetHealthInput;
import dev.haneul.api.elbv2.ElbV2Client;
import dev.haneul.api.elbv2.ForwardActionConfig;
import dev.haneul.api.elbv2.ModifyListenerInput;
import dev.haneul.api.elbv2.ModifyRuleInput;
import dev.haneul.api.elbv2.RegisterTargetsInput;
import dev.haneul.api.elbv2.TargetDescription;
import dev.haneul.api.elbv2.TargetGroup;
import dev.haneul.api.elbv2.TargetGroupAttribute;
import dev.haneul.api.elbv2.TargetGroupTuple;
import dev.haneul.api.elbv2.TargetHealth;
import dev.haneul.api.elbv2.TargetHealthDescription;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.service.MemberPlan.Reach;
import dev.haneul.services.ecs.service.ServiceTables.Place;
import dev.haneul.services.ecs.service.ServiceTables.RevisionRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Load balancers, as services use them: through their API. */
final class Balancers {
    private static final Duration DEFAULT_DELAY = Duration.ofSeconds(300);
    /** What a group answers that is gone, or whose targets are: nothing is registered there any more. */
    private static final Set<String> GONE = Set.of("TargetGroupNotFound", "InvalidTarget");

    private final EcsRoom room;
    private final ElbV2Client client;

    Balancers(EcsRoom room) {
        this.room = room;
        this.client = new ElbV2Client(room.caller());
    }

    /**
     * A target group that a service may use.
     *
     * @throws Fault InvalidParameterException where there is none such, or nothing sends it traffic
     */
    TargetGroup require(Scope scope, String arn) {
        TargetGroup group;
        try {
            List<TargetGroup> found = client.describeTargetGroups(
                            new DescribeTargetGroupsInput().targetGroupArns(List.of(arn)), room.inside(scope))
                    .targetGroups();
            group = found.isEmpty() ? null : found.getFirst();
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            group = null;
        }
        if (group == null) {
            throw EcsFaults.invalid("Unable to assume role and validate the specified targetGroupArn. Please verify "
                    + "that the ECS service role being passed has the proper permissions.");
        }
        if (group.loadBalancerArns().isEmpty()) {
            throw EcsFaults.invalid(
                    "The target group with targetGroupArn " + arn + " does not have an associated load balancer.");
        }
        return group;
    }

    /** Registers a target; again does nothing. */
    void register(Scope scope, Place place) {
        client.registerTargets(
                new RegisterTargetsInput().targetGroupArn(place.arn()).targets(List.of(target(place))),
                room.inside(scope));
    }

    /**
     * Takes a target out; one that is out already stays so.
     *
     * @return how long its connections have
     */
    Duration deregister(Scope scope, Place place) {
        Call call = room.inside(scope);
        try {
            client.deregisterTargets(
                    new DeregisterTargetsInput().targetGroupArn(place.arn()).targets(List.of(target(place))), call);
            return client
                    .describeTargetGroupAttributes(
                            new DescribeTargetGroupAttributesInput().targetGroupArn(place.arn()), call)
                    .attributes()
                    .stream()
                    .filter(each -> "deregistration_delay.timeout_seconds".equals(each.key()))
                    .map(TargetGroupAttribute::value)
                    .filter(Objects::nonNull)
                    .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                    .findFirst()
                    .orElse(DEFAULT_DELAY);
        } catch (Fault fault) {
            if (GONE.contains(fault.code())) {
                return Duration.ZERO;
            }
            throw fault;
        }
    }

    private static TargetDescription target(Place place) {
        return new TargetDescription().id(place.id()).port(place.port());
    }

    /** How the targets of a group are that these places are. What the group does not know is unused. */
    Map<Place, Reach> health(Scope scope, String group, List<Place> places) {
        Map<String, Reach> told = new HashMap<>();
        try {
            List<TargetHealthDescription> found = client.describeTargetHealth(
                            new DescribeTargetHealthInput().targetGroupArn(group), room.inside(scope))
                    .targetHealthDescriptions();
            for (TargetHealthDescription each : found) {
                TargetDescription target = each.target();
                TargetHealth health = each.targetHealth();
                if (target != null && health != null) {
                    String why = health.description() == null ? health.reason() : health.description();
                    told.put(
                            target.id() + ":" + target.port(),
                            new Reach(String.valueOf(health.state()), why == null ? "" : why));
                }
            }
        } catch (Fault fault) {
            if (!GONE.contains(fault.code())) {
                throw fault;
            }
        }
        Map<Place, Reach> reach = new HashMap<>();
        places.forEach(each -> reach.put(
                each, told.getOrDefault(each.id() + ":" + each.port(), new Reach("unused", "not registered"))));
        return reach;
    }

    /**
     * Shares traffic between a revision's target groups and the others.
     *
     * @param slot the revision's
     * @param production how much of the production traffic the revision gets, in percent
     * @param test whether test traffic goes to it
     */
    void weigh(Scope scope, List<LoadBalancer> balancers, int slot, double production, boolean test) {
        for (LoadBalancer each : balancers) {
            AdvancedConfiguration advanced = each.advancedConfiguration();
            if (advanced == null) {
                continue;
            }
            String own = group(each, slot);
            String other = group(each, 1 - slot);
            String rule = advanced.productionListenerRule();
            if (rule != null) {
                point(scope, rule, own, other, (int) Math.round(production));
            }
            String testRule = advanced.testListenerRule();
            if (testRule != null) {
                point(scope, testRule, own, other, test || production >= 100 ? 100 : 0);
            }
        }
    }

    private void point(Scope scope, String rule, String own, String other, int percent) {
        List<TargetGroupTuple> groups = new ArrayList<>();
        groups.add(new TargetGroupTuple().targetGroupArn(own).weight(percent));
        groups.add(new TargetGroupTuple().targetGroupArn(other).weight(100 - percent));
        Action action = new Action().type("forward").forwardConfig(new ForwardActionConfig().targetGroups(groups));
        if (rule.contains(":listener-rule/")) {
            client.modifyRule(new ModifyRuleInput().ruleArn(rule).actions(List.of(action)), room.inside(scope));
        } else {
            client.modifyListener(
                    new ModifyListenerInput().listenerArn(rule).defaultActions(List.of(action)), room.inside(scope));
        }
    }

    /** The target group of a slot: the first, or the alternate one. */
    static String group(LoadBalancer balancer, int slot) {
        AdvancedConfiguration advanced = balancer.advancedConfiguration();
        String alternate = advanced == null ? null : advanced.alternateTargetGroupArn();
        return Objects.requireNonNullElse(slot == 1 && alternate != null ? alternate : balancer.targetGroupArn(), "");
    }

    /** The target groups a revision's tasks are in. */
    static List<ServiceRevisionLoadBalancer> resolved(List<LoadBalancer> balancers, int slot) {
        return balancers.stream()
                .map(each -> new ServiceRevisionLoadBalancer()
                        .targetGroupArn(group(each, slot))
                        .productionListenerRule(
                                each.advancedConfiguration() == null
                                        ? null
                                        : each.advancedConfiguration().productionListenerRule()))
                .toList();
    }

    /** The target groups of a revision's tasks, by container and port. */
    static List<String> groups(RevisionRow revision) {
        return revision.told().loadBalancers().stream()
                .map(each -> group(each, revision.slot()))
                .filter(arn -> !arn.isEmpty())
                .toList();
    }
}
