package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.cluster.Clusters;
import dev.haneul.services.ecs.definition.Definitions;
import dev.haneul.services.ecs.service.Rollout.Role;
import dev.haneul.services.ecs.service.ServiceTables.RevisionRow;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import dev.haneul.services.ecs.service.ServiceTables.SetRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Task sets: what an external controller deploys with.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-external.html">External
 *     deployments</a>
 */
final class TaskSets {
    private static final int MOST = 5;
    private static final double ALL = 100;

    private final Services services;
    private final EcsRoom room;

    TaskSets(Services services) {
        this.services = services;
        this.room = services.room();
    }

    CreateTaskSetResponse create(CreateTaskSetRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        Map<String, String> tags = EcsTags.check(in.tags());
        ServiceRow seen = room.read(tx -> external(tx, scope, in.cluster(), in.service()));
        if (in.launchType() != null && !in.capacityProviderStrategy().isEmpty()) {
            throw EcsFaults.invalid("Specifying both a launch type and capacity provider strategy is not supported. "
                    + "Remove one and try again.");
        }
        double percent = percent(in.scale(), ALL);
        TaskDefinition definition = room.read(tx -> Definitions.require(tx, scope, in.taskDefinition()))
                .told();
        Service wanted = wanted(in, seen, definition);
        Set<String> providers = room.read(tx ->
                Set.copyOf(Clusters.require(tx, scope, in.cluster()).told().capacityProviders()));
        Clusters.checkStrategy(wanted.capacityProviderStrategy(), providers);
        ServiceSpec.check(wanted);
        ServiceSpec.checkDefinition(wanted, definition);
        new ServiceChecks(room, services.neighbours()).check(call, wanted, definition);
        String id = "ecs-svc/" + services.rolls().number();
        ServiceRow row = room.change(tx -> {
            ServiceRow now = external(tx, scope, in.cluster(), in.service());
            Rollout before = repeated(tx, scope, now, in.externalId());
            if (before != null) {
                return now;
            }
            if (now.rollouts().size() >= MOST) {
                throw EcsFaults.limit("The service has " + MOST + " task sets already.");
            }
            return made(tx, scope, now, in, wanted, id, percent, tags);
        });
        services.changed(scope, row);
        return room.read(tx -> {
            Rollout rollout = row.rollout(id)
                    .or(() -> java.util.Optional.ofNullable(repeated(tx, scope, row, in.externalId())))
                    .orElseThrow();
            return new CreateTaskSetResponse().taskSet(told(tx, scope, row, rollout, true));
        });
    }

    private static @Nullable Rollout repeated(ReadTx tx, Scope scope, ServiceRow row, @Nullable String external) {
        if (external == null) {
            return null;
        }
        return row.rollouts().stream()
                .filter(each -> tx.get(ServiceTables.SETS, ServiceTables.key(scope, row, each.id()))
                        .filter(set -> external.equals(set.value().told().externalId()))
                        .isPresent())
                .findFirst()
                .orElse(null);
    }

    private ServiceRow made(
            WriteTx tx,
            Scope scope,
            ServiceRow row,
            CreateTaskSetRequest in,
            Service wanted,
            String id,
            double percent,
            Map<String, String> tags) {
        Instant now = room.now();
        String number = id.substring(id.indexOf('/') + 1);
        String arn = EcsRoom.arn(scope, "task-set/" + row.id() + "/" + number);
        RevisionRow revision = new RevisionRow(
                Copies.into(wanted, new ServiceRevision())
                        .serviceRevisionArn(Rolls.arn(scope, "service-revision", row, number))
                        .createdAt(now),
                0,
                Boolean.TRUE.equals(row.told().enableExecuteCommand()));
        tx.put(ServiceTables.REVISIONS, ServiceTables.key(scope, row, number), revision);
        TaskSet told = Copies.into(wanted, new TaskSet())
                .id(id)
                .taskSetArn(arn)
                .externalId(in.externalId())
                .createdAt(now)
                .status(null)
                .tags(null);
        tx.put(ServiceTables.SETS, ServiceTables.key(scope, row, id), new SetRow(told));
        EcsTags.put(tx, scope, "task-set/" + row.id() + "/" + number, tags);
        boolean first = row.primary().isEmpty();
        Rollout rollout = Rollout.begin(id, number, "", now)
                .state(Rollout.State.COMPLETED, "", now)
                .role(first ? Role.PRIMARY : Role.ACTIVE, now)
                .scale(percent, now);
        List<Rollout> all = new ArrayList<>(row.rollouts());
        all.addFirst(rollout);
        ServiceRow next = row.rollouts(all).steady(false);
        services.put(tx, scope, next);
        return next;
    }

    private static Service wanted(CreateTaskSetRequest in, ServiceRow row, TaskDefinition definition) {
        Service wanted = Copies.into(in, Copies.of(row.told()))
                .taskDefinition(definition.taskDefinitionArn())
                .loadBalancers(in.loadBalancers())
                .serviceRegistries(in.serviceRegistries())
                .networkConfiguration(in.networkConfiguration())
                .capacityProviderStrategy(
                        in.capacityProviderStrategy().isEmpty() ? null : in.capacityProviderStrategy())
                .platformVersion(in.platformVersion());
        wanted.launchType(
                in.capacityProviderStrategy().isEmpty() ? Objects.requireNonNullElse(in.launchType(), "EC2") : null);
        if (ServiceSpec.fargate(wanted)) {
            wanted.platformVersion(Objects.requireNonNullElse(in.platformVersion(), "LATEST"))
                    .platformFamily("Linux");
        }
        return wanted;
    }

