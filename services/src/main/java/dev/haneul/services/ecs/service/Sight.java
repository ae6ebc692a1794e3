package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.AwsVpcConfiguration;
import dev.haneul.api.ecs.DeploymentAlarms;
import dev.haneul.api.ecs.DeploymentConfiguration;
import dev.haneul.api.ecs.DeploymentLifecycleHook;
import dev.haneul.api.runtime.Fault;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.service.Desired.Guard;
import dev.haneul.services.ecs.service.Desired.Kind;
import dev.haneul.services.ecs.service.MemberPlan.MemberStep;
import dev.haneul.services.ecs.service.MemberPlan.Reach;
import dev.haneul.services.ecs.service.MemberPlan.TaskView;
import dev.haneul.services.ecs.service.Neighbours.Alarms;
import dev.haneul.services.ecs.service.ServiceTables.MemberRow;
import dev.haneul.services.ecs.service.ServiceTables.Place;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What neighbours told of a service's surroundings, and what is planned with that: first for each task, then for the
 * service.
 *
 * @param reach how targets are
 * @param zones of the service's subnets, by their ids
 */
record Sight(Map<Place, Reach> reach, Alarms alarms, Map<String, String> zones) {
    private static final System.Logger LOG = System.getLogger(Sight.class.getName());
    private static final Duration HOOK_PATIENCE = Duration.ofHours(24);
    private static final double ALL = 100;

    /** Steps of one service, from one view. */
    record Plans(Map<String, List<MemberStep>> members, List<Step> service) {
        /** Whether anything is to be done now. */
        boolean busy() {
            return service.stream().anyMatch(each -> !(each instanceof Step.Wait))
                    || members.values().stream()
                            .flatMap(List::stream)
                            .anyMatch(each -> !(each instanceof MemberStep.Look));
        }

        /** When something is to be done next, if nothing happens before. */
        @Nullable
        Instant next() {
            Instant next = null;
            for (Step each : service) {
                next = each instanceof Step.Wait wait ? earlier(next, wait.until()) : next;
            }
            for (List<MemberStep> steps : members.values()) {
                for (MemberStep each : steps) {
                    next = each instanceof MemberStep.Look look ? earlier(next, look.at()) : next;
                }
            }
            return next;
        }

        private static Instant earlier(@Nullable Instant one, Instant other) {
            return one == null || other.isBefore(one) ? other : one;
        }
    }

    /** Asks the neighbours. What cannot be asked now is not known, and nothing is concluded from it. */
    static Sight of(ServiceView view, Neighbours neighbours) {
        Map<String, List<Place>> groups = new HashMap<>();
        for (MemberRow member : view.members()) {
            for (Place place : member.places()) {
                if (!place.registry()) {
                    groups.computeIfAbsent(place.arn(), any -> new ArrayList<>())
                            .add(place);
                }
            }
        }
        Map<Place, Reach> reach = new HashMap<>();
        groups.forEach((group, places) -> {
            try {
                reach.putAll(neighbours.balancers().health(view.scope(), group, places));
            } catch (Fault fault) {
                LOG.log(System.Logger.Level.WARNING, "targets of " + group + ": " + fault.getMessage());
            }
        });
        return new Sight(reach, alarms(view, neighbours), zones(view, neighbours));
    }

    private static Alarms alarms(ServiceView view, Neighbours neighbours) {
        DeploymentAlarms wanted = watched(view.row());
        boolean going = view.row().primary().filter(Rollout::going).isPresent();
        if (wanted == null || !going || wanted.alarmNames().isEmpty()) {
            return Alarms.NONE;
        }
        try {
            return neighbours.alarms(view.scope(), wanted.alarmNames());
        } catch (Fault fault) {
            LOG.log(System.Logger.Level.WARNING, "alarms of " + view.row().arn() + ": " + fault.getMessage());
            return Alarms.NONE;
        }
    }

    private static @Nullable DeploymentAlarms watched(ServiceRow row) {
        DeploymentConfiguration configuration = row.told().deploymentConfiguration();
        DeploymentAlarms alarms = configuration == null ? null : configuration.alarms();
        return alarms != null && Boolean.TRUE.equals(alarms.enable()) ? alarms : null;
    }

    private static Map<String, String> zones(ServiceView view, Neighbours neighbours) {
        var network = view.row().told().networkConfiguration();
        AwsVpcConfiguration vpc = network == null ? null : network.awsvpcConfiguration();
        if (vpc == null
                || vpc.subnets().size() < 2
                || !ServiceSpec.fargate(view.row().told())) {
            return Map.of();
        }
        try {
            return neighbours.zones(view.scope(), vpc.subnets());
        } catch (Fault fault) {
            LOG.log(System.Logger.Level.WARNING, "subnets of " + view.row().arn() + ": " + fault.getMessage());
            return Map.of();
        }
    }

