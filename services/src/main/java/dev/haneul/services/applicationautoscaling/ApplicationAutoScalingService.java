package dev.haneul.services.applicationautoscaling;

import dev.haneul.api.applicationautoscaling.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Faults;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.applicationautoscaling.ScalingTables.ActionRow;
import dev.haneul.services.applicationautoscaling.ScalingTables.ActivityRow;
import dev.haneul.services.applicationautoscaling.ScalingTables.PolicyRow;
import dev.haneul.services.applicationautoscaling.ScalingTables.Resource;
import dev.haneul.services.applicationautoscaling.ScalingTables.TargetRow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Application Auto Scaling's API. See the package for what is built. */
public final class ApplicationAutoScalingService implements ApplicationAutoScalingApi {
    private static final int PAGE = 50;
    private static final int TAGS = 50;
    private static final int POLICIES = 50;
    private static final int ACTIONS = 200;

    private final Store store;
    private final Clock clock;
    private final Pager pager;
    private final EcsServices services;
    private final Policies policies;
    private final ScheduledActions actions;
    private final TargetReconciler targets;

    /**
     * Makes the service and opens its tables.
     *
     * @param neighbours carries calls to ECS and CloudWatch
     * @param folderKey the data folder's key, under which page tokens are sealed
     */
    public ApplicationAutoScalingService(Store store, Clock clock, Caller neighbours, byte[] folderKey) {
        store.open(ScalingTables.ALL, List.of());
        this.store = store;
        this.clock = clock;
        this.pager =
                new Pager(new Tokens(Tokens.derive(folderKey, "application auto scaling")), ScalingFaults::badToken);
        this.services = new EcsServices(neighbours);
        PolicyAlarms alarms = new PolicyAlarms(neighbours);
        this.policies = new Policies(store, clock, alarms);
        this.targets = new TargetReconciler(store, clock, services, alarms);
        this.actions = new ScheduledActions(store, clock, targets);
    }

    /** Joins the driver that scales; before the driver starts. */
    public void join(Driver driver) {
        targets.join(driver);
        actions.join(driver);
    }

    private static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    /** A resource that can be scaled here. */
    private static Resource resource(String namespace, String id, String dimension) {
        if (!namespace.equals(ServiceNamespace.ECS)) {
            throw Faults.notImplemented("applicationautoscaling", "the service namespace " + namespace);
        }
        if (!dimension.equals(ScalableDimension.ECS_SERVICE_DESIRED_COUNT)) {
            throw ScalingFaults.validation("Unsupported service namespace, resource type or scalable dimension");
        }
        if (EcsServices.Place.of(id).isEmpty()) {
            throw ScalingFaults.validation("Unsupported service namespace, resource type or scalable dimension");
        }
        return new Resource(namespace, id, dimension);
    }

    @Override
    public RegisterScalableTargetResponse registerScalableTarget(RegisterScalableTargetRequest in, Call call) {
        Scope scope = scope(call);
        Resource resource = resource(in.serviceNamespace(), in.resourceId(), in.scalableDimension());
        Key key = scope.key(resource.rowId());
        boolean known =
                store.<Boolean>read(tx -> tx.get(ScalingTables.TARGETS, key).isPresent());
        if (!known
                && services.capacity(resource, Neighbours.call(scope, clock.instant()))
                        .isEmpty()) {
            throw ScalingFaults.validation("ECS service doesn't exist: " + resource.id());
        }
        TargetRow row = store.transact(tx -> {
            Optional<TargetRow> before = tx.get(ScalingTables.TARGETS, key).map(Row::value);
            TargetRow made = row(in, resource, before.orElse(null));
            tx.put(ScalingTables.TARGETS, key, made);
            return made;
        });
        targets.wake(key);
        return new RegisterScalableTargetResponse().scalableTargetARN(ScalingTables.targetArn(scope, row));
    }

    private TargetRow row(RegisterScalableTargetRequest in, Resource resource, @Nullable TargetRow before) {
        Integer min =
                in.minCapacity() != null ? in.minCapacity() : before == null ? null : Integer.valueOf(before.min());
        Integer max =
                in.maxCapacity() != null ? in.maxCapacity() : before == null ? null : Integer.valueOf(before.max());
        if (min == null || max == null) {
            throw ScalingFaults.validation("MinCapacity and MaxCapacity are required to register a scalable target");
        }
        if (min < 0 || max < 0) {
            throw ScalingFaults.validation("Capacities cannot be negative");
        }
        if (min > max) {
            throw ScalingFaults.validation("Maximum capacity cannot be less than minimum capacity");
        }
        if (before == null) {
            TargetRow fresh = new TargetRow(
                    resource,
                    UUID.randomUUID().toString().replace("-", ""),
                    min,
                    max,
                    merged(new SuspendedState(), in.suspendedState()),
                    tags(Map.of(), in.tags()),
                    clock.instant(),
                    null,
                    0,
                    null);
            return fresh;
        }
        if (in.hasTags()) {
            throw ScalingFaults.validation("Tags can be given only when a scalable target is registered first");
        }
        return before.withBounds(min, max).withSuspended(merged(before.suspended(), in.suspendedState()));
    }

