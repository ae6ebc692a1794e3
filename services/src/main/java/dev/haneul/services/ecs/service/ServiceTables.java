package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.Service;
import dev.haneul.api.ecs.ServiceDeployment;
import dev.haneul.api.ecs.ServiceRevision;
import dev.haneul.api.ecs.TaskSet;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What is kept of services. Ids begin with the cluster's and the service's name. */
final class ServiceTables {
    /** Services by cluster. */
    static final String CLUSTER = "cluster";
    /** Services that are not at rest for good. */
    static final String KEPT = "kept";

    private ServiceTables() {}

    /**
     * A service.
     *
     * @param told what describe tells of its settings: no counts, deployments, events or tags
     * @param rollouts its deployments or task sets, newest first
     * @param events how many events it has told
     * @param steady whether it has told that it is steady
     * @param balancing whether a task is being moved to another zone
     * @param endedAt when it became INACTIVE; null before
     */
    record ServiceRow(
            Service told,
            List<Rollout> rollouts,
            long events,
            boolean steady,
            boolean balancing,
            @Nullable Instant endedAt) {
        String name() {
            return Objects.requireNonNull(told.serviceName());
        }

        String arn() {
            return Objects.requireNonNull(told.serviceArn());
        }

        /** The cluster's name. */
        String cluster() {
            String arn = Objects.requireNonNull(told.clusterArn());
            return arn.substring(arn.lastIndexOf('/') + 1);
        }

        String status() {
            return Objects.requireNonNull(told.status());
        }

        boolean active() {
            return status().equals("ACTIVE");
        }

        int count() {
            return Objects.requireNonNullElse(told.desiredCount(), 0);
        }

        boolean daemon() {
            return "DAEMON".equals(told.schedulingStrategy());
        }

        /** ECS, CODE_DEPLOY or EXTERNAL. */
        String controller() {
            return told.deploymentController() == null
                    ? "ECS"
                    : told.deploymentController().type();
        }

        /** ROLLING, BLUE_GREEN, LINEAR or CANARY. */
        String strategy() {
            var configuration = told.deploymentConfiguration();
            return configuration == null || configuration.strategy() == null ? "ROLLING" : configuration.strategy();
        }

        boolean shifting() {
            return controller().equals("ECS") && !strategy().equals("ROLLING");
        }

        Optional<Rollout> primary() {
            return rollouts.stream().filter(Rollout::primary).findFirst();
        }

        Optional<Rollout> rollout(String id) {
            return rollouts.stream().filter(each -> each.id().equals(id)).findFirst();
        }

        String id() {
            return serviceId(cluster(), name());
        }

        ServiceRow told(Service next) {
            return new ServiceRow(next, rollouts, events, steady, balancing, endedAt);
        }

        ServiceRow rollouts(List<Rollout> next) {
            return new ServiceRow(told, List.copyOf(next), events, steady, balancing, endedAt);
        }

        /** With one of its deployments changed; the same where there is none such. */
        ServiceRow with(String rollout, UnaryOperator<Rollout> change) {
            return rollouts(rollouts.stream()
                    .map(each -> each.id().equals(rollout) ? change.apply(each) : each)
                    .toList());
        }

        ServiceRow events(long next) {
            return new ServiceRow(told, rollouts, next, steady, balancing, endedAt);
        }

        ServiceRow steady(boolean next) {
            return new ServiceRow(told, rollouts, events, next, balancing, endedAt);
        }

        ServiceRow balancing(boolean next) {
            return new ServiceRow(told, rollouts, events, steady, next, endedAt);
        }

        ServiceRow ended(Instant at) {
            return new ServiceRow(told, rollouts, events, steady, balancing, at);
        }
    }

    /**
     * What one deployment's tasks are started with; never changes.
     *
     * @param told as describe tells it
     * @param slot which target group its tasks are in: 0 the first, 1 the alternate one
     * @param execute whether ExecuteCommand works on its tasks
     */
    record RevisionRow(ServiceRevision told, int slot, boolean execute) {
        String arn() {
            return Objects.requireNonNull(told.serviceRevisionArn());
        }
    }

