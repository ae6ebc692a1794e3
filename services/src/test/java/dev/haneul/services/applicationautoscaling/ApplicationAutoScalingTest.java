package dev.haneul.services.applicationautoscaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.api.applicationautoscaling.*;
import dev.haneul.api.cloudwatch.DescribeAlarmsInput;
import dev.haneul.api.cloudwatch.Dimension;
import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.api.cloudwatch.PutMetricAlarmInput;
import dev.haneul.api.ecs.DescribeServicesRequest;
import dev.haneul.api.ecs.DescribeServicesResponse;
import dev.haneul.api.ecs.EcsApi;
import dev.haneul.api.ecs.Service;
import dev.haneul.api.ecs.UpdateServiceRequest;
import dev.haneul.api.ecs.UpdateServiceResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.metrics.MetricBuffer;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.cloudwatch.CloudWatchService;
import dev.haneul.storage.DiskSegments;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The room beside a real CloudWatch and a stand-in for ECS. */
class ApplicationAutoScalingTest {
    private static final String ACCOUNT = "111111111111";
    private static final String ID = "service/shop/web";
    private static final String DIMENSION = ScalableDimension.ECS_SERVICE_DESIRED_COUNT;
    private static final Instant START = Instant.parse("2026-01-02T03:04:00Z");

    private static final Metrics.What CPU = new Metrics.What(
            new Scope(ACCOUNT, "us-east-1"),
            "AWS/ECS",
            "CPUUtilization",
            Map.of("ClusterName", "shop", "ServiceName", "web"),
            "Percent");

    private final DataFolder folder = DataFolder.temporary();
    private final SqliteStore store = SqliteStore.open(folder);
    private final VirtualClock clock = new VirtualClock(START);
    private final MetricBuffer measured = new MetricBuffer();
    private final FakeEcs ecs = new FakeEcs();
    private DiskSegments segments;
    private CloudWatchService cloudWatch;
    private ApplicationAutoScalingService scaling;
    private ReconcileDriver driver;

    private final Call call = new Call(
            Principal.root(ACCOUNT, ACCOUNT), ACCOUNT, "us-east-1", "r", Instant.MAX, Call.Origin.inside("test"));

    /** One service. */
    private static final class FakeEcs implements EcsApi {
        private volatile int desired = 2;
        private volatile String refusal = "";

        @Override
        public DescribeServicesResponse describeServices(DescribeServicesRequest in, Call call) {
            boolean known = in.cluster().equals("shop") && in.services().equals(List.of("web"));
            return new DescribeServicesResponse()
                    .services(
                            known
                                    ? List.of(new Service()
                                            .serviceName("web")
                                            .status("ACTIVE")
                                            .desiredCount(desired))
                                    : List.of());
        }

        @Override
        public UpdateServiceResponse updateService(UpdateServiceRequest in, Call call) {
            if (!refusal.isEmpty()) {
                throw Fault.client("InvalidParameterException", 400, refusal);
            }
            assertThat(call.principal().id()).isEqualTo("application-autoscaling.amazonaws.com");
            desired = in.desiredCount();
            return new UpdateServiceResponse();
        }
    }

    @BeforeEach
    void open() throws IOException {
        segments = DiskSegments.open(folder);
        ServiceEvent.open(store);
        Dispatcher dispatcher = new Dispatcher((operation, input, by) -> {}, (operation, in, out, by, fault) -> {});
        Targets targets = new Targets(dispatcher, (id, token) -> Optional.empty(), clock);
        cloudWatch = new CloudWatchService(store, segments, clock, measured, targets, folder.key());
        scaling = new ApplicationAutoScalingService(store, clock, dispatcher, folder.key());
        dispatcher.add(ecs);
        dispatcher.add(cloudWatch);
        dispatcher.add(scaling);
        driver = new ReconcileDriver(store.feed(), clock, new Random(7));
        cloudWatch.join(driver);
        scaling.join(driver);
        driver.start();
    }

    @AfterEach
    void close() {
        driver.close();
        segments.close();
        store.close();
        folder.close();
    }

    private void settle() throws InterruptedException {
        assertThat(driver.awaitIdle(Duration.ofSeconds(30))).isTrue();
    }

