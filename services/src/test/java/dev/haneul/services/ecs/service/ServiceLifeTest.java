package dev.haneul.services.ecs.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.ecs.*;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Services, through their API, with tasks and load balancers that only remember. */
class ServiceLifeTest {
    private final ServiceRig rig = new ServiceRig();

    @AfterEach
    void nothingWasStoppedInUse() {
        assertThat(rig.wrongs).isEmpty();
        rig.close();
    }

    private static UpdateServiceRequest definition(String family) {
        return new UpdateServiceRequest().taskDefinition(family);
    }

    private void isWhole(int count, String family) {
        Service told = rig.describe();
        assertThat(told.runningCount()).isEqualTo(count);
        assertThat(told.pendingCount()).isZero();
        assertThat(told.deployments()).hasSize(1);
        assertThat(told.deployments().getFirst().rolloutState()).isEqualTo("COMPLETED");
        assertThat(told.taskDefinition()).contains("/" + family + ":");
        assertThat(rig.wanted())
                .hasSize(count)
                .allMatch(each -> each.told().taskDefinitionArn().equals(told.taskDefinition()));
        assertThat(rig.members()).isEqualTo(count);
    }

    @Test
    void aServiceStartsItsTasksAndBecomesSteady() {
        Service made = rig.create(rig.web(3));
        assertThat(made.status()).isEqualTo("ACTIVE");
        assertThat(made.deployments().getFirst().rolloutState()).isEqualTo("IN_PROGRESS");
        rig.advance(Duration.ofSeconds(5));
        assertThat(rig.describe().runningCount()).isEqualTo(3);
        assertThat(rig.describe().deployments().getFirst().rolloutState()).isEqualTo("IN_PROGRESS");
        // Nothing checks these tasks: they count forty seconds after they came to run.
        rig.advance(Duration.ofSeconds(60));
        isWhole(3, "web");
        Deployment deployment = rig.describe().deployments().getFirst();
        assertThat(rig.messages().getFirst()).isEqualTo("(service web) has reached a steady state.");
        assertThat(rig.messages().get(1))
                .isEqualTo("(service web) (deployment " + deployment.id() + ") deployment completed.");
        assertThat(rig.messages().getLast())
                .matches("\\(service web\\) has started 3 tasks: (\\(task [0-9a-f]{32}\\)[ .]){3}");
        assertThat(rig.events).anyMatch(each -> each.contains("SERVICE_STEADY_STATE"));
        assertThat(rig.events).anyMatch(each -> each.contains("SERVICE_DEPLOYMENT_COMPLETED"));
        TaskRow task = rig.wanted().getFirst();
        assertThat(task.told().startedBy()).isEqualTo(deployment.id());
        assertThat(task.group()).isEqualTo("service:web");
        // Zones of both subnets are used.
        assertThat(rig.wanted().stream()
                        .map(each -> each.means().network().subnets().getFirst())
                        .distinct())
                .hasSize(2);
    }

    @Test
    void tasksThatDieAreReplacedAndCountsAreFollowed() {
        rig.create(rig.web(2));
        rig.advance(Duration.ofMinutes(2));
        rig.kill(rig.wanted().getFirst());
        rig.advance(Duration.ofMinutes(2));
        isWhole(2, "web");
        rig.update(new UpdateServiceRequest().desiredCount(5));
        rig.advance(Duration.ofMinutes(2));
        isWhole(5, "web");
        TaskRow guarded = rig.wanted().getFirst();
        rig.protect(guarded, rig.clock.instant().plusSeconds(3600));
        rig.update(new UpdateServiceRequest().desiredCount(1));
        rig.advance(Duration.ofMinutes(2));
        isWhole(1, "web");
        assertThat(rig.wanted().getFirst().id()).isEqualTo(guarded.id());
        assertThat(rig.all().stream()
                        .filter(TaskRow::stopped)
                        .map(each -> each.told().stoppedReason()))
                .contains("Scaling activity initiated by (deployment "
                        + rig.describe().deployments().getFirst().id() + ")");
    }