    /** What is not said stays as it is; at first nothing is suspended. */
    private static SuspendedState merged(SuspendedState before, @Nullable SuspendedState asked) {
        SuspendedState said = asked == null ? new SuspendedState() : asked;
        return new SuspendedState()
                .dynamicScalingInSuspended(either(said.dynamicScalingInSuspended(), before.dynamicScalingInSuspended()))
                .dynamicScalingOutSuspended(
                        either(said.dynamicScalingOutSuspended(), before.dynamicScalingOutSuspended()))
                .scheduledScalingSuspended(
                        either(said.scheduledScalingSuspended(), before.scheduledScalingSuspended()));
    }

    private static boolean either(@Nullable Boolean said, @Nullable Boolean before) {
        return Boolean.TRUE.equals(said == null ? before : said);
    }

    @Override
    public DeregisterScalableTargetResponse deregisterScalableTarget(DeregisterScalableTargetRequest in, Call call) {
        Scope scope = scope(call);
        Resource resource = resource(in.serviceNamespace(), in.resourceId(), in.scalableDimension());
        for (PolicyRow policy : Policies.of(store, scope, resource)) {
            policies.delete(new DeleteScalingPolicyRequest().policyName(policy.name()), resource, call);
        }
        store.write(tx -> {
            if (!tx.delete(ScalingTables.TARGETS, scope.key(resource.rowId()))) {
                throw ScalingFaults.noTarget(resource);
            }
            String from = resource.childId("");
            tx.range(ScalingTables.ACTIONS, scope, from, from + '\uffff', ACTIONS)
                    .forEach(row -> tx.delete(ScalingTables.ACTIONS, row.key()));
        });
        return new DeregisterScalableTargetResponse();
    }

    @Override
    public DescribeScalableTargetsResponse describeScalableTargets(DescribeScalableTargetsRequest in, Call call) {
        Scope scope = scope(call);
        Page<TargetRow> page = store.read(tx -> pager.rows(
                tx,
                ScalingTables.TARGETS,
                scope,
                row -> wanted(row.resource(), in.serviceNamespace(), in.scalableDimension())
                        && (in.resourceIds().isEmpty()
                                || in.resourceIds().contains(row.resource().id())),
                "targets " + scope + in.serviceNamespace() + in.resourceIds() + in.scalableDimension(),
                in.nextToken(),
                limit(in.maxResults())));
        return new DescribeScalableTargetsResponse()
                .scalableTargets(
                        page.items().stream().map(row -> told(scope, row)).toList())
                .nextToken(page.next());
    }

    private static boolean wanted(Resource resource, String namespace, @Nullable String dimension) {
        return resource.namespace().equals(namespace) && (dimension == null || dimension.equals(resource.dimension()));
    }

    private static boolean wanted(
            Resource resource, String namespace, @Nullable String id, @Nullable String dimension) {
        return wanted(resource, namespace, dimension) && (id == null || id.equals(resource.id()));
    }

    private static int limit(@Nullable Integer asked) {
        return asked == null ? PAGE : Math.clamp(asked, 1, PAGE);
    }

    private static ScalableTarget told(Scope scope, TargetRow row) {
        return new ScalableTarget()
                .serviceNamespace(row.resource().namespace())
                .resourceId(row.resource().id())
                .scalableDimension(row.resource().dimension())
                .minCapacity(row.min())
                .maxCapacity(row.max())
                .roleARN("arn:aws:iam::" + scope.account()
                        + ":role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
                        + "AWSServiceRoleForApplicationAutoScaling_ECSService")
                .creationTime(row.created())
                .suspendedState(row.suspended())
                .scalableTargetARN(ScalingTables.targetArn(scope, row));
    }

    @Override
    public PutScalingPolicyResponse putScalingPolicy(PutScalingPolicyRequest in, Call call) {
        Resource resource = resource(in.serviceNamespace(), in.resourceId(), in.scalableDimension());
        PutScalingPolicyResponse out = policies.put(in, resource, call);
        targets.wake(scope(call).key(resource.rowId()));
        return out;
    }

    @Override
    public DeleteScalingPolicyResponse deleteScalingPolicy(DeleteScalingPolicyRequest in, Call call) {
        policies.delete(in, resource(in.serviceNamespace(), in.resourceId(), in.scalableDimension()), call);
        return new DeleteScalingPolicyResponse();
    }

