package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.Failure;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.util.List;

/**
 * What came of a launch: a task or a failure for each that was asked for.
 *
 * @param tasks in the order in which they were asked for
 * @param failures e.g. {@code RESOURCE:MEMORY}
 */
public record Launched(List<TaskRow> tasks, List<Failure> failures) {
    public Launched {
        tasks = List.copyOf(tasks);
        failures = List.copyOf(failures);
    }

    public List<String> arns() {
        return tasks.stream().map(TaskRow::arn).toList();
    }
}
