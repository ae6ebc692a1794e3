package dev.haneul.services.ecs.express;

import dev.haneul.api.applicationautoscaling.ApplicationAutoScalingClient;
import dev.haneul.api.applicationautoscaling.DeregisterScalableTargetRequest;
import dev.haneul.api.applicationautoscaling.PredefinedMetricSpecification;
import dev.haneul.api.applicationautoscaling.PutScalingPolicyRequest;
import dev.haneul.api.applicationautoscaling.RegisterScalableTargetRequest;
import dev.haneul.api.applicationautoscaling.TargetTrackingScalingPolicyConfiguration;
import dev.haneul.api.ecs.*;
import dev.haneul.api.logs.CreateLogGroupRequest;
import dev.haneul.api.logs.LogsClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.express.ExpressTables.ExpressRow;
import dev.haneul.services.ecs.express.Gateways.Front;
import dev.haneul.services.ecs.express.Gateways.Way;
import dev.haneul.services.ecs.service.Services;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Brings about what Express services are made of, and takes it away. Every step finds what an earlier one made before the
 * process died; one service is worked on at a time, for they share balancers.
 */
final class ExpressReconciler implements Reconciler<Key> {
    private static final Duration SOON = Duration.ofSeconds(1);
    /** After something was refused: it may be put right by somebody, or the service deleted. */
    private static final Duration LATER = Duration.ofSeconds(15);
    /** How long an INACTIVE service can be described. */
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private static final String NAMESPACE = "ecs";
    private static final String DIMENSION = "ecs:service:DesiredCount";

    private final EcsRoom room;
    private final Services services;
    private final EcsApi ecs;
    private final Gateways gateways;
    private final LogsClient logs;
    private final ApplicationAutoScalingClient scaling;

    ExpressReconciler(EcsRoom room, Services services, EcsApi ecs) {
        this.room = room;
        this.services = services;
        this.ecs = ecs;
        this.gateways = new Gateways(room);
        this.logs = new LogsClient(room.caller());
        this.scaling = new ApplicationAutoScalingClient(room.caller());
    }

    void join(Driver driver) {
        Driver.Waker<Key> waker = driver.add(this, 1);
        driver.follow("ecs.express", Set.of(ExpressTables.EXPRESS.name()), change -> waker.wake(change.key()));
        room.read(tx -> EcsTables.everywhere(tx, ExpressTables.EXPRESS, ExpressTables.KEPT, "yes"))
                .forEach(waker::wake);
    }

    @Override
    public String name() {
        return "ecs.express";
    }

    @Override
    public Next reconcile(Key key) {
        ExpressRow row = room.read(tx -> tx.get(ExpressTables.EXPRESS, key))
                .map(Row::value)
                .orElse(null);
        if (row == null || row.active() && row.made() == row.wanted()) {
            return Next.DONE;
        }
        Instant ended = row.endedAt();
        if (ended != null) {
            return rest(key, row, ended);
        }
        try {
            String waits = row.active() ? bring(key, row) : remove(key, row);
            if (waits.isEmpty()) {
                return Next.after(Duration.ZERO);
            }
            change(key, row, each -> each.reason(waits));
            return Next.after(SOON);
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            change(key, row, each -> each.reason(fault.message() + " (ErrorCode: " + fault.code() + ")"));
            return Next.after(row.active() ? LATER : SOON);
        }
    }

    private Next rest(Key key, ExpressRow row, Instant ended) {
        Instant until = ended.plus(REMEMBERED);
        if (until.isAfter(room.now())) {
            return Next.at(until);
        }
        room.change(tx -> {
            boolean same = tx.get(ExpressTables.EXPRESS, key)
                    .filter(found -> found.value().id().equals(row.id()))
                    .isPresent();
            if (same) {
                tx.delete(ExpressTables.EXPRESS, key);
            }
            return same;
        });
        return Next.DONE;
    }

    /** Changes the row where it is the one that was seen, whatever else is wanted of it by now. */
    private void change(Key key, ExpressRow seen, UnaryOperator<ExpressRow> how) {
        room.change(tx -> {
            ExpressRow now = tx.get(ExpressTables.EXPRESS, key)
                    .map(Row::value)
                    .filter(each -> each.id().equals(seen.id()) && each.status().equals(seen.status()))
                    .orElse(null);
            ExpressRow next = now == null ? null : how.apply(now);
            if (next != null && !next.equals(now)) {
                tx.put(ExpressTables.EXPRESS, key, next);
            }
            return Boolean.TRUE;
        });
    }

    /** What it waits for; empty for nothing any more. */
    private String bring(Key key, ExpressRow row) {
        Scope scope = key.scope();
        Call call = room.inside(scope);
        Front front = gateways.front(row, call);
        change(key, row, each -> each.balancer(front.dnsName()));
        if (!front.state().startsWith("active")) {
            return "The load balancer " + row.gateway() + " is " + front.state() + ".";
        }
        Way way = gateways.way(row, front, call);
        logGroup(row, call);
        serve(scope, row, way, gateways.taskGroup(row, front, call));
        scale(row, call);
        change(key, row, each -> each.made(row.wanted()));
        return "";
    }

