package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.ServiceDeployment;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.service.MemberPlan.MemberStep;
import dev.haneul.services.ecs.service.MemberPlan.Reach;
import dev.haneul.services.ecs.service.ServiceTables.Departure;
import dev.haneul.services.ecs.service.ServiceTables.MemberRow;
import dev.haneul.services.ecs.service.ServiceTables.Place;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import dev.haneul.services.ecs.service.Sight.Plans;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes a plan's steps within one transaction: tasks are launched and stopped in it, and the service's record tells of
 * exactly these. What has to be done outside is left for afterwards.
 */
final class ServiceTurn {
    private static final int IMPAIRED = 3;

    private final Services services;
    private final WriteTx tx;
    private final ServiceView view;
    private final Sight sight;
    private final Scope scope;
    private final Instant now;
    private final List<Outside> outside = new ArrayList<>();
    private final List<String> stopped = new ArrayList<>();
    private final List<String> draining = new ArrayList<>();
    private ServiceRow row;

    /** What a step asks for that no transaction can do. It may be done again. */
    sealed interface Outside {
        /** Register a task where its record says. */
        record Register(String task) implements Outside {}

        /** Take a task out of where its record says. */
        record Deregister(String task) implements Outside {}

        /** Share traffic. */
        record Weigh(Step.Weigh step) implements Outside {}

        /** Call a lifecycle hook. */
        record Hook(Step.Call step) implements Outside {}
    }

    ServiceTurn(Services services, WriteTx tx, ServiceView view, Sight sight, Instant now) {
        this.services = services;
        this.tx = tx;
        this.view = view;
        this.sight = sight;
        this.scope = view.scope();
        this.row = view.row();
        this.now = now;
    }

    /** Takes the steps; answers what is left to do outside. */
    List<Outside> take(Plans plans) {
        plans.members().forEach((task, steps) -> {
            MemberRow member = view.members().stream()
                    .filter(each -> each.task().equals(task))
                    .findFirst()
                    .orElseThrow();
            steps.forEach(step -> take(member, step));
        });
        ServiceStarts starts = new ServiceStarts(services, tx, view, sight);
        for (Step step : plans.service()) {
            if (step instanceof Step.Start start) {
                row = starts.start(row, start);
            } else {
                take(step);
            }
        }
        row = starts.tell(row);
        if (!stopped.isEmpty()) {
            say("has stopped " + stopped.size() + " running tasks: "
                    + stopped.stream().map(each -> "(task " + each + ")").collect(Collectors.joining(" ")) + ".");
        }
        if (!draining.isEmpty()) {
            say("has begun draining connections on " + draining.size() + " tasks.");
        }
        if (!row.equals(view.row())) {
            services.put(tx, scope, row);
        }
        return outside;
    }

    private void say(String message) {
        row = services.say(tx, scope, row, message);
    }

    private void put(MemberRow member) {
        tx.put(ServiceTables.MEMBERS, ServiceTables.key(scope, row, member.task()), member);
    }

    /** The member as it is by now: several steps may change it. */
    private MemberRow fresh(MemberRow member) {
        return tx.get(ServiceTables.MEMBERS, ServiceTables.key(scope, row, member.task()))
                .map(found -> found.value())
                .orElse(member);
    }

    private void take(MemberRow member, MemberStep step) {
        switch (step) {
            case MemberStep.Register register -> {
                put(fresh(member).places(register.places()));
                outside.add(new Outside.Register(member.task()));
            }
            case MemberStep.Repeat() -> outside.add(new Outside.Register(member.task()));
            case MemberStep.Prove() -> {
                put(fresh(member).proven());
                row = row.with(member.rollout(), Rollout::success);
            }
            case MemberStep.Sicken sick -> sicken(member, sick);
            case MemberStep.Departed() -> {
                put(fresh(member).departing(new Departure(null, "", false, null)));
                row = unsettle(member.rollout());
            }
            case MemberStep.Deregister() -> deregister(member);
            case MemberStep.Drained() -> {
                MemberRow fresh = fresh(member);
                put(fresh.departing(Objects.requireNonNull(fresh.departure()).out(now)));
            }
            case MemberStep.Stop() -> stop(member);
            case MemberStep.Forget forget -> forget(member, forget.cause());
            case MemberStep.Look look -> {}
        }
    }

