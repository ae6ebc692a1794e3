package dev.haneul.services.ecs.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ecs.*;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Blue/green deployments, task sets, capacity providers, and what is refused. */
class ServiceKindsTest {
    private static final String RULE =
            "arn:aws:elasticloadbalancing:us-east-1:111111111111:listener-rule/app/lb/1/2/production";
    private static final String TEST_RULE =
            "arn:aws:elasticloadbalancing:us-east-1:111111111111:listener-rule/app/lb/1/2/test";

    private final ServiceRig rig = new ServiceRig();

    @AfterEach
    void nothingWasStoppedInUse() {
        assertThat(rig.wrongs).isEmpty();
        rig.close();
    }

    private static CreateServiceRequest shifting(DeploymentConfiguration configuration) {
        return ServiceRig.web(2)
                .deploymentConfiguration(configuration)
                .loadBalancers(List.of(new LoadBalancer()
                        .targetGroupArn(ServiceRig.GROUP)
                        .containerName("app")
                        .containerPort(80)
                        .advancedConfiguration(new AdvancedConfiguration()
                                .alternateTargetGroupArn(ServiceRig.GREEN)
                                .productionListenerRule(RULE)
                                .testListenerRule(TEST_RULE)
                                .roleArn("arn:aws:iam::111111111111:role/lb"))));
    }

    private ServiceDeployment newest() {
        String arn = rig.listServiceDeployments(new ListServiceDeploymentsRequest().service("web"), ServiceRig.call())
                .serviceDeployments()
                .getFirst()
                .serviceDeploymentArn();
        return rig.describeServiceDeployments(
                        new DescribeServiceDeploymentsRequest().serviceDeploymentArns(List.of(arn)), ServiceRig.call())
                .serviceDeployments()
                .getFirst();
    }

    @Test
    void greenTakesTrafficAfterItsHooksAndBlueStaysForTheBakeTime() {
        DeploymentConfiguration configuration = new DeploymentConfiguration()
                .strategy("BLUE_GREEN")
                .bakeTimeInMinutes(5)
                .lifecycleHooks(List.of(new DeploymentLifecycleHook()
                        .hookTargetArn("arn:aws:lambda:us-east-1:111111111111:function:check")
                        .lifecycleStages(List.of("POST_TEST_TRAFFIC_SHIFT"))));
        rig.create(shifting(configuration));
        rig.advance(Duration.ofMinutes(8));
        assertThat(rig.describe().deployments().getFirst().rolloutState()).isEqualTo("COMPLETED");
        assertThat(rig.weights(RULE)).isEqualTo(Map.of(ServiceRig.GROUP, 100, ServiceRig.GREEN, 0));
        rig.hookStatus = "IN_PROGRESS";
        rig.update(new UpdateServiceRequest().taskDefinition("next"));
        rig.advance(Duration.ofMinutes(3));
        assertThat(newest().lifecycleStage()).isEqualTo("POST_TEST_TRAFFIC_SHIFT");
        assertThat(newest().lifecycleHookDetails().getFirst().status()).isEqualTo("IN_PROGRESS");
        assertThat(rig.hooked.getFirst()).contains("\"lifecycleStage\":\"POST_TEST_TRAFFIC_SHIFT\"");
        assertThat(rig.weights(TEST_RULE).get(ServiceRig.GREEN)).isEqualTo(100);
        assertThat(rig.weights(RULE).get(ServiceRig.GREEN)).isZero();
        assertThat(rig.wanted()).hasSize(4);
        rig.hookStatus = "SUCCEEDED";
        rig.advance(Duration.ofMinutes(1));
        assertThat(newest().lifecycleStage()).isEqualTo("BAKE_TIME");
        assertThat(rig.weights(RULE)).isEqualTo(Map.of(ServiceRig.GROUP, 0, ServiceRig.GREEN, 100));
        assertThat(rig.wanted()).hasSize(4);
        rig.advance(Duration.ofMinutes(8));
        assertThat(newest().status()).isEqualTo("SUCCESSFUL");
        assertThat(rig.wanted())
                .hasSize(2)
                .allMatch(each -> each.told().taskDefinitionArn().contains("/next:"));
        assertThat(rig.balancer.using(ServiceRig.GROUP)).isEmpty();
        assertThat(rig.balancer.using(ServiceRig.GREEN)).hasSize(2);
    }

