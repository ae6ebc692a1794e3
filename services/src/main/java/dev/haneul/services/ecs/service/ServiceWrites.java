package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.CapacityProviderStrategyItem;
import dev.haneul.api.ecs.CreateServiceRequest;
import dev.haneul.api.ecs.CreateServiceResponse;
import dev.haneul.api.ecs.DeleteServiceRequest;
import dev.haneul.api.ecs.DeleteServiceResponse;
import dev.haneul.api.ecs.DeploymentConfiguration;
import dev.haneul.api.ecs.DeploymentController;
import dev.haneul.api.ecs.Service;
import dev.haneul.api.ecs.ServiceConnectConfiguration;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.ecs.UpdateServiceRequest;
import dev.haneul.api.ecs.UpdateServiceResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.cluster.Clusters;
import dev.haneul.services.ecs.definition.Definitions;
import dev.haneul.services.ecs.service.ConnectTables.ConnectRow;
import dev.haneul.services.ecs.service.ServiceTables.RevisionRow;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Services made, changed and deleted. */
final class ServiceWrites {
    private static final int MOST_SERVICES = 5000;
    private static final String LATEST = "LATEST";

    private final Services services;
    private final EcsRoom room;
    private final ServiceChecks checks;

    ServiceWrites(Services services) {
        this.services = services;
        this.room = services.room();
        this.checks = new ServiceChecks(room, services.neighbours());
    }

    CreateServiceResponse create(CreateServiceRequest in, Call call) {
        return create(in, call, null);
    }

    /**
     * Makes a service.
     *
     * @param management ECS where ECS itself looks after the service's resources; null for its owner
     */
    CreateServiceResponse create(CreateServiceRequest in, Call call, @Nullable String management) {
        Scope scope = EcsRoom.scope(call);
        ServiceSpec.checkName(in.serviceName());
        refuseUnbuilt(in.volumeConfigurations(), in.vpcLatticeConfigurations());
        Map<String, String> tags = EcsTags.check(in.tags());
        ClusterRow cluster = room.read(tx -> Clusters.require(tx, scope, in.cluster()));
        Service told =
                told(in, scope, cluster).createdBy(call.principal().arn()).resourceManagementType(management);
        if (in.launchType() != null && !in.capacityProviderStrategy().isEmpty()) {
            throw EcsFaults.invalid("Specifying both a launch type and capacity provider strategy is not supported. "
                    + "Remove one and try again.");
        }
        if ("DAEMON".equals(told.schedulingStrategy()) && in.desiredCount() != null) {
            throw EcsFaults.invalid("The daemon scheduling strategy does not support a desired count for services. "
                    + "Remove the desired count value and try again");
        }
        Clusters.checkStrategy(
                told.capacityProviderStrategy(), Set.copyOf(cluster.told().capacityProviders()));
        ServiceSpec.check(told);
        TaskDefinition definition = definition(in.taskDefinition(), told, scope);
        if (definition != null) {
            checks.check(call, told, definition);
        }
        boolean first = room.read(tx -> Services.of(tx, scope, cluster.name()).isEmpty());
        if (first) {
            services.neighbours().ensureRole(scope);
        }
        ConnectRow connect = connect(scope, cluster, in.serviceName(), in.serviceConnectConfiguration(), definition);
        ServiceRow row = room.change(tx -> made(tx, scope, in, told, tags, connect));
        services.changed(scope, row);
        return new CreateServiceResponse().service(room.read(tx -> ServiceViews.of(tx, scope, row, true)));
    }

    /** What the service says of Service Connect, found to be good; null where it says nothing. */
    private @Nullable ConnectRow connect(
            Scope scope,
            ClusterRow cluster,
            String service,
            @Nullable ServiceConnectConfiguration asked,
            @Nullable TaskDefinition definition) {
        if (asked == null) {
            return null;
        }
        if (definition == null) {
            throw EcsFaults.invalid(
                    "serviceConnectConfiguration is not supported with the EXTERNAL deployment controller.");
        }
        String id = ServiceTables.serviceId(cluster.name(), service);
        return services.connects().resolve(scope, cluster, id, asked, definition);
    }