    /** Lets minutes pass in each of which the service uses so much of its processors. */
    private void minutes(int count, double cpu) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            measured.add(CPU, clock.instant(), cpu);
            for (int half = 0; half < 2; half++) {
                clock.advance(Duration.ofSeconds(30));
                settle();
            }
        }
    }

    private RegisterScalableTargetRequest target() {
        return new RegisterScalableTargetRequest()
                .serviceNamespace("ecs")
                .resourceId(ID)
                .scalableDimension(DIMENSION);
    }

    private void register(int min, int max) throws InterruptedException {
        scaling.registerScalableTarget(target().minCapacity(min).maxCapacity(max), call);
        settle();
    }

    private PutScalingPolicyResponse track(double value) {
        return scaling.putScalingPolicy(
                new PutScalingPolicyRequest()
                        .policyName("cpu")
                        .serviceNamespace("ecs")
                        .resourceId(ID)
                        .scalableDimension(DIMENSION)
                        .policyType(PolicyType.TARGET_TRACKING_SCALING)
                        .targetTrackingScalingPolicyConfiguration(new TargetTrackingScalingPolicyConfiguration()
                                .targetValue(value)
                                .predefinedMetricSpecification(new PredefinedMetricSpecification()
                                        .predefinedMetricType(MetricType.ECS_SERVICE_AVERAGE_CPU_UTILIZATION))),
                call);
    }

    private List<ScalingActivity> activities() {
        return scaling.describeScalingActivities(new DescribeScalingActivitiesRequest().serviceNamespace("ecs"), call)
                .scalingActivities();
    }

    @Test
    void aTargetKeepsItsCapacityWithinItsBounds() throws Exception {
        register(3, 5);
        assertThat(ecs.desired).isEqualTo(3);
        ScalingActivity activity = activities().getFirst();
        assertThat(activity.cause()).isEqualTo("minimum capacity was set to 3");
        assertThat(activity.description()).isEqualTo("Setting desired count to 3.");
        assertThat(activity.statusMessage())
                .isEqualTo("Successfully set desired count to 3. Change successfully fulfilled by ecs.");
        scaling.registerScalableTarget(target().minCapacity(1).maxCapacity(2), call);
        settle();
        assertThat(ecs.desired).isEqualTo(2);
        ScalableTarget told = scaling.describeScalableTargets(
                        new DescribeScalableTargetsRequest().serviceNamespace("ecs"), call)
                .scalableTargets()
                .getFirst();
        assertThat(List.of(told.minCapacity(), told.maxCapacity())).containsExactly(1, 2);
        assertThat(told.suspendedState().scheduledScalingSuspended()).isFalse();
    }

    @Test
    void trackingFollowsTheMetricUpAtOnceAndDownSlowly() throws Exception {
        register(1, 10);
        PutScalingPolicyResponse policy = track(50);
        assertThat(policy.alarms()).hasSize(2);
        assertThat(policy.alarms().getFirst().alarmName()).startsWith("TargetTracking-service/shop/web-AlarmHigh-");
        minutes(2, 100);
        assertThat(ecs.desired).isEqualTo(2);
        minutes(3, 100);
        assertThat(ecs.desired).isEqualTo(4);
        assertThat(activities().getFirst().cause())
                .startsWith("monitor alarm TargetTracking-service/shop/web-AlarmHigh-")
                .endsWith(" in state ALARM triggered policy cpu");
        minutes(12, 20);
        assertThat(ecs.desired).isEqualTo(4);
        minutes(5, 20);
        assertThat(ecs.desired).isEqualTo(2);
    }

    @Test
    void aStepPolicyIsTheActionOfAnAlarm() throws Exception {
        register(1, 10);
        String arn = scaling.putScalingPolicy(
                        new PutScalingPolicyRequest()
                                .policyName("steps")
                                .serviceNamespace("ecs")
                                .resourceId(ID)
                                .scalableDimension(DIMENSION)
                                .stepScalingPolicyConfiguration(new StepScalingPolicyConfiguration()
                                        .adjustmentType(AdjustmentType.CHANGE_IN_CAPACITY)
                                        .cooldown(600)
                                        .stepAdjustments(List.of(
                                                new StepAdjustment()
                                                        .metricIntervalLowerBound(0.0)
                                                        .metricIntervalUpperBound(20.0)
                                                        .scalingAdjustment(1),
                                                new StepAdjustment()
                                                        .metricIntervalLowerBound(20.0)
                                                        .scalingAdjustment(3)))),
                        call)
                .policyARN();
        cloudWatch.putMetricAlarm(
                new PutMetricAlarmInput()
                        .alarmName("busy")
                        .namespace("AWS/ECS")
                        .metricName("CPUUtilization")
                        .dimensions(List.of(
                                new Dimension().name("ClusterName").value("shop"),
                                new Dimension().name("ServiceName").value("web")))
                        .statistic("Average")
                        .period(60)
                        .evaluationPeriods(1)
                        .threshold(60.0)
                        .comparisonOperator("GreaterThanThreshold")
                        .alarmActions(List.of(arn)),
                call);
        minutes(3, 70);
        assertThat(ecs.desired).isEqualTo(3);
        // What the first step has added counts as part of the second, as long as it cools down.
        minutes(4, 90);
        assertThat(ecs.desired).isEqualTo(5);
        assertThat(scaling.describeScalingPolicies(new DescribeScalingPoliciesRequest().serviceNamespace("ecs"), call)
                        .scalingPolicies()
                        .getFirst()
                        .alarms())
                .extracting(Alarm::alarmName)
                .containsExactly("busy");
    }

    @Test
    void theClockMovesTheBounds() throws Exception {
        register(1, 10);
        scaling.putScheduledAction(
                new PutScheduledActionRequest()
                        .serviceNamespace("ecs")
                        .resourceId(ID)
                        .scalableDimension(DIMENSION)
                        .scheduledActionName("morning")
                        // 12:30 in Seoul is 03:30 UTC.
                        .schedule("cron(30 12 * * ? *)")
                        .timezone("Asia/Seoul")
                        .scalableTargetAction(
                                new ScalableTargetAction().minCapacity(6).maxCapacity(8)),
                call);
        clock.advance(Duration.ofMinutes(25));
        settle();
        assertThat(ecs.desired).isEqualTo(2);
        clock.advance(Duration.ofMinutes(2));
        settle();
        assertThat(ecs.desired).isEqualTo(6);
        assertThat(activities())
                .extracting(ScalingActivity::cause)
                .contains("scheduled action name morning was triggered", "minimum capacity was set to 6");
    }

    @Test
    void whatIsSuspendedWaitsAndWhatFailsIsTold() throws Exception {
        register(1, 10);
        track(50);
        scaling.registerScalableTarget(
                target().suspendedState(new SuspendedState().dynamicScalingOutSuspended(true)), call);
        minutes(5, 100);
        assertThat(ecs.desired).isEqualTo(2);
        ecs.refusal = "No more.";
        scaling.registerScalableTarget(
                target().suspendedState(new SuspendedState().dynamicScalingOutSuspended(false)), call);
        settle();
        assertThat(activities().getFirst().statusCode()).isEqualTo(ScalingActivityStatusCode.FAILED);
        assertThat(activities().getFirst().statusMessage()).contains("No more.");
    }

    @Test
    void whatATargetHasGoesWithIt() throws Exception {
        String arn = scaling.registerScalableTarget(
                        target().minCapacity(1).maxCapacity(3).tags(Map.of("a", "b")), call)
                .scalableTargetARN();
        track(50);
        scaling.tagResource(new TagResourceRequest().resourceARN(arn).tags(Map.of("c", "d")), call);
        scaling.untagResource(new UntagResourceRequest().resourceARN(arn).tagKeys(List.of("a")), call);
        assertThat(scaling.listTagsForResource(new ListTagsForResourceRequest().resourceARN(arn), call)
                        .tags())
                .isEqualTo(Map.of("c", "d"));
        DeregisterScalableTargetRequest gone = new DeregisterScalableTargetRequest()
                .serviceNamespace("ecs")
                .resourceId(ID)
                .scalableDimension(DIMENSION);
        scaling.deregisterScalableTarget(gone, call);
        List<MetricAlarm> left =
                cloudWatch.describeAlarms(new DescribeAlarmsInput(), call).metricAlarms();
        assertThat(left).isEmpty();
        assertThat(catchThrowableOfType(Fault.class, () -> scaling.deregisterScalableTarget(gone, call))
                        .code())
                .isEqualTo("ObjectNotFoundException");
    }

    @Test
    void badInputIsRefused() throws Exception {
        assertThat(refused(target().minCapacity(3).maxCapacity(2))).isEqualTo("ValidationException");
        assertThat(refused(target().minCapacity(1))).isEqualTo("ValidationException");
        assertThat(refused(
                        target().resourceId("service/shop/none").minCapacity(1).maxCapacity(2)))
                .isEqualTo("ValidationException");
        assertThat(refused(target().resourceId("cluster/shop").minCapacity(1).maxCapacity(2)))
                .isEqualTo("ValidationException");
        assertThat(catchThrowableOfType(Fault.class, () -> track(50)).code()).isEqualTo("ObjectNotFoundException");
        register(1, 2);
        assertThat(catchThrowableOfType(Fault.class, () -> track(0)).code()).isEqualTo("ValidationException");
    }

    private String refused(RegisterScalableTargetRequest request) {
        return catchThrowableOfType(Fault.class, () -> scaling.registerScalableTarget(request, call))
                .code();
    }
}