    @Test
    void aHookThatSaysNoBringsTrafficBack() {
        DeploymentConfiguration configuration = new DeploymentConfiguration()
                .strategy("CANARY")
                .canaryConfiguration(
                        new CanaryConfiguration().canaryPercent(20.0).canaryBakeTimeInMinutes(2))
                .lifecycleHooks(List.of(new DeploymentLifecycleHook()
                        .hookTargetArn("arn:aws:lambda:us-east-1:111111111111:function:check")
                        .lifecycleStages(List.of("POST_PRODUCTION_TRAFFIC_SHIFT"))));
        rig.create(shifting(configuration));
        rig.advance(Duration.ofMinutes(2));
        rig.hookStatus = "FAILED";
        rig.update(new UpdateServiceRequest().taskDefinition("next"));
        rig.advance(Duration.ofMinutes(1));
        assertThat(rig.weights(RULE)).isEqualTo(Map.of(ServiceRig.GROUP, 80, ServiceRig.GREEN, 20));
        rig.advance(Duration.ofMinutes(5));
        assertThat(rig.balancer.shifts)
                .contains("production {" + ServiceRig.GROUP + "=0, " + ServiceRig.GREEN + "=100}");
        assertThat(rig.weights(RULE)).isEqualTo(Map.of(ServiceRig.GROUP, 100, ServiceRig.GREEN, 0));
        assertThat(rig.wanted())
                .hasSize(2)
                .allMatch(each -> each.told().taskDefinitionArn().contains("/web:"));
        assertThat(newest().status()).isEqualTo("ROLLBACK_SUCCESSFUL");
        assertThat(rig.describe().taskDefinition()).contains("/web:");
    }

    @Test
    void aDeploymentIsStoppedAndGoneBackFrom() {
        rig.create(ServiceRig.balanced(2));
        rig.advance(Duration.ofMinutes(1));
        rig.update(new UpdateServiceRequest().taskDefinition("next"));
        rig.advance(Duration.ofSeconds(5));
        StopServiceDeploymentRequest stop =
                new StopServiceDeploymentRequest().serviceDeploymentArn(newest().serviceDeploymentArn());
        rig.stopServiceDeployment(stop, ServiceRig.call());
        assertThatThrownBy(() -> rig.stopServiceDeployment(stop, ServiceRig.call()))
                .hasMessageContaining("ROLLBACK_IN_PROGRESS");
        rig.advance(Duration.ofMinutes(2));
        assertThat(newest().status()).isEqualTo("ROLLBACK_SUCCESSFUL");
        assertThat(rig.wanted())
                .hasSize(2)
                .allMatch(each -> each.told().taskDefinitionArn().contains("/web:"));
    }

    @Test
    void taskSetsKeepTheirShares() {
        CreateServiceRequest external = new CreateServiceRequest()
                .serviceName("web")
                .desiredCount(4)
                .launchType("FARGATE")
                .deploymentController(new DeploymentController().type("EXTERNAL"));
        rig.create(external);
        TaskSet blue = rig.createTaskSet(
                        set("web").scale(new Scale().value(100.0).unit("PERCENT")), ServiceRig.call())
                .taskSet();
        assertThat(blue.status()).isEqualTo("PRIMARY");
        assertThat(blue.computedDesiredCount()).isEqualTo(4);
        TaskSet green = rig.createTaskSet(
                        set("next").scale(new Scale().value(30.0).unit("PERCENT")), ServiceRig.call())
                .taskSet();
        assertThat(green.computedDesiredCount()).isEqualTo(2);
        rig.advance(Duration.ofMinutes(2));
        assertThat(rig.wanted()).hasSize(6);
        DescribeTaskSetsRequest all =
                new DescribeTaskSetsRequest().cluster("default").service("web");
        assertThat(rig.describeTaskSets(all, ServiceRig.call()).taskSets())
                .extracting(TaskSet::stabilityStatus)
                .containsExactly("STEADY_STATE", "STEADY_STATE");
        rig.updateServicePrimaryTaskSet(
                new UpdateServicePrimaryTaskSetRequest()
                        .cluster("default")
                        .service("web")
                        .primaryTaskSet(green.taskSetArn()),
                ServiceRig.call());
        rig.updateTaskSet(
                new UpdateTaskSetRequest()
                        .cluster("default")
                        .service("web")
                        .taskSet(green.id())
                        .scale(new Scale().value(100.0).unit("PERCENT")),
                ServiceRig.call());
        DeleteTaskSetRequest delete =
                new DeleteTaskSetRequest().cluster("default").service("web").taskSet(blue.id());
        assertThatThrownBy(() -> rig.deleteTaskSet(delete, ServiceRig.call())).hasMessageContaining("scaled above 0");
        assertThat(rig.deleteTaskSet(delete.force(true), ServiceRig.call())
                        .taskSet()
                        .status())
                .isEqualTo("DRAINING");
        rig.advance(Duration.ofMinutes(2));
        assertThat(rig.wanted())
                .hasSize(4)
                .allMatch(each -> each.told().startedBy().equals(green.id()));
        assertThat(rig.describeTaskSets(all, ServiceRig.call()).taskSets())
                .extracting(TaskSet::status)
                .containsExactly("PRIMARY");
    }