    @Test
    void aNewRevisionTakesOverBehindALoadBalancer() {
        rig.create(rig.balanced(3));
        rig.advance(Duration.ofMinutes(1));
        isWhole(3, "web");
        assertThat(rig.balancer.in(ServiceRig.GROUP, "healthy")).containsExactlyInAnyOrderElementsOf(rig.addresses());
        rig.update(definition("next"));
        for (int i = 0; i < 90; i++) {
            rig.advance(Duration.ofSeconds(1));
            assertThat(rig.balancer.in(ServiceRig.GROUP, "healthy")).hasSizeGreaterThanOrEqualTo(3);
        }
        isWhole(3, "next");
        assertThat(rig.balancer.using(ServiceRig.GROUP)).containsExactlyInAnyOrderElementsOf(rig.addresses());
        assertThat(rig.all()).hasSize(6);
        assertThat(rig.messages()).anyMatch(each -> each.contains("registered 1 targets in (target-group "));
        assertThat(rig.messages())
                .anyMatch(each -> each.matches("\\(service web\\) has stopped [0-9] running tasks: .*"));
    }

    /** Whoever asks for its end: it is DEACTIVATING until nothing is sent to it any longer, and replaced meanwhile. */
    @Test
    void aTaskThatSomebodyStopsLeavesItsBalancerFirst() {
        rig.create(rig.balanced(2));
        rig.advance(Duration.ofMinutes(1));
        TaskRow asked = rig.wanted().getFirst();
        String address = ServiceRig.address(asked);
        rig.stop(asked);
        rig.advance(Duration.ofSeconds(3));
        assertThat(rig.task(asked.id()).lastStatus()).isEqualTo("DEACTIVATING");
        assertThat(rig.task(asked.id()).desiredStatus()).isEqualTo("STOPPED");
        assertThat(rig.balancer.in(ServiceRig.GROUP, "draining")).containsExactly(address);
        assertThat(rig.wanted()).hasSize(2);
        rig.advance(Duration.ofMinutes(1));
        assertThat(rig.task(asked.id()).stopped()).isTrue();
        isWhole(2, "web");
        assertThat(rig.messages()).anyMatch(each -> each.endsWith("has begun draining connections on 1 tasks."));
    }

    @Test
    void aRevisionThatDoesNotStartIsRolledBack() {
        rig.create(rig.balanced(2)
                .deploymentConfiguration(new DeploymentConfiguration()
                        .deploymentCircuitBreaker(
                                new DeploymentCircuitBreaker().enable(true).rollback(true))));
        rig.advance(Duration.ofMinutes(1));
        String good = rig.describe().deployments().getFirst().id();
        rig.broken = arn -> arn.contains("/next:");
        Service updated = rig.update(definition("next"));
        String bad = updated.deployments().getFirst().id();
        rig.advance(Duration.ofMinutes(5));
        isWhole(2, "web");
        assertThat(rig.describe().deployments().getFirst().id()).isEqualTo(good);
        assertThat(rig.messages()).contains("(service web) rolling back to deployment " + good + ".");
        assertThat(rig.messages())
                .contains("(service web) (deployment " + bad + ") deployment failed: tasks failed to start.");
        assertThat(rig.events).anyMatch(each -> each.contains("SERVICE_DEPLOYMENT_FAILED") && each.contains(bad));
        assertThat(deployments().stream().map(ServiceDeploymentBrief::status))
                .containsExactly("ROLLBACK_SUCCESSFUL", "SUCCESSFUL");
        ServiceDeployment told = newest();
        assertThat(told.alarms().status()).isEqualTo("DISABLED");
        assertThat(told.rollback().reason()).isEqualTo("ECS deployment circuit breaker: tasks failed to start.");
        assertThat(told.deploymentCircuitBreaker().status()).isEqualTo("TRIGGERED");
        assertThat(told.deploymentCircuitBreaker().threshold()).isEqualTo(3);
    }

    private List<ServiceDeploymentBrief> deployments() {
        return rig.listServiceDeployments(new ListServiceDeploymentsRequest().service("web"), ServiceRig.call())
                .serviceDeployments();
    }

    private ServiceDeployment newest() {
        return rig.describeServiceDeployments(
                        new DescribeServiceDeploymentsRequest()
                                .serviceDeploymentArns(
                                        List.of(deployments().getFirst().serviceDeploymentArn())),
                        ServiceRig.call())
                .serviceDeployments()
                .getFirst();
    }