    /** Plans. Pure. */
    Plans plan(ServiceView view, Instant now) {
        Duration grace =
                Duration.ofSeconds(Objects.requireNonNullElse(view.row().told().healthCheckGracePeriodSeconds(), 0));
        Map<String, List<MemberStep>> steps = new LinkedHashMap<>();
        List<Member> members = new ArrayList<>();
        for (MemberRow member : view.members()) {
            TaskView task = view.task(member);
            List<MemberStep> own = MemberPlan.of(member, task, reach, grace, now);
            if (!own.isEmpty()) {
                steps.put(member.task(), own);
            }
            if (!task.stopped()) {
                members.add(member(view, member, task, grace, now));
            }
        }
        boolean unsettled =
                steps.values().stream().flatMap(List::stream).anyMatch(each -> each instanceof MemberStep.Forget);
        // Failures are counted before anything is planned with their count.
        List<Step> service = unsettled || view.row().status().equals("INACTIVE")
                ? List.of()
                : ServicePlan.of(desired(view), view.row().rollouts(), members, now);
        return new Plans(steps, service);
    }

    private Member member(ServiceView view, MemberRow row, TaskView view1, Duration grace, Instant now) {
        TaskRow task = Objects.requireNonNull(view.tasks().get(row.task()));
        String zone = task.told().availabilityZone();
        Instant guarded = task.means().protectedUntil();
        return new Member(
                row.task(),
                row.rollout(),
                zone == null ? row.zone() : zone,
                Objects.requireNonNullElse(task.instance(), ""),
                Objects.requireNonNullElse(task.told().createdAt(), Instant.EPOCH),
                MemberPlan.vitals(row, view1, reach, grace, now),
                row.departure() != null || !view1.wanted(),
                guarded != null && guarded.isAfter(now),
                view.evicted(task));
    }

    private Desired desired(ServiceView view) {
        ServiceRow row = view.row();
        DeploymentConfiguration configuration =
                Objects.requireNonNullElseGet(row.told().deploymentConfiguration(), DeploymentConfiguration::new);
        var breaker = configuration.deploymentCircuitBreaker();
        DeploymentAlarms watched = watched(row);
        Kind kind = row.controller().equals("EXTERNAL")
                ? Kind.TASK_SETS
                : row.daemon() ? Kind.DAEMON : row.shifting() ? Kind.SHIFTING : Kind.ROLLING;
        List<String> places = kind == Kind.DAEMON ? view.daemonPlaces() : List.of();
        long bake = Objects.requireNonNullElse(configuration.bakeTimeInMinutes(), 0);
        return new Desired(
                kind,
                kind == Kind.DAEMON ? places.size() : row.count(),
                Objects.requireNonNullElse(configuration.minimumHealthyPercent(), 100),
                Objects.requireNonNullElse(configuration.maximumPercent(), 200),
                breaker == null
                        ? Guard.OFF
                        : new Guard(Boolean.TRUE.equals(breaker.enable()), Boolean.TRUE.equals(breaker.rollback())),
                watched == null ? Guard.OFF : new Guard(true, Boolean.TRUE.equals(watched.rollback())),
                alarms.firing(),
                bake > 0 ? Duration.ofMinutes(bake) : alarms.span(),
                zones.values().stream().distinct().sorted().collect(Collectors.toList()),
                "ENABLED".equals(row.told().availabilityZoneRebalancing()),
                row.balancing(),
                places,
                row.status().equals("DRAINING"),
                row.steady(),
                manner(configuration, row));
    }

    private static ShiftPlan.Manner manner(DeploymentConfiguration configuration, ServiceRow row) {
        List<Double> percents = new ArrayList<>();
        Duration pause = Duration.ZERO;
        var linear = configuration.linearConfiguration();
        var canary = configuration.canaryConfiguration();
        if (row.strategy().equals("LINEAR") && linear != null) {
            double step = Math.clamp(Objects.requireNonNullElse(linear.stepPercent(), 10.0), 3, ALL);
            for (double at = step; at < ALL; at += step) {
                percents.add(at);
            }
            pause = Duration.ofMinutes(Objects.requireNonNullElse(linear.stepBakeTimeInMinutes(), 6));
        } else if (row.strategy().equals("CANARY") && canary != null) {
            percents.add(Math.clamp(Objects.requireNonNullElse(canary.canaryPercent(), 5.0), 0.1, ALL));
            pause = Duration.ofMinutes(Objects.requireNonNullElse(canary.canaryBakeTimeInMinutes(), 10));
        }
        percents.add(ALL);
        boolean test = row.told().loadBalancers().stream()
                .anyMatch(each -> each.advancedConfiguration() != null
                        && each.advancedConfiguration().testListenerRule() != null);
        List<ShiftPlan.HookRule> hooks =
                configuration.lifecycleHooks().stream().map(Sight::hook).toList();
        return new ShiftPlan.Manner(percents, pause, hooks, test);
    }

    private static ShiftPlan.HookRule hook(DeploymentLifecycleHook hook) {
        var timeout = hook.timeoutConfiguration();
        Integer minutes = timeout == null ? null : timeout.timeoutInMinutes();
        return new ShiftPlan.HookRule(
                hook.lifecycleStages(),
                minutes == null ? HOOK_PATIENCE : Duration.ofMinutes(minutes),
                timeout != null && "CONTINUE".equals(timeout.action()));
    }
}