    private void logGroup(ExpressRow row, Call call) {
        String group = Objects.requireNonNull(
                        Objects.requireNonNull(row.told().primaryContainer()).awsLogsConfiguration())
                .logGroup();
        try {
            logs.createLogGroup(new CreateLogGroupRequest().logGroupName(group), call);
        } catch (Fault fault) {
            if (!fault.code().equals("ResourceAlreadyExistsException")) {
                throw fault;
            }
        }
    }

    private void serve(Scope scope, ExpressRow row, Way way, String group) {
        Call call = room.inside(scope);
        ExpressGatewayServiceNetworkConfiguration told =
                Objects.requireNonNull(row.told().networkConfiguration());
        List<String> groups = new ArrayList<>(told.securityGroups());
        groups.add(group);
        NetworkConfiguration network = new NetworkConfiguration()
                .awsvpcConfiguration(new AwsVpcConfiguration()
                        .subnets(told.subnets())
                        .securityGroups(groups)
                        .assignPublicIp(row.place().internal() ? "DISABLED" : "ENABLED"));
        List<LoadBalancer> balancers = List.of(new LoadBalancer()
                .targetGroupArn(way.first())
                .containerName(ExpressSpec.CONTAINER)
                .containerPort(row.port())
                .advancedConfiguration(new AdvancedConfiguration()
                        .alternateTargetGroupArn(way.second())
                        .productionListenerRule(way.rule())
                        .roleArn(row.role())));
        if (ExpressViews.service(ecs, room, scope, row).isPresent()) {
            ecs.updateService(
                    new UpdateServiceRequest()
                            .cluster(row.cluster())
                            .service(row.name())
                            .taskDefinition(row.definition())
                            .networkConfiguration(network)
                            .loadBalancers(balancers),
                    call);
            return;
        }
        ExpressGatewayScalingTarget bounds = Objects.requireNonNull(row.told().scalingTarget());
        services.createManaged(
                new CreateServiceRequest()
                        .cluster(row.cluster())
                        .serviceName(row.name())
                        .taskDefinition(row.definition())
                        .launchType("FARGATE")
                        .desiredCount(bounds.minTaskCount())
                        .networkConfiguration(network)
                        .loadBalancers(balancers)
                        .deploymentConfiguration(deployments())
                        .tags(EcsTables.told(row.tags())),
                call);
    }

    /** A twentieth of the traffic for three minutes, then all of it, and three minutes more to go back in. */
    private static DeploymentConfiguration deployments() {
        return new DeploymentConfiguration()
                .strategy("CANARY")
                .minimumHealthyPercent(100)
                .maximumPercent(200)
                .bakeTimeInMinutes(3)
                .canaryConfiguration(
                        new CanaryConfiguration().canaryPercent(5.0).canaryBakeTimeInMinutes(3))
                .deploymentCircuitBreaker(
                        new DeploymentCircuitBreaker().enable(true).rollback(true));
    }

    private static String resource(ExpressRow row) {
        return "service/" + row.key();
    }

    private void scale(ExpressRow row, Call call) {
        ExpressGatewayScalingTarget target = Objects.requireNonNull(row.told().scalingTarget());
        scaling.registerScalableTarget(
                new RegisterScalableTargetRequest()
                        .serviceNamespace(NAMESPACE)
                        .resourceId(resource(row))
                        .scalableDimension(DIMENSION)
                        .minCapacity(target.minTaskCount())
                        .maxCapacity(target.maxTaskCount()),
                call);
        scaling.putScalingPolicy(
                new PutScalingPolicyRequest()
                        .policyName("ecs-express-" + row.id())
                        .serviceNamespace(NAMESPACE)
                        .resourceId(resource(row))
                        .scalableDimension(DIMENSION)
                        .policyType("TargetTrackingScaling")
                        .targetTrackingScalingPolicyConfiguration(new TargetTrackingScalingPolicyConfiguration()
                                .targetValue(Objects.requireNonNull(target.autoScalingTargetValue())
                                        .doubleValue())
                                .predefinedMetricSpecification(new PredefinedMetricSpecification()
                                        .predefinedMetricType(ExpressSpec.metric(target)))),
                call);
    }

    /** Takes everything away in the order in which it is used; says what it waits for. */
    private String remove(Key key, ExpressRow row) {
        Scope scope = key.scope();
        Call call = room.inside(scope);
        try {
            scaling.deregisterScalableTarget(
                    new DeregisterScalableTargetRequest()
                            .serviceNamespace(NAMESPACE)
                            .resourceId(resource(row))
                            .scalableDimension(DIMENSION),
                    call);
        } catch (Fault fault) {
            if (!fault.code().equals("ObjectNotFoundException")) {
                throw fault;
            }
        }
        Service service = ExpressViews.service(ecs, room, scope, row).orElse(null);
        if (service != null && ExpressTables.ACTIVE.equals(service.status())) {
            ecs.deleteService(
                    new DeleteServiceRequest()
                            .cluster(row.cluster())
                            .service(row.name())
                            .force(true),
                    call);
        }
        if (service != null && !ExpressTables.INACTIVE.equals(service.status())) {
            return "The tasks of the service are ending.";
        }
        gateways.leave(row, call);
        boolean last =
                room.read(tx -> tx.find(ExpressTables.EXPRESS, scope, ExpressTables.GATEWAY, row.gateway(), "", 2))
                                .size()
                        < 2;
        if (last) {
            gateways.close(row, call);
        }
        change(key, row, each -> each.status(ExpressTables.INACTIVE, "", room.now()));
        return "";
    }
}
