package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.Deployment;
import dev.haneul.api.ecs.Service;
import dev.haneul.api.ecs.ServiceConnectConfiguration;
import dev.haneul.api.ecs.ServiceConnectServiceResource;
import dev.haneul.api.ecs.ServiceCurrentRevisionSummary;
import dev.haneul.api.ecs.ServiceEvent;
import dev.haneul.api.ecs.TaskSet;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.service.ServiceTables.EventRow;
import dev.haneul.services.ecs.service.ServiceTables.RevisionRow;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import dev.haneul.services.ecs.service.ServiceTables.SetRow;
import dev.haneul.services.ecs.task.Tasks;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Services as describe tells them: what is counted is counted from the tasks' own records. */
final class ServiceViews {
    private static final int MOST_EVENTS = 100;

    private ServiceViews() {}

    /** How many tasks run, and how many are on their way there. */
    record Counts(int running, int pending) {
        static Counts of(List<TaskRow> tasks) {
            int running = 0;
            int pending = 0;
            for (TaskRow task : tasks) {
                if (task.lastStatus().equals("RUNNING")) {
                    running++;
                } else if (task.desiredStatus().equals("RUNNING") && !task.stopped()) {
                    pending++;
                }
            }
            return new Counts(running, pending);
        }
    }

    /** A service with its counts, deployments and events. */
    static Service of(ReadTx tx, Scope scope, ServiceRow row, boolean tags) {
        List<TaskRow> tasks = Tasks.ofGroup(tx, scope, row.cluster(), "service:" + row.name());
        Counts all = Counts.of(tasks);
        int wanted = ServiceView.count(tx, scope, row);
        Service told = Copies.of(row.told())
                .desiredCount(
                        row.daemon() ? Integer.valueOf(wanted) : row.told().desiredCount())
                .runningCount(all.running())
                .pendingCount(all.pending())
                .events(events(tx, scope, row));
        if (row.controller().equals("EXTERNAL")) {
            told.taskSets(sets(tx, scope, row, false)).deployments(List.of());
        } else {
            told.deployments(deployments(tx, scope, row, tasks, wanted));
            current(tx, scope, row, told);
        }
        if (tags) {
            told.tags(EcsTables.told(EcsTags.of(tx, scope, "service/" + row.id())));
        }
        return told;
    }

    private static List<Deployment> deployments(
            ReadTx tx, Scope scope, ServiceRow row, List<TaskRow> tasks, int wanted) {
        List<Deployment> all = new ArrayList<>();
        for (Rollout rollout : row.rollouts()) {
            RevisionRow revision =
                    Rolls.revision(tx, scope, row, rollout.revision()).orElse(null);
            if (revision == null) {
                continue;
            }
            Counts counts = Counts.of(startedBy(tasks, rollout));
            boolean primary = rollout.primary();
            all.add(Rolls.told(rollout, revision)
                    .serviceConnectResources(resources(tx, scope, row, revision))
                    .desiredCount(primary ? wanted : counts.running() + counts.pending())
                    .runningCount(counts.running())
                    .pendingCount(counts.pending()));
        }
        return all;
    }

    /** The endpoints of a revision in Cloud Map; none told where it has no Service Connect. */
    private static @Nullable List<ServiceConnectServiceResource> resources(
            ReadTx tx, Scope scope, ServiceRow row, RevisionRow revision) {
        ServiceConnectConfiguration told = revision.told().serviceConnectConfiguration();
        if (told == null) {
            return null;
        }
        Set<String> names = told.services().stream()
                .map(each -> String.valueOf(each.discoveryName()))
                .collect(Collectors.toSet());
        return ConnectTables.of(tx, scope, row.id()).stream()
                .flatMap(connect -> connect.resources().stream())
                .filter(each -> names.contains(String.valueOf(each.discoveryName())))
                .toList();
    }

    private static List<TaskRow> startedBy(List<TaskRow> tasks, Rollout rollout) {
        return tasks.stream()
                .filter(each -> rollout.id().equals(each.told().startedBy()))
                .toList();
    }

    private static void current(ReadTx tx, Scope scope, ServiceRow row, Service told) {
        row.primary().ifPresent(primary -> {
            if (primary.going()) {
                told.currentServiceDeployment(Rolls.arn(scope, "service-deployment", row, primary.deployment()));
            }
            told.currentServiceRevisions(told.deployments().stream()
                    .map(each -> new ServiceCurrentRevisionSummary()
                            .arn(row.rollout(String.valueOf(each.id()))
                                    .map(rollout -> Rolls.arn(scope, "service-revision", row, rollout.revision()))
                                    .orElse(null))
                            .requestedTaskCount(each.desiredCount())
                            .runningTaskCount(each.runningCount())
                            .pendingTaskCount(each.pendingCount()))
                    .toList());
        });
    }

    /** Its latest events, newest first. */
    private static List<ServiceEvent> events(ReadTx tx, Scope scope, ServiceRow row) {
        String from = row.id() + "/";
        List<Row<EventRow>> rows = tx.rangeDescending(ServiceTables.EVENTS, scope, from, row.id() + "0", MOST_EVENTS);
        return rows.stream()
                .map(Row::value)
                .map(each ->
                        new ServiceEvent().id(each.id()).createdAt(each.at()).message(each.message()))
                .toList();
    }

    /** Its task sets. */
    static List<TaskSet> sets(ReadTx tx, Scope scope, ServiceRow row, boolean tags) {
        return row.rollouts().stream()
                .flatMap(rollout -> tx.get(ServiceTables.SETS, ServiceTables.key(scope, row, rollout.id())).stream()
                        .map(found -> set(tx, scope, row, rollout, found.value(), tags)))
                .toList();
    }

    /** A task set with its counts. */
    static TaskSet set(ReadTx tx, Scope scope, ServiceRow row, Rollout rollout, SetRow kept, boolean tags) {
        Counts counts = Counts.of(Tasks.startedBy(tx, scope, row.cluster(), rollout.id()));
        int wanted = TaskSetPlan.computed(row.count(), rollout);
        boolean steady = rollout.settledAt() != null && counts.running() == wanted && counts.pending() == 0;
        TaskSet told = Copies.of(kept.told())
                .status(rollout.role().name())
                .computedDesiredCount(wanted)
                .runningCount(counts.running())
                .pendingCount(counts.pending())
                .updatedAt(rollout.updated())
                .scale(new dev.haneul.api.ecs.Scale().value(rollout.scale()).unit("PERCENT"))
                .stabilityStatus(steady ? "STEADY_STATE" : "STABILIZING")
                .stabilityStatusAt(Objects.requireNonNullElse(rollout.settledAt(), rollout.updated()));
        return tags ? told.tags(EcsTables.told(EcsTags.of(tx, scope, resource(kept)))) : told;
    }

    private static String resource(SetRow kept) {
        String arn = Objects.requireNonNull(kept.told().taskSetArn());
        return arn.substring(arn.indexOf("task-set/"));
    }
}