    private ServiceRow made(
            WriteTx tx,
            Scope scope,
            CreateServiceRequest in,
            Service told,
            Map<String, String> tags,
            @Nullable ConnectRow connect) {
        ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
        ServiceRow before =
                Services.find(tx, scope, cluster.name(), in.serviceName()).orElse(null);
        if (before != null && before.status().equals("DRAINING")) {
            throw EcsFaults.invalid("Unable to Start a service that is still Draining.");
        }
        if (before != null && before.active()) {
            if (same(before.told(), told)) {
                return before;
            }
            throw EcsFaults.invalid("Creation of service was not idempotent.");
        }
        if (Services.of(tx, scope, cluster.name()).size() >= MOST_SERVICES) {
            throw EcsFaults.invalid("The maximum number of services per cluster has been reached.");
        }
        ServiceRow row = new ServiceRow(told, List.of(), 0, false, false, null);
        Services.forgetHistory(tx, scope, row);
        tx.delete(ConnectTables.CONNECTS, scope.key(row.id()));
        if (connect != null) {
            ConnectTables.put(tx, scope, connect);
        }
        if (!row.controller().equals("EXTERNAL")) {
            row = services.rolls().begin(tx, scope, row, 0);
            row.primary()
                    .ifPresent(primary -> ServiceNews.deployment(
                            tx,
                            scope,
                            told.serviceArn(),
                            primary,
                            "INFO",
                            "SERVICE_DEPLOYMENT_IN_PROGRESS",
                            room.now()));
        }
        EcsTags.forget(tx, scope, "service/" + row.id());
        EcsTags.put(tx, scope, "service/" + row.id(), tags);
        services.put(tx, scope, row);
        return row;
    }

    /** The same request again: all but when. */
    private static boolean same(Service kept, Service wanted) {
        Service one = Copies.of(kept).createdAt(null);
        Service other = Copies.of(wanted).createdAt(null);
        return one.createdBy(null).equals(other.createdBy(null));
    }

    private Service told(CreateServiceRequest in, Scope scope, ClusterRow cluster) {
        Service told = Copies.into(in, new Service())
                .serviceArn(EcsRoom.arn(scope, "service/" + cluster.name() + "/" + in.serviceName()))
                .clusterArn(cluster.told().clusterArn())
                .status("ACTIVE")
                .createdAt(room.now())
                .schedulingStrategy(Objects.requireNonNullElse(in.schedulingStrategy(), "REPLICA"))
                .propagateTags(Objects.requireNonNullElse(in.propagateTags(), "NONE"))
                .enableECSManagedTags(Boolean.TRUE.equals(in.enableECSManagedTags()))
                .enableExecuteCommand(Boolean.TRUE.equals(in.enableExecuteCommand()))
                .loadBalancers(in.loadBalancers())
                .serviceRegistries(in.serviceRegistries())
                .placementConstraints(in.placementConstraints())
                .placementStrategy(in.placementStrategy())
                .deploymentController(
                        Objects.requireNonNullElse(in.deploymentController(), new DeploymentController().type("ECS")))
                .tags(null);
        boolean daemon = "DAEMON".equals(told.schedulingStrategy());
        List<CapacityProviderStrategyItem> strategy = in.capacityProviderStrategy();
        if (in.launchType() == null && strategy.isEmpty()) {
            strategy = daemon ? List.of() : cluster.told().defaultCapacityProviderStrategy();
        }
        told.capacityProviderStrategy(strategy.isEmpty() ? null : strategy);
        told.launchType(strategy.isEmpty() ? Objects.requireNonNullElse(in.launchType(), "EC2") : null);
        if (ServiceSpec.fargate(told)) {
            told.platformVersion(Objects.requireNonNullElse(in.platformVersion(), LATEST))
                    .platformFamily("Linux");
        }
        told.desiredCount(daemon ? 0 : Objects.requireNonNullElse(in.desiredCount(), 1));
        told.deploymentConfiguration(
                configuration(in.deploymentConfiguration(), new DeploymentConfiguration(), daemon));
        told.availabilityZoneRebalancing(rebalancing(in.availabilityZoneRebalancing(), told));
        if (!told.loadBalancers().isEmpty()) {
            told.healthCheckGracePeriodSeconds(Objects.requireNonNullElse(in.healthCheckGracePeriodSeconds(), 0));
        }
        String role = in.role();
        if (role != null
                && (told.networkConfiguration() != null || in.loadBalancers().size() > 1)) {
            throw EcsFaults.invalid("You cannot specify an IAM role for services that require a service linked role.");
        }
        told.roleArn(
                Arn.of("iam", "", scope.account(), "role/aws-service-role/" + EcsRoom.HOST + "/AWSServiceRoleForECS")
                        .toString());
        if (role != null) {
            told.roleArn(
                    role.startsWith("arn:")
                            ? role
                            : Arn.of("iam", "", scope.account(), "role/" + role).toString());
        }
        return told;
    }

