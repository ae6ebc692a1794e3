package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.ClusterConfiguration;
import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.ExecuteCommandConfiguration;
import dev.haneul.api.ecs.ExecuteCommandRequest;
import dev.haneul.api.ecs.ExecuteCommandResponse;
import dev.haneul.api.ecs.Session;
import dev.haneul.api.ecs.TargetNotConnectedException;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.ssm.SsmClient;
import dev.haneul.api.ssm.StartSessionRequest;
import dev.haneul.api.ssm.StartSessionResponse;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.cluster.Clusters;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * ExecuteCommand: a session of Session Manager's, started for who asked.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html">ECS Exec</a>
 */
final class Execution {
    private static final String DOCUMENT = "AmazonECS-ExecuteInteractiveCommand";

    private final EcsRoom room;

    Execution(EcsRoom room) {
        this.room = room;
    }

    private record Found(ClusterRow cluster, TaskRow task, Container container) {}

    ExecuteCommandResponse run(ExecuteCommandRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        Found found = room.read(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            TaskRow row = Tasks.find(tx, scope, String.valueOf(in.task()))
                    .filter(each -> each.cluster().equals(cluster.name()))
                    .orElseThrow(() -> EcsFaults.invalid("The referenced task was not found."));
            return new Found(cluster, row, check(row, in));
        });
        refuseKey(found.cluster());
        StartSessionResponse session;
        try {
            session = new SsmClient(room.caller())
                    .startSession(
                            new StartSessionRequest()
                                    .target(TaskSessions.name(found.cluster(), found.task(), found.container()))
                                    .documentName(DOCUMENT)
                                    .parameters(Map.of("command", List.of(String.valueOf(in.command())))),
                            call.as(OnBehalf.of(EcsRoom.HOST, call.principal())));
        } catch (Fault fault) {
            throw fault.code().equals("TargetNotConnected") ? notConnected() : fault;
        }
        return new ExecuteCommandResponse()
                .clusterArn(found.cluster().told().clusterArn())
                .taskArn(found.task().arn())
                .containerArn(found.container().containerArn())
                .containerName(found.container().name())
                .interactive(true)
                .session(new Session()
                        .sessionId(session.sessionId())
                        .streamUrl(session.streamUrl())
                        .tokenValue(session.tokenValue()));
    }

    /** A session must not go unencrypted where the cluster says that it is encrypted. */
    private static void refuseKey(ClusterRow cluster) {
        String key = Optional.ofNullable(cluster.told().configuration())
                .map(ClusterConfiguration::executeCommandConfiguration)
                .map(ExecuteCommandConfiguration::kmsKeyId)
                .orElse(null);
        if (key != null) {
            throw EcsFaults.unbuilt("ExecuteCommand's encryption by a KMS key (executeCommandConfiguration.kmsKeyId)");
        }
    }

    private static Fault notConnected() {
        return Fault.of(
                new TargetNotConnectedException(),
                "The execute command failed due to an internal error. Try again later.");
    }

    /** Refuses what cannot be: no such container, a task that was not launched for it or does not run. */
    private static Container check(TaskRow row, ExecuteCommandRequest in) {
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
            throw notConnected();
        }
        return container;
    }
}
