package dev.haneul.services.ecs.service;

import dev.haneul.api.elbv2.DeregisterTargetsInput;
import dev.haneul.api.elbv2.DeregisterTargetsOutput;
import dev.haneul.api.elbv2.DescribeTargetGroupAttributesOutput;
import dev.haneul.api.elbv2.DescribeTargetGroupsInput;
import dev.haneul.api.elbv2.DescribeTargetGroupsOutput;
import dev.haneul.api.elbv2.DescribeTargetHealthInput;
import dev.haneul.api.elbv2.DescribeTargetHealthOutput;
import dev.haneul.api.elbv2.ModifyRuleInput;
import dev.haneul.api.elbv2.ModifyRuleOutput;
import dev.haneul.api.elbv2.RegisterTargetsInput;
import dev.haneul.api.elbv2.RegisterTargetsOutput;
import dev.haneul.api.elbv2.TargetDescription;
import dev.haneul.api.elbv2.TargetGroup;
import dev.haneul.api.elbv2.TargetGroupAttribute;
import dev.haneul.api.elbv2.TargetGroupTuple;
import dev.haneul.api.elbv2.TargetHealth;
import dev.haneul.api.elbv2.TargetHealthDescription;
import dev.haneul.api.runtime.Struct;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A load balancer that remembers its targets: healthy after a while, and draining for the deregistration delay. */
final class FakeBalancer {
    private static final Duration UNTIL_HEALTHY = Duration.ofSeconds(10);
    static final Duration DELAY = Duration.ofSeconds(30);

    private final InstantSource clock;
    /** By group and target. */
    private final Map<String, Target> targets = new TreeMap<>();
    /** Weights by rule, then by group. */
    final Map<String, Map<String, Integer>> weights = new HashMap<>();
    /** Every weight of the rules' first group, in the order in which it was set. */
    final List<String> shifts = new ArrayList<>();
    /** Addresses that fail their health checks. */
    volatile Predicate<String> sick = address -> false;

    volatile String type = "ip";
    /** Groups without a load balancer. */
    volatile String idle = "";

    private record Target(
            String group,
            String id,
            Integer port,
            Instant since,
            @Nullable Instant leftAt) {}

    FakeBalancer(InstantSource clock) {
        this.clock = clock;
    }

    /** Answers, or null where the call is no business of load balancers. */
    synchronized @Nullable Struct answer(Struct input) {
        return switch (input) {
            case RegisterTargetsInput in -> {
                in.targets()
                        .forEach(each -> targets.compute(
                                key(in.targetGroupArn(), each),
                                (key, before) -> before != null && before.leftAt() == null
                                        ? before
                                        : new Target(
                                                in.targetGroupArn(), each.id(), each.port(), clock.instant(), null)));
                yield new RegisterTargetsOutput();
            }
            case DeregisterTargetsInput in -> {
                in.targets()
                        .forEach(each -> targets.computeIfPresent(
                                key(in.targetGroupArn(), each),
                                (key, before) -> before.leftAt() != null
                                        ? before
                                        : new Target(
                                                before.group(),
                                                before.id(),
                                                before.port(),
                                                before.since(),
                                                clock.instant())));
                yield new DeregisterTargetsOutput();
            }
            case DescribeTargetHealthInput in ->
                new DescribeTargetHealthOutput()
                        .targetHealthDescriptions(targets.values().stream()
                                .filter(each -> each.group().equals(in.targetGroupArn()) && !gone(each))
                                .map(this::describe)
                                .toList());
            case dev.haneul.api.elbv2.DescribeTargetGroupAttributesInput in ->
                new DescribeTargetGroupAttributesOutput()
                        .attributes(List.of(new TargetGroupAttribute()
                                .key("deregistration_delay.timeout_seconds")
                                .value(String.valueOf(DELAY.toSeconds()))));
            case DescribeTargetGroupsInput in -> {
                String arn = in.targetGroupArns().getFirst();
                yield new DescribeTargetGroupsOutput()
                        .targetGroups(List.of(new TargetGroup()
                                .targetGroupArn(arn)
                                .targetType(type)
                                .loadBalancerArns(idle.equals(arn) ? List.of() : List.of("lb"))));
            }
            case ModifyRuleInput in -> {
                Map<String, Integer> groups = new HashMap<>();
                for (TargetGroupTuple each :
                        in.actions().getFirst().forwardConfig().targetGroups()) {
                    groups.put(String.valueOf(each.targetGroupArn()), each.weight());
                }
                weights.put(in.ruleArn(), groups);
                shifts.add(in.ruleArn().substring(in.ruleArn().lastIndexOf('/') + 1) + " " + new TreeMap<>(groups));
                yield new ModifyRuleOutput();
            }
            default -> null;
        };
    }

    private static String key(String group, TargetDescription target) {
        return group + " " + target.id() + ":" + target.port();
    }

    private boolean gone(Target target) {
        Instant left = target.leftAt();
        return left != null && !left.plus(DELAY).isAfter(clock.instant());
    }

    private TargetHealthDescription describe(Target target) {
        TargetHealth health = new TargetHealth().state(state(target));
        if ("unhealthy".equals(health.state())) {
            health.reason("Target.ResponseCodeMismatch").description("Health checks failed with these codes: [500]");
        }
        return new TargetHealthDescription()
                .target(new TargetDescription().id(target.id()).port(target.port()))
                .targetHealth(health);
    }

    private String state(Target target) {
        if (target.leftAt() != null) {
            return "draining";
        }
        if (target.since().plus(UNTIL_HEALTHY).isAfter(clock.instant())) {
            return "initial";
        }
        return sick.test(target.id()) ? "unhealthy" : "healthy";
    }

    /** The targets of a group that get requests, or still have some. */
    synchronized List<String> using(String group) {
        return targets.values().stream()
                .filter(each -> each.group().equals(group) && !gone(each))
                .map(Target::id)
                .toList();
    }

    /** The targets of a group in this state. */
    synchronized List<String> in(String group, String state) {
        return targets.values().stream()
                .filter(each ->
                        each.group().equals(group) && !gone(each) && state(each).equals(state))
                .map(Target::id)
                .toList();
    }
}