    private static String rebalancing(@Nullable String asked, Service told) {
        if (asked != null) {
            return asked;
        }
        var configuration = told.deploymentConfiguration();
        Integer percent = configuration == null ? null : configuration.maximumPercent();
        int most = percent == null ? 0 : percent;
        boolean can = "REPLICA".equals(told.schedulingStrategy())
                && told.deploymentController() != null
                && "ECS".equals(told.deploymentController().type())
                && most > 100;
        return can ? "ENABLED" : "DISABLED";
    }

    /** What was asked for, over what holds, over the defaults. */
    private static DeploymentConfiguration configuration(
            @Nullable DeploymentConfiguration asked, DeploymentConfiguration kept, boolean daemon) {
        DeploymentConfiguration next = Copies.of(kept);
        if (asked != null) {
            Copies.into(asked, next);
        }
        if (next.maximumPercent() == null) {
            next.maximumPercent(daemon ? 100 : 200);
        }
        if (next.minimumHealthyPercent() == null) {
            next.minimumHealthyPercent(daemon ? 0 : 100);
        }
        if (next.deploymentCircuitBreaker() == null) {
            next.deploymentCircuitBreaker(new dev.haneul.api.ecs.DeploymentCircuitBreaker()
                    .enable(false)
                    .rollback(false));
        }
        if (next.strategy() == null) {
            next.strategy("ROLLING");
        }
        return next.bakeTimeInMinutes(Objects.requireNonNullElse(next.bakeTimeInMinutes(), 0));
    }

    private static void refuseUnbuilt(List<?> volumes, List<?> lattice) {
        if (!volumes.isEmpty()) {
            throw EcsFaults.unbuilt("A volume configuration of a service");
        }
        if (!lattice.isEmpty()) {
            throw EcsFaults.unbuilt("A VPC Lattice configuration of a service");
        }
    }

    /** The task definition, checked; the service names its revision from now on. Null with an external controller. */
    private @Nullable TaskDefinition definition(@Nullable String reference, Service told, Scope scope) {
        if (told.deploymentController() != null
                && "EXTERNAL".equals(told.deploymentController().type())) {
            if (reference != null) {
                throw EcsFaults.invalid("TaskDefinition can not be specified with the EXTERNAL deployment controller.");
            }
            return null;
        }
        if (reference == null || reference.isEmpty()) {
            throw EcsFaults.invalid("TaskDefinition can not be blank.");
        }
        TaskDefinition definition =
                room.read(tx -> Definitions.require(tx, scope, reference)).told();
        told.taskDefinition(definition.taskDefinitionArn());
        ServiceSpec.checkDefinition(told, definition);
        return definition;
    }

    UpdateServiceResponse update(UpdateServiceRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        refuseUnbuilt(in.volumeConfigurations(), in.vpcLatticeConfigurations());
        ClusterRow owner = room.read(tx -> Clusters.require(tx, scope, in.cluster()));
        String cluster = owner.name();
        ServiceRow seen = room.read(tx -> Services.requireActive(tx, scope, cluster, in.service()));
        ServiceUpdate.check(seen, in);
        Service wanted = wanted(seen, in);
        if (!in.capacityProviderStrategy().isEmpty()) {
            Clusters.checkStrategy(
                    in.capacityProviderStrategy(), Set.copyOf(owner.told().capacityProviders()));
        }
        ServiceSpec.check(wanted);
        ServiceConnectConfiguration asked = in.serviceConnectConfiguration();
        boolean deploys = in.taskDefinition() != null || ServiceUpdate.deploys(seen, wanted, in);
        ConnectRow connect = null;
        if (deploys || in.hasLoadBalancers() || in.hasServiceRegistries() || asked != null) {
            TaskDefinition definition = definition(
                    in.taskDefinition() == null ? seen.told().taskDefinition() : in.taskDefinition(), wanted, scope);
            if (definition != null) {
                checks.check(call, wanted, definition);
            }
            ServiceConnectConfiguration kept = room.read(tx -> ConnectTables.of(tx, scope, seen.id()))
                    .map(ConnectRow::told)
                    .orElse(null);
            connect = connect(scope, owner, seen.name(), asked == null ? kept : asked, definition);
        }
        ConnectRow next = connect;
        ServiceRow row = room.change(tx -> updated(tx, scope, cluster, in, wanted, next));
        services.changed(scope, row);
        return new UpdateServiceResponse().service(room.read(tx -> ServiceViews.of(tx, scope, row, false)));
    }

