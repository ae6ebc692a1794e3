package dev.haneul.services.ecs.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.Task;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.services.ecs.EcsTables.ContainerCourse;
import dev.haneul.services.ecs.EcsTables.Course;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.task.Seen.SeenContainer;
import dev.haneul.services.ecs.task.TaskPlan.Step;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A task whose spot capacity goes: its load balancer does not hold the warning back, and two minutes are all it has. */
class TaskInterruptionTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final TaskDefinition DEFINITION = new TaskDefinition()
            .containerDefinitions(List.of(new ContainerDefinition().name("main").stopTimeout(120)));

    @Test
    void isWarnedWhileItIsRegisteredStill() {
        assertThat(plan("DEACTIVATING", NOW.plusSeconds(120), null, NOW)).isEqualTo(new Step.To("STOPPING"));
        assertThat(plan("DEACTIVATING", null, null, NOW)).isInstanceOf(Step.Wait.class);
    }

    @Test
    void isKilledAfterTwoMinutesAtTheLatest() {
        Instant last = NOW.plusSeconds(100);
        assertThat(plan("STOPPING", last, null, NOW)).isEqualTo(new Step.Signal("main"));
        assertThat(plan("STOPPING", last, NOW, NOW.plusSeconds(99))).isEqualTo(new Step.Wait(last));
        assertThat(plan("STOPPING", last, NOW, last)).isEqualTo(new Step.Kill("main"));
    }

    private static Step plan(String status, @Nullable Instant killAt, @Nullable Instant signalled, Instant now) {
        ContainerCourse course = ContainerCourse.waiting("main").started(NOW.minusSeconds(60));
        TaskRow row = new TaskRow(
                new Task()
                        .taskArn("arn:aws:ecs:us-east-1:111111111111:task/default/1")
                        .clusterArn("arn:aws:ecs:us-east-1:111111111111:cluster/default")
                        .lastStatus(status)
                        .desiredStatus("STOPPED")
                        .containers(List.of(new Container().name("main").lastStatus("RUNNING"))),
                new TaskRow.Means(null, "", "", null, null),
                new Course(
                        "eni-1",
                        "/ns",
                        List.of(signalled == null ? course : course.signalled(signalled)),
                        killAt,
                        false));
        Seen seen = new Seen(
                true,
                Map.of("main", new SeenContainer(true, 1, 0, false, "", NOW.minusSeconds(60), NOW.minusSeconds(60))));
        return TaskPlan.of(row, DEFINITION, seen, now, false);
    }
}