    private void sicken(MemberRow member, MemberStep.Sicken sick) {
        put(fresh(member).sick(sick.cause()));
        Place place = sick.place();
        if (place == null) {
            say("(task " + member.task() + ") failed container health checks.");
            return;
        }
        Reach reach = sight.reach().getOrDefault(place, Reach.UNKNOWN);
        String who = place.id().startsWith("i-") ? "(instance " + place.id() + ") " : "";
        say(who + "(port " + place.port() + ") is unhealthy in (target-group " + place.arn() + ") due to (reason "
                + reach.why() + ")");
    }

    private void deregister(MemberRow member) {
        if (member.balanced() && !view.task(member).stopped()) {
            draining.add(member.task());
        }
        outside.add(new Outside.Deregister(member.task()));
    }

    private void stop(MemberRow member) {
        Departure departure = Objects.requireNonNull(member.departure());
        services.tasks().stop(tx, scope, member.task(), "ServiceSchedulerInitiated", departure.reason());
        stopped.add(member.task());
    }

    private void forget(MemberRow member, Rollout.@Nullable Cause cause) {
        tx.delete(ServiceTables.MEMBERS, ServiceTables.key(scope, row, member.task()));
        row = unsettle(member.rollout());
        if (cause == null) {
            return;
        }
        row = row.with(member.rollout(), each -> each.failure(cause, now));
        boolean impaired = row.rollout(member.rollout())
                .filter(each -> each.failures() >= IMPAIRED
                        && Integer.bitCount(each.failures() / IMPAIRED) == 1
                        && each.failures() % IMPAIRED == 0)
                .isPresent();
        if (impaired) {
            say("is unable to consistently start tasks successfully. For more information, see the Troubleshooting "
                    + "section of the Amazon ECS Developer Guide.");
            ServiceNews.action(tx, scope, row, "WARN", "SERVICE_TASK_START_IMPAIRED", Map.of(), now);
        }
    }

    /** Neither the service nor, where it is a task set, the rollout is steady any longer. */
    private ServiceRow unsettle(String rollout) {
        ServiceRow next = row.steady(false);
        return row.controller().equals("EXTERNAL") ? next.with(rollout, each -> each.settled(null)) : next;
    }

    private void take(Step step) {
        switch (step) {
            case Step.Start start -> throw new IllegalStateException("starts are taken elsewhere");
            case Step.Leave leave -> leave(leave);
            case Step.Settle settle -> settle(settle.rollout());
            case Step.Complete done -> complete(done.rollout());
            case Step.Fail fail -> fail(fail);
            case Step.Drop drop -> drop(drop.rollout());
            case Step.Steady() -> {
                row = row.steady(true);
                say("has reached a steady state.");
                ServiceNews.action(tx, scope, row, "INFO", "SERVICE_STEADY_STATE", Map.of(), now);
            }
            case Step.Balance balance -> balance(balance.begins());
            case Step.Gone() -> gone();
            case Step.Advance advance -> advance(advance);
            case Step.Expire expire -> expire(expire);
            case Step.Weigh weigh -> outside.add(new Outside.Weigh(weigh));
            case Step.Call call -> outside.add(new Outside.Hook(call));
            case Step.Wait wait -> {}
        }
    }

