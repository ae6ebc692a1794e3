package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.ExecuteCommandRequest;
import dev.haneul.api.ecs.TargetNotConnectedException;
import dev.haneul.api.runtime.Fault;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.util.List;
import java.util.Objects;

/**
 * What ExecuteCommand refuses.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html">ECS Exec</a>
 */
final class Execution {
    private Execution() {}

    /** Refuses what cannot be: no such container, a task that was not launched for it or does not run. */
    static void check(TaskRow row, ExecuteCommandRequest in) {
        if (!Boolean.TRUE.equals(in.interactive())) {
            throw EcsFaults.invalid("Interactive is the only mode supported currently.");
        }
        List<Container> all = row.told().containers();
        if (in.container() == null && all.size() > 1) {
            throw EcsFaults.invalid("The container name must be specified for a task with more than one container.");
        }
        Container container = all.stream()
                .filter(each -> in.container() == null || Objects.equals(in.container(), each.name()))
                .findFirst()
                .orElseThrow(() -> EcsFaults.invalid(
                        "The specified container name isn't valid. Specify a valid container name and try again."));
        if (!Boolean.TRUE.equals(row.told().enableExecuteCommand())) {
            throw EcsFaults.invalid("The execute command failed because execute command was not enabled when the task "
                    + "was run or the execute command agent isn’t running. Wait and try again or run a new task with "
                    + "execute command enabled and try again.");
        }
        if (!"RUNNING".equals(container.lastStatus())) {
            throw Fault.of(
                    new TargetNotConnectedException(),
                    "The execute command failed due to an internal error. Try again later.");
        }
    }
}