    private static double percent(@Nullable Scale scale, double otherwise) {
        if (scale == null || scale.value() == null) {
            return otherwise;
        }
        double value = scale.value();
        if (!(value >= 0 && value <= ALL)) {
            throw EcsFaults.invalid("Scale value must be between 0 and 100.");
        }
        return value;
    }

    private static ServiceRow external(ReadTx tx, Scope scope, String cluster, String service) {
        String name = Clusters.require(tx, scope, cluster).name();
        ServiceRow row = Services.requireActive(tx, scope, name, service);
        if (!row.controller().equals("EXTERNAL")) {
            throw EcsFaults.invalid("Amazon ECS only supports task set management for EXTERNAL services, not "
                    + row.controller() + ".");
        }
        return row;
    }

    private static Fault noSet() {
        return Fault.of(new TaskSetNotFoundException(), "The specified task set does not exist.");
    }

    private static Rollout require(ReadTx tx, Scope scope, ServiceRow row, String reference) {
        String id = reference.startsWith("ecs-svc/")
                ? reference
                : "ecs-svc/" + reference.substring(reference.lastIndexOf('/') + 1);
        return row.rollout(id).orElseThrow(TaskSets::noSet);
    }

    private static TaskSet told(ReadTx tx, Scope scope, ServiceRow row, Rollout rollout, boolean tags) {
        SetRow kept = tx.get(ServiceTables.SETS, ServiceTables.key(scope, row, rollout.id()))
                .orElseThrow(TaskSets::noSet)
                .value();
        return ServiceViews.set(tx, scope, row, rollout, kept, tags);
    }

    private TaskSet change(Scope scope, String cluster, String service, String reference, UnaryOperator<Rollout> how) {
        ServiceRow changed = room.change(tx -> {
            ServiceRow row = external(tx, scope, cluster, service);
            Rollout rollout = require(tx, scope, row, reference);
            ServiceRow next = row.with(rollout.id(), each -> how.apply(each).settled(null))
                    .steady(false);
            services.put(tx, scope, next);
            return next;
        });
        services.changed(scope, changed);
        return room.read(tx -> told(tx, scope, changed, require(tx, scope, changed, reference), false));
    }

    UpdateTaskSetResponse update(UpdateTaskSetRequest in, Call call) {
        double percent = percent(in.scale(), ALL);
        return new UpdateTaskSetResponse()
                .taskSet(change(
                        EcsRoom.scope(call),
                        in.cluster(),
                        in.service(),
                        in.taskSet(),
                        each -> each.scale(percent, room.now())));
    }

    DeleteTaskSetResponse delete(DeleteTaskSetRequest in, Call call) {
        boolean force = Boolean.TRUE.equals(in.force());
        return new DeleteTaskSetResponse()
                .taskSet(change(EcsRoom.scope(call), in.cluster(), in.service(), in.taskSet(), each -> {
                    if (!force && each.scale() > 0) {
                        throw EcsFaults.invalid("The task set cannot be deleted while it is scaled above 0.");
                    }
                    return each.role(Role.DRAINING, room.now());
                }));
    }

    UpdateServicePrimaryTaskSetResponse prefer(UpdateServicePrimaryTaskSetRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        ServiceRow changed = room.change(tx -> {
            ServiceRow row = external(tx, scope, in.cluster(), in.service());
            Rollout chosen = require(tx, scope, row, in.primaryTaskSet());
            if (chosen.role() == Role.DRAINING) {
                throw EcsFaults.invalid("The task set is being deleted.");
            }
            Instant now = room.now();
            ServiceRow next = row.rollouts(row.rollouts().stream()
                    .map(each -> each.id().equals(chosen.id())
                            ? each.role(Role.PRIMARY, now)
                            : each.primary() ? each.role(Role.ACTIVE, now) : each)
                    .toList());
            services.put(tx, scope, next);
            return next;
        });
        services.changed(scope, changed);
        return new UpdateServicePrimaryTaskSetResponse()
                .taskSet(room.read(
                        tx -> told(tx, scope, changed, require(tx, scope, changed, in.primaryTaskSet()), false)));
    }

    DescribeTaskSetsResponse describe(DescribeTaskSetsRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        return room.read(tx -> {
            ServiceRow row = external(tx, scope, in.cluster(), in.service());
            boolean tags = in.include().contains("TAGS");
            if (in.taskSets().isEmpty()) {
                return new DescribeTaskSetsResponse().taskSets(ServiceViews.sets(tx, scope, row, tags));
            }
            List<TaskSet> found = new ArrayList<>();
            List<Failure> failures = new ArrayList<>();
            for (String each : in.taskSets()) {
                String id = each.startsWith("ecs-svc/") ? each : "ecs-svc/" + each.substring(each.lastIndexOf('/') + 1);
                row.rollout(id)
                        .ifPresentOrElse(
                                rollout -> found.add(told(tx, scope, row, rollout, tags)),
                                () -> failures.add(new Failure().arn(each).reason("MISSING")));
            }
            return new DescribeTaskSetsResponse().taskSets(found).failures(failures);
        });
    }
}