    /** The task definition is resolved before: a family's name stands for its latest revision. */
    private static Service wanted(ServiceRow seen, UpdateServiceRequest in) {
        Service wanted = Copies.of(seen.told());
        Service asked = Copies.into(in, new Service()).taskDefinition(null).deploymentConfiguration(null);
        Copies.into(asked, wanted);
        if (!in.capacityProviderStrategy().isEmpty()) {
            wanted.launchType(null);
        }
        if (in.deploymentConfiguration() != null) {
            wanted.deploymentConfiguration(configuration(
                    in.deploymentConfiguration(),
                    Objects.requireNonNullElse(seen.told().deploymentConfiguration(), new DeploymentConfiguration()),
                    seen.daemon()));
        }
        return wanted;
    }

    private ServiceRow updated(
            WriteTx tx,
            Scope scope,
            String cluster,
            UpdateServiceRequest in,
            Service wanted,
            @Nullable ConnectRow connect) {
        ServiceRow now = Services.requireActive(tx, scope, cluster, in.service());
        Service next = wanted(now, in);
        String definition = wanted.taskDefinition();
        if (in.taskDefinition() != null && definition != null) {
            Definitions.require(tx, scope, definition);
            next.taskDefinition(definition);
        }
        if (in.networkConfiguration() != null) {
            next.networkConfiguration(wanted.networkConfiguration());
        }
        boolean connects = false;
        if (connect != null
                && !connect.equals(ConnectTables.of(tx, scope, now.id()).orElse(null))) {
            connects = true;
            ConnectTables.put(tx, scope, connect);
        }
        boolean deploys = ServiceUpdate.deploys(now, next, in) || connects;
        boolean counted = next.desiredCount() != null
                && !next.desiredCount().equals(now.told().desiredCount());
        ServiceRow row = now.told(next);
        if (counted) {
            row = row.steady(false).balancing(false);
        }
        if (deploys) {
            row = services.rolls().begin(tx, scope, row, slot(tx, scope, now, row));
            row.primary()
                    .ifPresent(primary -> ServiceNews.deployment(
                            tx,
                            scope,
                            next.serviceArn(),
                            primary,
                            "INFO",
                            "SERVICE_DEPLOYMENT_IN_PROGRESS",
                            room.now()));
        }
        services.put(tx, scope, row);
        return row;
    }

    /** Where the next revision's tasks are registered: in the target groups that the live one's are not in. */
    private static int slot(ReadTx tx, Scope scope, ServiceRow before, ServiceRow next) {
        Rollout live =
                before.rollouts().stream().filter(Rollout::proven).findFirst().orElse(null);
        int used = live == null
                ? 1
                : Rolls.revision(tx, scope, before, live.revision())
                        .map(RevisionRow::slot)
                        .orElse(1);
        return next.shifting() && live != null ? 1 - used : live == null ? 0 : used;
    }

    DeleteServiceResponse delete(DeleteServiceRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        ServiceRow row = room.change(tx -> {
            String cluster = Clusters.require(tx, scope, in.cluster()).name();
            ServiceRow found = Services.find(tx, scope, cluster, in.service()).orElseThrow(Services::notFound);
            if (!found.active()) {
                return found;
            }
            boolean force = Boolean.TRUE.equals(in.force());
            if (!force && !found.daemon() && found.count() > 0) {
                throw EcsFaults.invalid("The service cannot be stopped while it is scaled above 0.");
            }
            if (!force
                    && found.controller().equals("EXTERNAL")
                    && !found.rollouts().isEmpty()) {
                throw EcsFaults.invalid("The service cannot be stopped while it has task sets.");
            }
            Instant now = room.now();
            ServiceRow next = found.told(
                            Copies.of(found.told()).status("DRAINING").desiredCount(0))
                    .steady(false);
            found.primary()
                    .filter(Rollout::going)
                    .ifPresent(rollout -> Rolls.change(
                            tx,
                            scope,
                            found,
                            rollout.deployment(),
                            told -> told.status("STOPPED").finishedAt(now).stoppedAt(now)));
            services.put(tx, scope, next);
            return next;
        });
        if (row.status().equals("INACTIVE")) {
            throw notActive();
        }
        services.changed(scope, row);
        return new DeleteServiceResponse().service(room.read(tx -> ServiceViews.of(tx, scope, row, false)));
    }

    private static Fault notActive() {
        return Services.notFound();
    }
}
