package dev.haneul.services.ecs.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ecs.*;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.services.ecs.Copies;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Express services over neighbours that only remember: nothing is made twice or left behind, whenever the process dies. */
class ExpressRoomTest {
    private static final Logger FAILURES = Logger.getLogger(ReconcileDriver.class.getPackageName());
    private static final String ROLES = "arn:aws:iam::111111111111:role/";

    private final ServiceRig rig = new ServiceRig();
    private final FakeWorld world = new FakeWorld();

    @BeforeEach
    void begin() {
        FAILURES.setLevel(Level.OFF);
        rig.world = world::answer;
    }

    @AfterEach
    void end() {
        rig.close();
        FAILURES.setLevel(null);
    }

    private static CreateExpressGatewayServiceRequest wanted(String name) {
        return new CreateExpressGatewayServiceRequest()
                .serviceName(name)
                .executionRoleArn(ROLES + "execution")
                .infrastructureRoleArn(ROLES + "infrastructure")
                .primaryContainer(new ExpressGatewayContainer().image("app"));
    }

    private ECSExpressGatewayService create(CreateExpressGatewayServiceRequest in) {
        return rig.createExpressGatewayService(in, ServiceRig.call()).service();
    }

    private ECSExpressGatewayService describe(String arn) {
        return rig.describeExpressGatewayService(
                        new DescribeExpressGatewayServiceRequest().serviceArn(arn), ServiceRig.call())
                .service();
    }

    private void delete(String arn) {
        rig.deleteExpressGatewayService(new DeleteExpressGatewayServiceRequest().serviceArn(arn), ServiceRig.call());
    }

    @Test
    void tellsWhatItWaitsForAndThenRuns() {
        ECSExpressGatewayService made = create(wanted("web"));
        assertThat(made.status().statusCode()).isEqualTo("ACTIVE");
        assertThat(made.status().statusReason()).isNotEmpty();
        rig.advance(Duration.ofSeconds(2));
        assertThat(describe(made.serviceArn()).status().statusReason()).isNotEmpty();
        rig.advance(Duration.ofMinutes(15));
        ECSExpressGatewayService runs = describe(made.serviceArn());
        assertThat(runs.status()).isEqualTo(new ExpressGatewayServiceStatus().statusCode("ACTIVE"));
        ExpressGatewayServiceConfiguration told = runs.activeConfigurations().getFirst();
        assertThat(told.serviceRevisionArn()).contains(":service-revision/default/web/");
        assertThat(told.ingressPaths().getFirst().accessType()).isEqualTo("PUBLIC");
        assertThat(rig.describe().runningCount()).isEqualTo(1);
        assertThat(rig.describe().resourceManagementType()).isEqualTo("ECS");
        assertThat(world.scalable.get("service/default/web").maxCapacity()).isEqualTo(20);
    }

    @Test
    void sharesItsBalancerWithThoseOfTheSameSubnets() {
        List<String> made = new java.util.ArrayList<>();
        for (int i = 0; i < 26; i++) {
            made.add(create(wanted("web" + i)).serviceArn());
        }
        create(wanted("inner")
                .networkConfiguration(
                        new ExpressGatewayServiceNetworkConfiguration().subnets(List.of("subnet-c", "subnet-d"))));
        rig.advance(Duration.ofMinutes(1));
        assertThat(world.balancers.values())
                .extracting(each -> each.scheme())
                .containsExactlyInAnyOrder("internet-facing", "internet-facing", "internal");
        made.forEach(this::delete);
        rig.advance(Duration.ofMinutes(15));
        assertThat(world.balancers.values()).extracting(each -> each.scheme()).containsExactly("internal");
    }

