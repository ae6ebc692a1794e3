package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.LogConfiguration;
import dev.haneul.api.logs.CreateLogGroupRequest;
import dev.haneul.api.logs.CreateLogStreamRequest;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.LogsClient;
import dev.haneul.api.logs.PutLogEventsRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The streams of containers with the log driver awslogs, written as the execution role.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html">awslogs</a>
 */
final class LogStreams {
    private final EcsRoom room;

    LogStreams(EcsRoom room) {
        this.room = room;
    }

    /** Where a container's lines go. */
    record Stream(String group, String name, String region) {}

    /** The stream of a container; empty where its lines go elsewhere. */
    static Optional<Stream> of(Scope scope, TaskRow row, ContainerDefinition container) {
        LogConfiguration logs = container.logConfiguration();
        if (logs == null || !"awslogs".equals(logs.logDriver())) {
            return Optional.empty();
        }
        Map<String, String> options = logs.options();
        String prefix = options.get("awslogs-stream-prefix");
        String name = prefix == null
                ? MetadataIds.container(row.id(), String.valueOf(container.name()))
                : prefix + "/" + container.name() + "/" + row.id();
        return Optional.of(new Stream(
                Objects.requireNonNull(options.get("awslogs-group")),
                name,
                options.getOrDefault("awslogs-region", scope.region())));
    }

    /**
     * Makes a container's stream, and its group where the options say so.
     *
     * @throws CannotStart where it cannot be made
     */
    void prepare(Scope scope, TaskRow row, ContainerDefinition container, @Nullable Principal executor)
            throws CannotStart {
        Stream stream = of(scope, row, container).orElse(null);
        if (stream == null) {
            return;
        }
        LogsClient logs = new LogsClient(room.caller());
        Call call = call(scope, stream, executor);
        boolean group = "true"
                .equals(Objects.requireNonNull(container.logConfiguration())
                        .options()
                        .get("awslogs-create-group"));
        try {
            if (group) {
                quietly(() -> logs.createLogGroup(new CreateLogGroupRequest().logGroupName(stream.group()), call));
            }
            quietly(() -> logs.createLogStream(
                    new CreateLogStreamRequest().logGroupName(stream.group()).logStreamName(stream.name()), call));
        } catch (Fault fault) {
            throw new CannotStart("ResourceInitializationError: failed to validate logger args: create stream has been "
                    + "retried 1 times: failed to create Cloudwatch log stream: " + fault.code() + ": "
                    + fault.message() + " : exit status 1");
        }
    }

    private static void quietly(Runnable creation) {
        try {
            creation.run();
        } catch (Fault fault) {
            if (!fault.code().equals("ResourceAlreadyExistsException")) {
                throw fault;
            }
        }
    }

    private Call call(Scope scope, Stream stream, @Nullable Principal executor) {
        return room.as(
                executor == null ? Principal.service(EcsRoom.HOST) : executor,
                new Scope(scope.account(), stream.region()));
    }

    /** Writes lines. */
    void put(Scope scope, Stream stream, @Nullable Principal executor, List<InputLogEvent> events) {
        new LogsClient(room.caller())
                .putLogEvents(
                        new PutLogEventsRequest()
                                .logGroupName(stream.group())
                                .logStreamName(stream.name())
                                .logEvents(events),
                        call(scope, stream, executor));
    }
}