    /** A service deployment, as describe tells it but for counts. */
    record DeploymentRow(ServiceDeployment told) {
        String arn() {
            return Objects.requireNonNull(told.serviceDeploymentArn());
        }
    }

    /** What a task set was made with; its counts and scale are its rollout's. */
    record SetRow(TaskSet told) {}

    /** An event of a service. */
    record EventRow(String id, Instant at, String message) {}

    /**
     * What a service has done with one of its tasks.
     *
     * @param rollout the deployment or task set that started it
     * @param zone where it was sent; empty for anywhere
     * @param places where it is registered, or shall be
     * @param registered whether it is
     * @param proved whether it was healthy once
     * @param sick how it failed its checks; null where it did not
     * @param departure how far it is on its way out; null while it stays
     */
    record MemberRow(
            String task,
            String rollout,
            String zone,
            List<Place> places,
            boolean registered,
            boolean proved,
            Rollout.@Nullable Cause sick,
            @Nullable Departure departure) {
        static MemberRow started(String task, String rollout, String zone) {
            return new MemberRow(task, rollout, zone, List.of(), false, false, null, null);
        }

        MemberRow places(List<Place> next) {
            return new MemberRow(task, rollout, zone, List.copyOf(next), false, proved, sick, departure);
        }

        MemberRow registered(boolean next) {
            return new MemberRow(task, rollout, zone, places, next, proved, sick, departure);
        }

        MemberRow proven() {
            return new MemberRow(task, rollout, zone, places, registered, true, null, departure);
        }

        MemberRow sick(Rollout.Cause how) {
            return new MemberRow(task, rollout, zone, places, registered, proved, how, departure);
        }

        /** Whether a load balancer sends to it, not only a registry that names it. */
        boolean balanced() {
            return places.stream().anyMatch(each -> !each.registry());
        }

        MemberRow departing(Departure next) {
            return new MemberRow(task, rollout, zone, places, registered, proved, sick, next);
        }
    }

    /**
     * How far a task is on its way out: deregistered, drained, stopped.
     *
     * @param why null where somebody else stops it
     * @param reason what the task tells of why it stopped
     * @param deregistered whether it is out of everywhere it was registered
     * @param drainedBy when connections have had their time, at the latest
     */
    record Departure(
            Step.@Nullable Why why,
            String reason,
            boolean deregistered,
            @Nullable Instant drainedBy) {
        Departure out(Instant by) {
            return new Departure(why, reason, true, by);
        }
    }

    /**
     * Where a task is registered: in a target group, or in a service registry.
     *
     * @param arn the target group's or registry's
     * @param id the target's address or instance id, or the id of the registry's instance
     * @param port null for none
     * @param attributes of the registry's instance
     */
    record Place(String arn, String id, @Nullable Integer port, Map<String, String> attributes) {
        boolean registry() {
            return arn.contains(":servicediscovery:");
        }
    }

    static final Table<ServiceRow> SERVICES = Table.of(
            "ecs.service",
            RecordCodecs.of(ServiceRow.class),
            new Table.Index<>(CLUSTER, row -> List.of(row.cluster())),
            new Table.Index<>(KEPT, row -> List.of("yes")));
    static final Table<RevisionRow> REVISIONS = Table.of("ecs.service_revision", RecordCodecs.of(RevisionRow.class));
    static final Table<DeploymentRow> DEPLOYMENTS =
            Table.of("ecs.service_deployment", RecordCodecs.of(DeploymentRow.class));
    static final Table<SetRow> SETS = Table.of("ecs.task_set", RecordCodecs.of(SetRow.class));
    static final Table<EventRow> EVENTS = Table.of("ecs.service_event", RecordCodecs.of(EventRow.class));
    static final Table<MemberRow> MEMBERS = Table.of("ecs.service_task", RecordCodecs.of(MemberRow.class));

    static final List<Table<?>> ALL = List.of(SERVICES, REVISIONS, DEPLOYMENTS, SETS, EVENTS, MEMBERS);

    /** A cluster's service. */
    static String serviceId(String cluster, String service) {
        return cluster + "/" + service;
    }

    /** Something that belongs to a service. */
    static Key key(Scope scope, ServiceRow service, String id) {
        return scope.key(service.id() + "/" + id);
    }
}