    @Test
    void changesWhatIsNamedAndKeepsTheRest() {
        String arn = create(wanted("web")
                        .primaryContainer(new ExpressGatewayContainer()
                                .image("app")
                                .containerPort(8080)
                                .command(List.of("run"))))
                .serviceArn();
        rig.advance(Duration.ofMinutes(15));
        String before = rig.describe().taskDefinition();
        UpdateExpressGatewayServiceRequest quiet = new UpdateExpressGatewayServiceRequest()
                .serviceArn(arn)
                .healthCheckPath("/up")
                .scalingTarget(new ExpressGatewayScalingTarget().maxTaskCount(3));
        rig.updateExpressGatewayService(quiet, ServiceRig.call());
        rig.advance(Duration.ofMinutes(1));
        assertThat(rig.describe().taskDefinition()).isEqualTo(before);
        assertThat(rig.describe().deployments()).hasSize(1);
        assertThat(world.targets.values())
                .extracting(each -> each.healthCheckPath())
                .containsOnly("/up");
        assertThat(world.scalable.get("service/default/web").maxCapacity()).isEqualTo(3);
        var answer = rig.updateExpressGatewayService(
                new UpdateExpressGatewayServiceRequest()
                        .serviceArn(arn)
                        .primaryContainer(new ExpressGatewayContainer().image("app:2")),
                ServiceRig.call());
        assertThat(answer.service().targetConfiguration().primaryContainer().command())
                .containsExactly("run");
        rig.advance(Duration.ofMinutes(1));
        assertThat(describe(arn).activeConfigurations())
                .extracting(each -> each.primaryContainer().image())
                .containsExactly("app:2", "app");
        rig.advance(Duration.ofMinutes(30));
        assertThat(describe(arn).activeConfigurations())
                .extracting(each -> each.primaryContainer().image())
                .containsExactly("app:2");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void nothingIsMadeTwiceOrLeftBehind(int seed) {
        Random random = new Random(seed);
        String arn = create(wanted("web")).serviceArn();
        rig.failing = 30;
        for (int i = 0; i < 15; i++) {
            rig.advance(Duration.ofMillis(random.nextInt(5000)));
            rig.restart();
        }
        rig.failing = 0;
        rig.advance(Duration.ofMinutes(20));
        assertThat(describe(arn).status().statusReason()).isNull();
        assertThat(List.of(world.balancers, world.listeners, world.rules, world.scalable))
                .allMatch(each -> each.size() == 1);
        assertThat(List.of(world.targets, world.groups)).allMatch(each -> each.size() == 2);
        assertThat(rig.wanted()).hasSize(1);
        delete(arn);
        rig.failing = 30;
        for (int i = 0; i < 15; i++) {
            rig.advance(Duration.ofMillis(random.nextInt(8000)));
            rig.restart();
        }
        rig.failing = 0;
        rig.advance(Duration.ofMinutes(20));
        assertThat(describe(arn).status().statusCode()).isEqualTo("INACTIVE");
        assertThat(world.size()).isZero();
        assertThat(rig.wanted()).isEmpty();
        assertThatThrownBy(() -> delete(arn))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("ServiceNotActiveException"));
        rig.advance(Duration.ofHours(2));
        assertThatThrownBy(() -> describe(arn))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("ResourceNotFoundException"));
    }

    @Test
    void whatItIsMadeOfCanGoWithoutIt() {
        String arn = create(wanted("web")).serviceArn();
        rig.advance(Duration.ofMinutes(15));
        rig.deleteService(new DeleteServiceRequest().service("web").force(true), ServiceRig.call());
        assertThat(describe(arn).status().statusCode()).isEqualTo("DRAINING");
        rig.advance(Duration.ofMinutes(5));
        assertThat(describe(arn).status().statusCode()).isEqualTo("INACTIVE");
        rig.advance(Duration.ofHours(2));
        assertThat(describe(arn).status().statusReason()).contains("was deleted");
        rig.deleteCluster(new DeleteClusterRequest().cluster("default"), ServiceRig.call());
        delete(arn);
        rig.advance(Duration.ofMinutes(1));
        assertThat(describe(arn).status()).isEqualTo(new ExpressGatewayServiceStatus().statusCode("INACTIVE"));
        assertThat(world.size()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "cpu, InvalidParameterException",
        "port, InvalidParameterException",
        "healthCheckPath, InvalidParameterException",
        "minTaskCount, InvalidParameterException",
        "executionRoleArn, InvalidParameterException",
        "subnets, InvalidParameterException",
        "REQUEST_COUNT_PER_TARGET, NotImplemented"
    })
    void refusesByName(String what, String code) {
        CreateExpressGatewayServiceRequest in = wanted("web");
        switch (what) {
            case "cpu" -> in.cpu("12");
            case "port" -> in.primaryContainer(Copies.of(in.primaryContainer()).containerPort(70000));
            case "healthCheckPath" -> in.healthCheckPath("up");
            case "minTaskCount" -> in.scalingTarget(new ExpressGatewayScalingTarget().minTaskCount(0));
            case "executionRoleArn" -> world.missing.add("execution");
            case "subnets" ->
                in.networkConfiguration(
                        new ExpressGatewayServiceNetworkConfiguration().subnets(List.of("subnet-a", "subnet-c")));
            default -> in.scalingTarget(new ExpressGatewayScalingTarget().autoScalingMetric(what));
        }
        assertThatThrownBy(() -> create(in))
                .hasMessageContaining(what.equals("port") ? "containerPort" : what)
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
        assertThat(world.size()).isZero();
    }
}
