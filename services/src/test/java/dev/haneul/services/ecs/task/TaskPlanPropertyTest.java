package dev.haneul.services.ecs.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.ContainerDependency;
import dev.haneul.api.ecs.ContainerRestartPolicy;
import dev.haneul.api.ecs.HealthCheck;
import dev.haneul.api.ecs.Task;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsTables.ContainerCourse;
import dev.haneul.services.ecs.EcsTables.Course;
import dev.haneul.services.ecs.EcsTables.Phase;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.task.Seen.SeenContainer;
import dev.haneul.services.ecs.task.TaskPlan.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever happens to a task and its containers, the plan brings it where it is wanted, in order and only once. */
class TaskPlanPropertyTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<String> ORDER = List.of(
            "PROVISIONING",
            "PENDING",
            "ACTIVATING",
            "RUNNING",
            "DEACTIVATING",
            "STOPPING",
            "DEPROVISIONING",
            "STOPPED");

    /** A world in which steps do what they say, or fail, and in which the server may die between doing and noting. */
    private static final class World {
        private final Random random;
        private final TaskDefinition definition;
        private TaskRow row;
        private boolean pod;
        private final Map<String, SeenContainer> containers = new LinkedHashMap<>();
        private final List<String> starts = new ArrayList<>();
        private Instant now = START;
        private boolean forgotten;
        private int failures;

        World(Random random) {
            this.random = random;
            this.definition = definition(random);
            this.row = launched(definition);
        }

        /** A definition whose dependencies go to earlier containers only. */
        private static TaskDefinition definition(Random random) {
            List<ContainerDefinition> all = new ArrayList<>();
            int count = 1 + random.nextInt(4);
            for (int i = 0; i < count; i++) {
                ContainerDefinition each =
                        new ContainerDefinition().name("c" + i).essential(i == count - 1 || random.nextBoolean());
                if (random.nextInt(3) == 0) {
                    each.healthCheck(new HealthCheck()
                            .command(List.of("CMD", "x"))
                            .interval(5)
                            .retries(2));
                }
                if (random.nextInt(4) == 0) {
                    each.restartPolicy(
                            new ContainerRestartPolicy().enabled(true).restartAttemptPeriod(60));
                }
                if (i > 0 && random.nextBoolean()) {
                    ContainerDefinition on = all.get(random.nextInt(i));
                    List<String> conditions = new ArrayList<>(List.of("START"));
                    if (Boolean.FALSE.equals(on.essential())) {
                        conditions.addAll(List.of("COMPLETE", "SUCCESS"));
                    }
                    if (on.healthCheck() != null) {
                        conditions.add("HEALTHY");
                    }
                    each.dependsOn(List.of(new ContainerDependency()
                            .containerName(on.name())
                            .condition(conditions.get(random.nextInt(conditions.size())))));
                }
                all.add(each);
            }
            return new TaskDefinition().containerDefinitions(all);
        }

        private static TaskRow launched(TaskDefinition definition) {
            List<Container> told = definition.containerDefinitions().stream()
                    .map(each -> new Container().name(each.name()).lastStatus("PENDING"))
                    .toList();
            return new TaskRow(
                    new Task()
                            .taskArn("arn:aws:ecs:us-east-1:111111111111:task/default/1")
                            .clusterArn("arn:aws:ecs:us-east-1:111111111111:cluster/default")
                            .lastStatus("PROVISIONING")
                            .desiredStatus("RUNNING")
                            .containers(told),
                    new TaskRow.Means(null, "", "", null, null),
                    new Course(
                            null,
                            null,
                            definition.containerDefinitions().stream()
                                    .map(each -> ContainerCourse.waiting(String.valueOf(each.name())))
                                    .toList(),
                            null,
                            false));
        }

        void happen() {
            switch (random.nextInt(6)) {
                case 0 -> exit();
                case 1 -> exit();
                case 2 -> {
                    if (random.nextInt(8) == 0) {
                        stop();
                    }
                }
                case 3 -> {
                    if (random.nextInt(20) == 0) {
                        pod = false;
                        containers.clear();
                    }
                }
                default -> now = now.plusSeconds(random.nextInt(200));
            }
        }

        private void exit() {
            List<String> running = containers.entrySet().stream()
                    .filter(each -> each.getValue().running())
                    .map(Map.Entry::getKey)
                    .toList();
            if (!running.isEmpty()) {
                end(running.get(random.nextInt(running.size())), random.nextInt(3) == 0 ? 1 : 0);
            }
        }

        private void end(String name, int code) {
            SeenContainer was = containers.get(name);
            containers.put(name, new SeenContainer(false, was.starts(), code, false, "", was.startedAt(), now));
        }

        void stop() {
            row = row.with(Copies.of(row.told()).desiredStatus("STOPPED"));
        }

        Step plan() {
            return TaskPlan.of(row, definition, new Seen(pod, containers), now, true);
        }

        /** Takes the plan's step; answers whether there was one. */
        boolean step() {
            Step step = plan();
            boolean dies = random.nextInt(10) == 0;
            switch (step) {
                case Step.Rest() -> {
                    return false;
                }
                case Step.Wait wait -> {
                    assertThat(wait.until()).isAfter(now);
                    return false;
                }
                case Step.Provision() -> row = row.with(row.course().eni("eni-1"));
                case Step.Prepare() -> {
                    if (random.nextInt(10) == 0) {
                        failures++;
                        stop();
                    } else {
                        pod = true;
                        row = dies ? row : row.with(row.course().namespace("/proc/1/ns/net"));
                    }
                }
                case Step.Start start -> start(start.container(), dies);
                case Step.Started started -> note(started.container(), started.at());
                case Step.Ended ended -> {
                    assertThat(ended.how().running()).isFalse();
                    row = Changes.course(
                            row,
                            ended.container(),
                            each -> each.exited(ended.how().code()));
                }
                case Step.Restart restart -> {
                    SeenContainer was = containers.get(restart.container());
                    assertThat(was.running()).isFalse();
                    containers.put(
                            restart.container(), new SeenContainer(true, was.starts() + 1, 0, false, "", now, now));
                }
                case Step.Probe probe -> probe(probe.container());
                case Step.Signal signal -> signal(signal.container());
                case Step.Kill kill -> end(kill.container(), 137);
                case Step.To to -> to(to.status());
                case Step.Stop stop -> {
                    assertThat(row.desiredStatus()).isEqualTo("RUNNING");
                    stop();
                }
                case Step.Clear() -> {
                    assertThat(containers.values()).noneMatch(SeenContainer::running);
                    pod = false;
                    containers.clear();
                    row = Changes.stopped(row, now);
                }
                case Step.Forget() -> forgotten = true;
            }
            return !forgotten;
        }

        private void start(String name, boolean dies) {
            assertThat(starts).as("a container is started once").doesNotContain(name);
            assertThat(row.desiredStatus()).isEqualTo("RUNNING");
            ContainerDefinition definition = of(name);
            for (ContainerDependency on : definition.dependsOn()) {
                SeenContainer other = containers.get(on.containerName());
                assertThat(other)
                        .as("%s waits for %s", name, on.containerName())
                        .isNotNull();
                if ("SUCCESS".equals(on.condition())) {
                    assertThat(other.running()).isFalse();
                    assertThat(other.code()).isZero();
                }
            }
            starts.add(name);
            containers.put(name, new SeenContainer(true, 1, 0, false, "", now, now));
            if (!dies) {
                note(name, now);
            }
        }

        private void note(String name, Instant at) {
            row = Changes.course(row, name, each -> each.started(at));
        }

        private ContainerDefinition of(String name) {
            return definition.containerDefinitions().stream()
                    .filter(each -> name.equals(each.name()))
                    .findFirst()
                    .orElseThrow();
        }

        private void probe(String name) {
            HealthCheck check = of(name).healthCheck();
            boolean well = random.nextInt(3) > 0;
            row = Changes.course(row, name, each -> TaskPlan.probed(each, check, well, now));
        }

        private void signal(String name) {
            for (ContainerDefinition each : definition.containerDefinitions()) {
                boolean depends = each.dependsOn().stream().anyMatch(on -> name.equals(on.containerName()));
                if (depends && containers.containsKey(each.name())) {
                    assertThat(containers.get(each.name()).running())
                            .as("%s ends before %s", each.name(), name)
                            .isFalse();
                }
            }
            row = Changes.course(row, name, each -> each.signalled(now));
            if (random.nextBoolean()) {
                end(name, 143);
            }
        }

        private void to(String status) {
            assertThat(ORDER.indexOf(status)).isGreaterThan(ORDER.indexOf(row.lastStatus()));
            if (status.equals("RUNNING")) {
                assertThat(row.course().containers()).noneMatch(each -> each.phase() == Phase.WAITING);
            }
            row = Changes.to(row, status, now);
        }
    }

    @Property(tries = 600, seed = "2026")
    void aTaskThatIsToStopStopsWhateverHappened(@ForAll Random random) {
        World world = new World(random);
        int events = random.nextInt(30);
        for (int i = 0; i < events; i++) {
            settle(world);
            world.happen();
        }
        world.stop();
        int turns = 0;
        while (!world.forgotten) {
            settle(world);
            world.now = world.now.plusSeconds(40);
            assertThat(turns++).as("it ends: %s", world.row.lastStatus()).isLessThan(300);
        }
        assertThat(world.row.lastStatus()).isEqualTo("STOPPED");
        assertThat(world.pod).isFalse();
    }

    @Property(tries = 300, seed = "2026")
    void aTaskWhoseContainersRunComesToRun(@ForAll Random random) {
        World world = new World(random);
        boolean waits = world.definition.containerDefinitions().stream()
                .flatMap(each -> each.dependsOn().stream())
                .anyMatch(on -> !"START".equals(on.condition()));
        settle(world);
        if (!waits && world.failures == 0) {
            assertThat(world.row.lastStatus()).isEqualTo("RUNNING");
        }
    }

    private static void settle(World world) {
        int steps = 0;
        while (world.step()) {
            assertThat(steps++).as("it comes to rest").isLessThan(200);
        }
    }
}
