package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.AwsVpcConfiguration;
import dev.haneul.api.ecs.CapacityProviderStrategyItem;
import dev.haneul.api.ecs.Failure;
import dev.haneul.api.ecs.PlacementStrategy;
import dev.haneul.api.ecs.Service;
import dev.haneul.api.ecs.ServiceRevision;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.ecs.TaskOverride;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.service.ServiceTables.MemberRow;
import dev.haneul.services.ecs.service.ServiceTables.RevisionRow;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import dev.haneul.services.ecs.task.Capacity;
import dev.haneul.services.ecs.task.LaunchRequest;
import dev.haneul.services.ecs.task.LaunchRequest.PlacementWish;
import dev.haneul.services.ecs.task.LaunchRequest.Target;
import dev.haneul.services.ecs.task.Launched;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Launches a service's tasks within the transaction that writes down which they are. */
final class ServiceStarts {
    private static final String ZONE = "attribute:ecs.availability-zone";
    private static final Map<String, String> SHORT = Map.of(
            "RESOURCE:MEMORY", "has insufficient memory available",
            "RESOURCE:CPU", "has insufficient CPU units available",
            "RESOURCE:PORTS", "is already using a port required by your task",
            "RESOURCE:ENI", "encountered error \"RESOURCE:ENI\"",
            "AGENT", "doesn't have the agent connected",
            "ATTRIBUTE", "is missing an attribute required by your task");

    private final Services services;
    private final WriteTx tx;
    private final ServiceView view;
    private final Sight sight;
    private final Scope scope;
    private final List<String> started = new ArrayList<>();

    ServiceStarts(Services services, WriteTx tx, ServiceView view, Sight sight) {
        this.services = services;
        this.tx = tx;
        this.view = view;
        this.sight = sight;
        this.scope = view.scope();
    }

    /** Launches; what finds no place is told, and tried again after a pause. */
    ServiceRow start(ServiceRow row, Step.Start step) {
        RevisionRow revision = view.revisions().get(step.rollout());
        TaskDefinition definition = view.definition(step.rollout());
        if (revision == null || definition == null) {
            return unplaced(row, step.rollout(), "was unable to place a task. Reason: TaskDefinition not found.");
        }
        Launched launched = services.tasks().launch(tx, request(row, step, revision, definition));
        for (TaskRow task : launched.tasks()) {
            MemberRow member =
                    MemberRow.started(task.id(), step.rollout(), Objects.requireNonNullElse(step.zone(), ""));
            tx.put(ServiceTables.MEMBERS, ServiceTables.key(scope, row, task.id()), member);
            started.add(task.id());
        }
        ServiceRow next = row.steady(false);
        if (row.controller().equals("EXTERNAL")) {
            next = next.with(step.rollout(), each -> each.settled(null));
        }
        if (launched.failures().isEmpty()) {
            return next.with(
                    step.rollout(), each -> each.unplaced(null, services.room().now()));
        }
        return unplaced(next, step.rollout(), noRoom(launched.failures().getFirst()));
    }

    private static String noRoom(Failure failure) {
        String reason = Objects.requireNonNullElse(failure.reason(), "");
        String text = "was unable to place a task because no container instance met all of its requirements.";
        String arn = failure.arn();
        if (arn == null) {
            return text + " Reason: " + reason
                    + " For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";
        }
        String instance = arn.substring(arn.lastIndexOf('/') + 1);
        return text + " The closest matching (container-instance " + instance + ") "
                + SHORT.getOrDefault(reason, "encountered error \"" + reason + "\"")
                + ". For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";
    }

    private ServiceRow unplaced(ServiceRow row, String rollout, String message) {
        ServiceRow told = Services.saidLast(tx, scope, row, message) ? row : services.say(tx, scope, row, message);
        if (told != row) {
            ServiceNews.action(
                    tx,
                    scope,
                    row,
                    "ERROR",
                    "SERVICE_TASK_PLACEMENT_FAILURE",
                    Map.of("reason", message),
                    services.room().now());
        }
        return told.with(
                rollout,
                each -> each.failure(Rollout.Cause.START, services.room().now())
                        .unplaced(message, services.room().now()));
    }

    private LaunchRequest request(ServiceRow row, Step.Start step, RevisionRow revision, TaskDefinition definition) {
        Service told = row.told();
        return new LaunchRequest(
                scope,
                row.cluster(),
                definition,
                targets(step, revision.told()),
                network(step, revision.told()),
                new TaskOverride(),
                "service:" + row.name(),
                step.rollout(),
                row.name(),
                tags(row, definition),
                revision.execute(),
                new PlacementWish(
                        told.placementConstraints(),
                        told.placementStrategy().isEmpty() ? spread() : told.placementStrategy()));
    }

    private static List<PlacementStrategy> spread() {
        return List.of(
                new PlacementStrategy().type("spread").field(ZONE),
                new PlacementStrategy().type("spread").field("instanceId"));
    }

    private List<Target> targets(Step.Start step, ServiceRevision revision) {
        List<CapacityProviderStrategyItem> strategy = revision.capacityProviderStrategy();
        if (!strategy.isEmpty()) {
            Map<String, Integer> running = new HashMap<>();
            view.members().stream()
                    .filter(each -> each.rollout().equals(step.rollout()) && each.departure() == null)
                    .map(each -> view.tasks().get(each.task()))
                    .filter(Objects::nonNull)
                    .forEach(
                            each -> running.merge(String.valueOf(each.told().capacityProviderName()), 1, Integer::sum));
            return Capacity.split(strategy, step.count(), running);
        }
        String type = Objects.requireNonNullElse(revision.launchType(), "EC2");
        Target plain = Target.of(type);
        String version = revision.platformVersion();
        String platform = version == null || version.equals("LATEST") ? plain.platformVersion() : version;
        Target target = new Target(type, null, platform, step.instance());
        return IntStream.range(0, step.count()).mapToObj(i -> target).toList();
    }

    /** The subnets of the wanted zone; all of them where none is. */
    private @Nullable AwsVpcConfiguration network(Step.Start step, ServiceRevision revision) {
        var network = revision.networkConfiguration();
        AwsVpcConfiguration vpc = network == null ? null : network.awsvpcConfiguration();
        String zone = step.zone();
        if (vpc == null || zone == null) {
            return vpc;
        }
        List<String> fitting = vpc.subnets().stream()
                .filter(subnet -> zone.equals(sight.zones().get(subnet)))
                .toList();
        return fitting.isEmpty() ? vpc : Copies.of(vpc).subnets(fitting);
    }

    private Map<String, String> tags(ServiceRow row, TaskDefinition definition) {
        Map<String, String> tags = new HashMap<>();
        String propagate = String.valueOf(row.told().propagateTags());
        if (propagate.equals("SERVICE")) {
            tags.putAll(EcsTags.of(tx, scope, "service/" + row.id()));
        } else if (propagate.equals("TASK_DEFINITION")) {
            tags.putAll(EcsTags.of(tx, scope, "task-definition/" + definition.family() + ":" + definition.revision()));
        }
        if (Boolean.TRUE.equals(row.told().enableECSManagedTags())) {
            tags.put("aws:ecs:clusterName", row.cluster());
            tags.put("aws:ecs:serviceName", row.name());
        }
        return tags;
    }

    /** Tells which tasks were started. */
    ServiceRow tell(ServiceRow row) {
        if (started.isEmpty()) {
            return row;
        }
        String names = started.stream().map(each -> "(task " + each + ")").collect(Collectors.joining(" "));
        return services.say(tx, scope, row, "has started " + started.size() + " tasks: " + names + ".");
    }
}
