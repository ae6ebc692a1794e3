package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.Task;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * What EventBridge hears of tasks: the task as describe tells it, with times in ISO 8601.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html">Task state change
 *     events</a>
 */
final class TaskEvents {
    private static final RecordCodecs.Json<Task> JSON = RecordCodecs.struct(new Task());

    private TaskEvents() {}

    static void tell(WriteTx tx, Scope scope, TaskRow row, Instant now) {
        String task = new String(JSON.encode(Copies.of(row.told())), StandardCharsets.UTF_8);
        // What the event has beside the task stands at its end.
        String detail = task.substring(0, task.length() - 1) + ",\"updatedAt\":\"" + now + "\"}";
        ServiceEvent.of("aws.ecs", "ECS Task State Change", now, List.of(row.arn()), detail)
                .emit(tx, scope);
    }
}
