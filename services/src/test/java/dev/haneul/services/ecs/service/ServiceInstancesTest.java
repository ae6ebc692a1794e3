package dev.haneul.services.ecs.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.ecs.*;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.DefinitionRow;
import dev.haneul.services.ecs.EcsTables.InstanceRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Services on container instances: placed by the room itself, over records of instances. */
class ServiceInstancesTest {
    private final ServiceRig rig = new ServiceRig();

    @BeforeEach
    void bridged() {
        define("web", 1);
        define("next", 1);
        instance("one", "zone-a");
        instance("two", "zone-b");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void define(String family, int revision) {
        var key = ServiceRig.SCOPE.key(EcsTables.definition(family, revision));
        rig.store.write(tx -> {
            TaskDefinition told = Copies.of(
                    tx.get(EcsTables.DEFINITIONS, key).orElseThrow().value().told());
            told.networkMode("bridge")
                    .containerDefinitions(
                            List.of(Copies.of(told.containerDefinitions().getFirst())
                                    .portMappings(List.of(
                                            new PortMapping().containerPort(80).hostPort(0)))));
            tx.put(EcsTables.DEFINITIONS, key, new DefinitionRow(told));
        });
    }

    private void instance(String id, String zone) {
        rig.store.write(tx -> tx.put(
                EcsTables.INSTANCES,
                ServiceRig.SCOPE.key(id),
                new InstanceRow(
                        new ContainerInstance()
                                .containerInstanceArn(EcsRoom.arn(ServiceRig.SCOPE, "container-instance/default/" + id))
                                .ec2InstanceId("i-" + id)
                                .status("ACTIVE")
                                .agentConnected(true)
                                .attributes(List.of(new Attribute()
                                        .name("ecs.availability-zone")
                                        .value(zone)))
                                .registeredResources(List.of(
                                        new Resource()
                                                .name("CPU")
                                                .type("INTEGER")
                                                .integerValue(2048),
                                        new Resource()
                                                .name("MEMORY")
                                                .type("INTEGER")
                                                .integerValue(1100),
                                        new Resource()
                                                .name("PORTS")
                                                .type("STRINGSET")
                                                .stringSetValue(List.of("22")),
                                        new Resource().name("PORTS_UDP").type("STRINGSET"))),
                        "default",
                        "",
                        Instant.EPOCH)));
    }

    private void change(String id, UnaryOperator<ContainerInstance> how) {
        var key = ServiceRig.SCOPE.key(id);
        rig.store.write(tx -> {
            InstanceRow row = tx.get(EcsTables.INSTANCES, key).orElseThrow().value();
            tx.put(EcsTables.INSTANCES, key, row.with(how.apply(Copies.of(row.told()))));
        });
    }

    private static CreateServiceRequest service(int count) {
        return new CreateServiceRequest()
                .serviceName("web")
                .taskDefinition("web")
                .desiredCount(count)
                .launchType("EC2");
    }

    private List<String> places() {
        return rig.wanted().stream().map(TaskRow::instance).sorted().toList();
    }

    @Test
    void tasksAreSpreadAndRegisteredByInstanceAndPort() {
        rig.balancer.type = "instance";
        rig.create(service(4)
                .loadBalancers(List.of(new LoadBalancer()
                        .targetGroupArn(ServiceRig.GROUP)
                        .containerName("app")
                        .containerPort(80))));
        rig.advance(Duration.ofMinutes(2));
        assertThat(places()).containsExactly("one", "one", "two", "two");
        assertThat(rig.balancer.in(ServiceRig.GROUP, "healthy"))
                .containsExactlyInAnyOrder("i-one", "i-one", "i-two", "i-two");
        assertThat(rig.describe().deployments().getFirst().rolloutState()).isEqualTo("COMPLETED");
    }

    @Test
    void whatHasNoRoomIsToldAndStartedWhenThereIsSome() {
        rig.create(service(5));
        rig.advance(Duration.ofMinutes(2));
        assertThat(places()).hasSize(4);
        assertThat(rig.messages())
                .anyMatch(each -> each.startsWith("(service web) was unable to place a task because no container "
                                + "instance met all of its requirements. The closest matching (container-instance ")
                        && each.contains("has insufficient memory available"));
        assertThat(rig.events).anyMatch(each -> each.contains("SERVICE_TASK_PLACEMENT_FAILURE"));
        instance("three", "zone-a");
        rig.advance(Duration.ofMinutes(2));
        assertThat(places()).containsExactly("one", "one", "three", "two", "two");
        assertThat(rig.messages().getFirst()).isEqualTo("(service web) has reached a steady state.");
    }

    @Test
    void aDeploymentWithoutRoomStopsOldTasksAsFarAsTheMinimumAllows() {
        rig.create(service(4).deploymentConfiguration(new DeploymentConfiguration().minimumHealthyPercent(50)));
        rig.advance(Duration.ofMinutes(2));
        rig.update(new UpdateServiceRequest().taskDefinition("next"));
        for (int i = 0; i < 60; i++) {
            rig.advance(Duration.ofSeconds(5));
            assertThat(rig.wanted().stream().filter(each -> each.lastStatus().equals("RUNNING")))
                    .hasSizeGreaterThanOrEqualTo(2);
        }
        assertThat(rig.wanted())
                .hasSize(4)
                .allMatch(each -> each.told().taskDefinitionArn().contains("/next:"));
    }

    @Test
    void tasksOfAnInstanceThatDrainsMove() {
        rig.create(service(2));
        rig.advance(Duration.ofMinutes(2));
        change("one", told -> told.status("DRAINING"));
        rig.advance(Duration.ofMinutes(3));
        assertThat(places()).containsExactly("two", "two");
        assertThat(rig.describe().runningCount()).isEqualTo(2);
    }

    @Test
    void daemonsRunOnEveryInstanceThatMeetsTheirConstraints() {
        rig.create(service(0).desiredCount(null).schedulingStrategy("DAEMON"));
        rig.advance(Duration.ofMinutes(2));
        assertThat(places()).containsExactly("one", "two");
        assertThat(rig.describe().desiredCount()).isEqualTo(2);
        assertThat(rig.describe().deployments().getFirst().desiredCount()).isEqualTo(2);
        instance("three", "zone-a");
        rig.advance(Duration.ofMinutes(2));
        assertThat(places()).containsExactly("one", "three", "two");
        rig.update(new UpdateServiceRequest().taskDefinition("next"));
        rig.advance(Duration.ofMinutes(3));
        assertThat(places()).containsExactly("one", "three", "two");
        assertThat(rig.wanted())
                .allMatch(each -> each.told().taskDefinitionArn().contains("/next:"));
        rig.update(new UpdateServiceRequest()
                .placementConstraints(List.of(new PlacementConstraint()
                        .type("memberOf")
                        .expression("attribute:ecs.availability-zone == zone-a"))));
        rig.advance(Duration.ofMinutes(2));
        assertThat(places()).containsExactly("one", "three");
    }
}