    private static CreateTaskSetRequest set(String definition) {
        return new CreateTaskSetRequest()
                .cluster("default")
                .service("web")
                .taskDefinition(definition)
                .launchType("FARGATE")
                .networkConfiguration(ServiceRig.web(1).networkConfiguration());
    }

    @Test
    void capacityProvidersShareTheTasks() {
        rig.create(ServiceRig.web(4)
                .launchType(null)
                .capacityProviderStrategy(List.of(
                        new CapacityProviderStrategyItem()
                                .capacityProvider("FARGATE")
                                .base(1)
                                .weight(1),
                        new CapacityProviderStrategyItem()
                                .capacityProvider("FARGATE_SPOT")
                                .weight(2))));
        rig.advance(Duration.ofMinutes(2));
        assertThat(rig.wanted().stream().map(TaskRow::told).map(Task::capacityProviderName))
                .containsExactlyInAnyOrder("FARGATE", "FARGATE", "FARGATE_SPOT", "FARGATE_SPOT");
    }

    @Test
    void whatDoesNotGoTogetherIsRefusedInItsWords() {
        refused(
                ServiceRig.web(1).networkConfiguration(null),
                "Network Configuration must be provided when networkMode");
        refused(ServiceRig.web(1).schedulingStrategy("DAEMON"), "does not support a desired count");
        refused(
                ServiceRig.web(1)
                        .deploymentConfiguration(new DeploymentConfiguration()
                                .maximumPercent(100)
                                .minimumHealthyPercent(100)),
                "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.");
        refused(ServiceRig.web(1).taskDefinition("none"), "TaskDefinition not found.");
        refused(ServiceRig.web(1).cluster("none"), "Cluster not found.");
        refused(
                ServiceRig.web(1)
                        .capacityProviderStrategy(List.of(new CapacityProviderStrategyItem()
                                .capacityProvider("FARGATE")
                                .weight(1))),
                "Specifying both a launch type and capacity provider strategy is not supported.");
        LoadBalancer other = new LoadBalancer()
                .targetGroupArn(ServiceRig.GROUP)
                .containerName("db")
                .containerPort(80);
        refused(
                ServiceRig.web(1).loadBalancers(List.of(other)),
                "The container db does not exist in the task definition.");
        rig.balancer.idle = ServiceRig.GROUP;
        refused(ServiceRig.balanced(1), "does not have an associated load balancer.");
        refused(
                ServiceRig.web(1).serviceConnectConfiguration(new ServiceConnectConfiguration().enabled(true)),
                "serviceConnectConfiguration namespace can not be blank");
        rig.create(ServiceRig.web(1));
        rig.create(ServiceRig.web(1));
        refused(ServiceRig.web(2), "Creation of service was not idempotent.");
        assertThatThrownBy(() -> rig.updateService(new UpdateServiceRequest().service("none"), ServiceRig.call()))
                .hasMessage("Service not found.");
        DescribeServicesResponse described =
                rig.describeServices(new DescribeServicesRequest().services(List.of("none")), ServiceRig.call());
        assertThat(described.failures().getFirst().reason()).isEqualTo("MISSING");
    }

    private void refused(CreateServiceRequest in, String message) {
        assertThatThrownBy(() -> rig.create(in)).hasMessageContaining(message);
    }
}