    private void leave(Step.Leave leave) {
        MemberRow member = view.members().stream()
                .filter(each -> each.task().equals(leave.task()))
                .findFirst()
                .map(this::fresh)
                .orElseThrow();
        String initiated = "Scaling activity initiated by (deployment " + member.rollout() + ")";
        String reason = leave.why() != Step.Why.UNHEALTHY
                ? initiated
                : member.sick() == Rollout.Cause.TARGET
                        ? "Task failed ELB health checks in (target-group "
                                + member.places().stream()
                                        .filter(each -> !each.registry())
                                        .map(Place::arn)
                                        .findFirst()
                                        .orElse("")
                                + ")"
                        : "Task failed container health checks";
        put(member.departing(new Departure(leave.why(), reason, false, null)));
        row = unsettle(member.rollout());
    }

    private void settle(String rollout) {
        row = row.with(rollout, each -> each.settled(now));
        if (row.controller().equals("EXTERNAL")) {
            say("(taskSet " + rollout + ") has reached a steady state.");
            ServiceNews.action(tx, scope, row, "INFO", "TASKSET_STEADY_STATE", Map.of("taskSetArn", rollout), now);
        }
    }

    private void complete(String id) {
        Rollout rollout = row.rollout(id).orElseThrow();
        row = services.rolls().complete(tx, scope, row, rollout);
        say("(deployment " + id + ") deployment completed.");
        ServiceNews.deployment(
                tx, scope, row.arn(), row.rollout(id).orElseThrow(), "INFO", "SERVICE_DEPLOYMENT_COMPLETED", now);
    }

    private void fail(Step.Fail fail) {
        row = services.failed(tx, scope, row, fail);
    }

    private void drop(String id) {
        boolean set = tx.delete(ServiceTables.SETS, ServiceTables.key(scope, row, id));
        if (set) {
            EcsTags.forget(tx, scope, "task-set/" + row.id() + "/" + id.substring(id.indexOf('/') + 1));
        }
        row = row.rollouts(Rollouts.drop(row.rollouts(), id));
    }

    private void balance(boolean begins) {
        row = row.balancing(begins);
        Map<String, Integer> zones = new TreeMap<>();
        sight.zones().values().forEach(zone -> zones.put(zone, 0));
        view.members().forEach(each -> zones.merge(each.zone(), 1, Integer::sum));
        String told = zones.entrySet().stream()
                .map(each -> each.getValue() + " tasks in " + each.getKey())
                .collect(Collectors.joining(", "));
        say(
                begins
                        ? "is not AZ balanced with " + told + ". AZ Rebalancing in progress."
                        : "is AZ balanced with " + told + ".");
    }

    private void gone() {
        row = row.told(Copies.of(row.told()).status("INACTIVE"))
                .rollouts(List.of())
                .ended(now);
    }

    private void advance(Step.Advance advance) {
        row = row.with(
                advance.rollout(),
                each -> each.shift(Objects.requireNonNull(each.shift()).at(advance.stage(), now), now));
        Rollout rollout = row.rollout(advance.rollout()).orElseThrow();
        Rolls.change(tx, scope, row, rollout.deployment(), told -> stage(told, advance.stage()));
    }

    private void stage(ServiceDeployment told, Rollout.Stage stage) {
        told.lifecycleStage(stage.name()).updatedAt(now);
    }

    private void expire(Step.Expire expire) {
        row = row.with(expire.rollout(), each -> {
            Rollout.Shift shift = Objects.requireNonNull(each.shift());
            List<Rollout.Hook> hooks = shift.hooks().stream()
                    .map(hook -> hook.index() == expire.hook()
                            ? new Rollout.Hook(hook.id(), hook.index(), hook.target(), "TIMED_OUT", hook.since(), null)
                            : hook)
                    .toList();
            return each.shift(shift.hooks(hooks), now);
        });
    }

    /** By target group, how many places. */
    static Map<String, Integer> byGroup(List<Place> places) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        places.stream().filter(each -> !each.registry()).forEach(each -> counts.merge(each.arn(), 1, Integer::sum));
        return counts;
    }
}