    @Test
    void tasksThatFailTheirChecksAreReplacedAfterTheGracePeriod() {
        rig.create(rig.balanced(2).healthCheckGracePeriodSeconds(60));
        rig.advance(Duration.ofMinutes(2));
        String sick = rig.addresses().getFirst();
        rig.balancer.sick = sick::equals;
        rig.advance(Duration.ofMinutes(2));
        isWhole(2, "web");
        assertThat(rig.addresses()).doesNotContain(sick);
        assertThat(rig.messages())
                .contains("(service web) (port 80) is unhealthy in (target-group " + ServiceRig.GROUP
                        + ") due to (reason Health checks failed with these codes: [500])");
        assertThat(rig.all().stream().map(each -> each.told().stoppedReason()))
                .contains("Task failed ELB health checks in (target-group " + ServiceRig.GROUP + ")");
        rig.balancer.sick = address -> !rig.addresses().isEmpty() && !address.isEmpty();
        rig.update(definition("next"));
        rig.advance(Duration.ofSeconds(45));
        // Within the grace period nothing that is new is given up.
        assertThat(rig.describe().deployments().getFirst().failedTasks()).isZero();
    }

    @Test
    void anAlarmThatRingsRollsBack() {
        rig.create(rig.balanced(1)
                .deploymentConfiguration(new DeploymentConfiguration()
                        .alarms(new DeploymentAlarms()
                                .alarmNames(List.of("errors", "latency"))
                                .enable(true)
                                .rollback(true))));
        rig.advance(Duration.ofMinutes(4));
        isWhole(1, "web");
        rig.update(definition("next"));
        rig.advance(Duration.ofSeconds(70));
        assertThat(rig.describe().deployments().getFirst().rolloutState()).isEqualTo("IN_PROGRESS");
        rig.ringing.add("errors");
        rig.advance(Duration.ofSeconds(5));
        rig.ringing.clear();
        rig.advance(Duration.ofMinutes(5));
        isWhole(1, "web");
        assertThat(rig.events).anyMatch(each -> each.contains("ECS deployment alarms: alarm detected."));
        ServiceDeploymentAlarms alarms = newest().alarms();
        assertThat(alarms.status()).isEqualTo("TRIGGERED");
        assertThat(alarms.alarmNames()).containsExactly("errors", "latency");
        assertThat(alarms.triggeredAlarmNames()).containsExactly("errors");
    }

    @Test
    void whatIsDeletedDrainsAndCanBeMadeAgain() {
        rig.create(rig.balanced(2));
        rig.advance(Duration.ofMinutes(1));
        DeleteServiceRequest delete = new DeleteServiceRequest().service("web");
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> rig.deleteService(delete, ServiceRig.call()))
                .hasMessage("The service cannot be stopped while it is scaled above 0.");
        Service told = rig.deleteService(delete.force(true), ServiceRig.call()).service();
        assertThat(told.status()).isEqualTo("DRAINING");
        rig.advance(Duration.ofMinutes(2));
        assertThat(rig.describe().status()).isEqualTo("INACTIVE");
        assertThat(rig.wanted()).isEmpty();
        assertThat(rig.balancer.using(ServiceRig.GROUP)).isEmpty();
        assertThat(rig.listServices(new ListServicesRequest(), ServiceRig.call())
                        .serviceArns())
                .isEmpty();
        rig.create(rig.web(1));
        rig.advance(Duration.ofMinutes(2));
        isWhole(1, "web");
    }

    @Test
    void aServiceThatCannotStartTasksWaitsLongerAndLonger() {
        rig.broken = arn -> true;
        rig.create(rig.web(1));
        rig.advance(Duration.ofHours(2));
        assertThat(rig.all()).hasSizeBetween(8, 20);
        assertThat(rig.messages())
                .anyMatch(each -> each.startsWith("(service web) is unable to consistently start tasks"));
        assertThat(rig.events).anyMatch(each -> each.contains("SERVICE_TASK_START_IMPAIRED"));
        rig.broken = arn -> false;
        rig.advance(Duration.ofMinutes(30));
        isWhole(1, "web");
    }
}
