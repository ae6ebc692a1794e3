package dev.haneul.services.ecs.instance;

import dev.haneul.api.ecs.ContainerInstance;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.InstanceRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.task.Tasks;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Container instances changed and removed, and EventBridge told of it. */
final class InstanceChanges {
    private static final RecordCodecs.Json<ContainerInstance> JSON = RecordCodecs.struct(new ContainerInstance());

    private InstanceChanges() {}

    static InstanceRow put(WriteTx tx, Scope scope, EcsRoom room, InstanceRow row) {
        ContainerInstance told = Copies.of(row.told());
        told.version(Objects.requireNonNullElse(told.version(), 0L) + 1);
        InstanceRow next = row.with(told);
        tx.put(EcsTables.INSTANCES, scope.key(next.id()), next);
        tell(tx, scope, room, next);
        return next;
    }

    /** Removes an instance; tasks that are still on it are stopped. */
    static void remove(WriteTx tx, Scope scope, EcsRoom room, Tasks tasks, InstanceRow row, String why) {
        for (TaskRow task : Instances.tasks(tx, scope, row)) {
            tasks.stop(tx, scope, task.arn(), "TerminationNotice", why);
        }
        tell(tx, scope, room, row.with(Copies.of(row.told()).status("INACTIVE").agentConnected(false)));
        tx.delete(EcsTables.INSTANCES, scope.key(row.id()));
        EcsTags.forget(tx, scope, "container-instance/" + row.cluster() + "/" + row.id());
    }

    private static void tell(WriteTx tx, Scope scope, EcsRoom room, InstanceRow row) {
        ContainerInstance told = Copies.of(Instances.told(tx, scope, row));
        String text = new String(JSON.encode(told), StandardCharsets.UTF_8);
        String detail = text.substring(0, text.length() - 1) + ",\"clusterArn\":\""
                + EcsRoom.arn(scope, "cluster/" + row.cluster()) + "\",\"updatedAt\":\"" + room.now() + "\"}";
        ServiceEvent.of("aws.ecs", "ECS Container Instance State Change", room.now(), List.of(row.arn()), detail)
                .emit(tx, scope);
    }
}