    @Override
    public DescribeScalingPoliciesResponse describeScalingPolicies(DescribeScalingPoliciesRequest in, Call call) {
        Scope scope = scope(call);
        Page<PolicyRow> page = store.read(tx -> pager.rows(
                tx,
                ScalingTables.POLICIES,
                scope,
                row -> wanted(row.resource(), in.serviceNamespace(), in.resourceId(), in.scalableDimension())
                        && (in.policyNames().isEmpty() || in.policyNames().contains(row.name())),
                "policies " + scope + in.serviceNamespace() + in.resourceId() + in.policyNames(),
                in.nextToken(),
                Math.min(limit(in.maxResults()), POLICIES)));
        return new DescribeScalingPoliciesResponse()
                .scalingPolicies(page.items().stream()
                        .map(row -> policies.told(scope, row))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    public PutScheduledActionResponse putScheduledAction(PutScheduledActionRequest in, Call call) {
        actions.put(in, resource(in.serviceNamespace(), in.resourceId(), in.scalableDimension()), call);
        return new PutScheduledActionResponse();
    }

    @Override
    public DeleteScheduledActionResponse deleteScheduledAction(DeleteScheduledActionRequest in, Call call) {
        actions.delete(in, resource(in.serviceNamespace(), in.resourceId(), in.scalableDimension()), call);
        return new DeleteScheduledActionResponse();
    }

    @Override
    public DescribeScheduledActionsResponse describeScheduledActions(DescribeScheduledActionsRequest in, Call call) {
        Scope scope = scope(call);
        List<String> names = in.scheduledActionNames();
        Page<ActionRow> page = store.read(tx -> pager.rows(
                tx,
                ScalingTables.ACTIONS,
                scope,
                row -> wanted(row.resource(), in.serviceNamespace(), in.resourceId(), in.scalableDimension())
                        && (names.isEmpty() || names.contains(row.name())),
                "actions " + scope + in.serviceNamespace() + in.resourceId() + names,
                in.nextToken(),
                limit(in.maxResults())));
        return new DescribeScheduledActionsResponse()
                .scheduledActions(page.items().stream()
                        .map(row -> ScheduledActions.told(scope, row))
                        .toList())
                .nextToken(page.next());
    }

    @Override
    public DescribeScalingActivitiesResponse describeScalingActivities(DescribeScalingActivitiesRequest in, Call call) {
        Scope scope = scope(call);
        Page<ActivityRow> page = store.read(tx -> pager.rows(
                tx,
                ScalingTables.ACTIVITIES,
                scope,
                row -> wanted(row.resource(), in.serviceNamespace(), in.resourceId(), in.scalableDimension()),
                "activities " + scope + in.serviceNamespace() + in.resourceId(),
                in.nextToken(),
                limit(in.maxResults())));
        return new DescribeScalingActivitiesResponse()
                .scalingActivities(
                        page.items().stream().map(ActivityRow::activity).toList())
                .nextToken(page.next());
    }

    @Override
    public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest in, Call call) {
        Scope scope = scope(call);
        return new ListTagsForResourceResponse()
                .tags(store.read(tx -> byArn(
                                tx.range(ScalingTables.TARGETS, scope, "", null, 10_000), scope, in.resourceARN()))
                        .value()
                        .tags());
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        retag(in.resourceARN(), call, tags -> tags(tags, in.tags()));
        return new TagResourceResponse();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        retag(in.resourceARN(), call, tags -> {
            Map<String, String> left = new HashMap<>(tags);
            left.keySet().removeAll(in.tagKeys());
            return left;
        });
        return new UntagResourceResponse();
    }

    private static Map<String, String> tags(Map<String, String> before, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(before);
        all.putAll(more);
        if (all.size() > TAGS) {
            throw ScalingFaults.tooManyTags(TAGS);
        }
        return all;
    }

    private void retag(String arn, Call call, UnaryOperator<Map<String, String>> change) {
        Scope scope = scope(call);
        store.write((WriteTx tx) -> {
            Row<TargetRow> row = byArn(tx.range(ScalingTables.TARGETS, scope, "", null, 10_000), scope, arn);
            tx.put(
                    ScalingTables.TARGETS,
                    row.key(),
                    row.value().withTags(change.apply(row.value().tags())));
        });
    }

    private static Row<TargetRow> byArn(List<Row<TargetRow>> rows, Scope scope, String arn) {
        return rows.stream()
                .filter(row -> ScalingTables.targetArn(scope, row.value()).equals(arn))
                .findFirst()
                .orElseThrow(() -> ScalingFaults.noResource(arn));
    }
}
