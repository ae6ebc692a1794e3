package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.ClusterConfiguration;
import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.ExecuteCommandConfiguration;
import dev.haneul.api.ecs.ExecuteCommandLogConfiguration;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.logs.CreateLogStreamRequest;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.LogsClient;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.cluster.Clusters;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the cluster's configuration says that the output of commands goes, brought there as the task's role.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec-logging.html">Logging</a>
 */
final class SessionLogs {
    private static final System.Logger LOG = System.getLogger(SessionLogs.class.getName());
    private static final int MOST_EVENT = 250 * 1024;

    private final EcsRoom room;
    private final TaskRoles roles;

    SessionLogs(EcsRoom room, TaskRoles roles) {
        this.room = room;
        this.roles = roles;
    }

    /** A log group, a bucket, or both. */
    record Destination(
            @Nullable String group, String region, @Nullable String bucket, String prefix) {}

    /** Where a container's sessions are kept; empty where they are not. */
    Optional<Destination> destination(Scope scope, TaskRow row, TaskDefinition definition, String container) {
        ExecuteCommandConfiguration said = room.read(tx -> Clusters.find(tx, scope, row.cluster()))
                .map(cluster -> cluster.told().configuration())
                .map(ClusterConfiguration::executeCommandConfiguration)
                .orElse(null);
        String how = said == null ? "DEFAULT" : Objects.requireNonNullElse(said.logging(), "DEFAULT");
        return switch (how) {
            case "NONE" -> Optional.empty();
            case "OVERRIDE" -> overridden(scope, Objects.requireNonNull(said).logConfiguration());
            default -> usual(scope, row, definition, container);
        };
    }

    private static Optional<Destination> overridden(Scope scope, @Nullable ExecuteCommandLogConfiguration logs) {
        if (logs == null || logs.cloudWatchLogGroupName() == null && logs.s3BucketName() == null) {
            return Optional.empty();
        }
        String prefix = Objects.requireNonNullElse(logs.s3KeyPrefix(), "");
        return Optional.of(new Destination(logs.cloudWatchLogGroupName(), scope.region(), logs.s3BucketName(), prefix));
    }

    /** Beside the container's own lines, where it has the log driver awslogs. */
    private static Optional<Destination> usual(Scope scope, TaskRow row, TaskDefinition definition, String container) {
        return definition.containerDefinitions().stream()
                .filter(each -> container.equals(each.name()))
                .findFirst()
                .flatMap((ContainerDefinition each) -> LogStreams.of(scope, row, each))
                .map(stream -> new Destination(stream.group(), stream.region(), null, ""));
    }

    /** Brings a session's output. Where Logs or S3 refuses, it is lost, as on AWS. */
    void bring(Scope scope, TaskRow row, TaskDefinition definition, Destination to, String session, Path transcript) {
        String role = TaskReadiness.taskRole(row, definition);
        if (role == null) {
            return;
        }
        try {
            Principal who =
                    roles.of(scope, TaskReadiness.arn(scope, role), row.id()).principal();
            if (to.group() != null) {
                write(scope, to, to.group(), who, session, transcript);
            }
            if (to.bucket() != null) {
                put(scope, to, to.bucket(), who, session, transcript);
            }
        } catch (Fault | IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the output of " + session + " is lost: " + e.getMessage());
        }
    }

    private void write(Scope scope, Destination to, String group, Principal who, String session, Path transcript)
            throws IOException {
        Scope there = new Scope(scope.account(), to.region());
        new LogsClient(room.caller())
                .createLogStream(
                        new CreateLogStreamRequest().logGroupName(group).logStreamName(session), room.as(who, there));
        LogStreams streams = new LogStreams(room);
        LogStreams.Stream stream = new LogStreams.Stream(group, session, to.region());
        try (InputStream in = new BufferedInputStream(Files.newInputStream(transcript))) {
            for (byte[] part = in.readNBytes(MOST_EVENT); part.length > 0; part = in.readNBytes(MOST_EVENT)) {
                InputLogEvent event = new InputLogEvent()
                        .timestamp(room.now().toEpochMilli())
                        .message(new String(part, StandardCharsets.UTF_8));
                streams.put(scope, stream, who, List.of(event));
            }
        }
    }

    private void put(Scope scope, Destination to, String bucket, Principal who, String session, Path transcript)
            throws IOException {
        String key = (to.prefix().isEmpty() || to.prefix().endsWith("/") ? to.prefix() : to.prefix() + "/") + session
                + ".log";
        try (InputStream in = Files.newInputStream(transcript)) {
            new S3Client(room.caller())
                    .putObject(
                            new PutObjectRequest()
                                    .bucket(bucket)
                                    .key(key)
                                    .contentType("text/plain")
                                    .metadata(Map.of())
                                    .contentLength(Files.size(transcript))
                                    .body(Body.of(in, Files.size(transcript))),
                            room.as(who, scope));
        }
    }
}
