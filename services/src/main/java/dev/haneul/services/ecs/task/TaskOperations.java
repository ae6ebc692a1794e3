package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.cluster.ClusterOperations;
import dev.haneul.services.ecs.cluster.Clusters;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tasks: run, started, stopped, told of.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html">Task
 *     lifecycle</a>
 */
public interface TaskOperations extends EcsApi {
    int MOST_TASKS = 100;
    int MOST_REASON = 1024;
    int USUAL_PROTECTION = 120;
    int MOST_PROTECTION = 2880;

    EcsRoom room();

    Tasks tasks();

    @Override
    default RunTaskResponse runTask(RunTaskRequest in, Call call) {
        return new RunTask(room(), tasks()).run(in, call);
    }

    @Override
    default StartTaskResponse startTask(StartTaskRequest in, Call call) {
        return new RunTask(room(), tasks()).start(in, call);
    }

    @Override
    default StopTaskResponse stopTask(StopTaskRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String reason = Objects.requireNonNullElse(in.reason(), "Task stopped by user");
        if (reason.length() > MOST_REASON) {
            throw EcsFaults.invalid("reason can have at most " + MOST_REASON + " characters.");
        }
        return room().change(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            TaskRow row = Tasks.find(tx, scope, String.valueOf(in.task()))
                    .filter(each -> each.cluster().equals(cluster.name()))
                    .orElseThrow(() -> EcsFaults.invalid("The referenced task was not found."));
            TaskRow stopped =
                    tasks().stop(tx, scope, row.arn(), "UserInitiated", reason).orElseThrow();
            return new StopTaskResponse().task(told(tx, scope, stopped, true));
        });
    }

    /** A task as describe tells it. */
    static Task told(ReadTx tx, Scope scope, TaskRow row, boolean tags) {
        return Copies.of(row.told())
                .tags(
                        tags
                                ? EcsTables.told(EcsTags.of(tx, scope, "task/" + row.cluster() + "/" + row.id()))
                                : List.of());
    }

    @Override
    default DescribeTasksResponse describeTasks(DescribeTasksRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        if (in.tasks().isEmpty() || in.tasks().size() > MOST_TASKS) {
            throw EcsFaults.invalid(
                    in.tasks().isEmpty()
                            ? "Tasks cannot be empty."
                            : "Tasks can have at most " + MOST_TASKS + " items.");
        }
        boolean tags = in.include().contains("TAGS");
        return room().read(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            List<Task> found = new ArrayList<>();
            List<Failure> failures = new ArrayList<>();
            for (String each : in.tasks()) {
                TaskRow row = Tasks.find(tx, scope, each)
                        .filter(task -> task.cluster().equals(cluster.name()))
                        .orElse(null);
                if (row == null) {
                    failures.add(missing(scope, cluster, each));
                } else {
                    found.add(told(tx, scope, row, tags));
                }
            }
            return new DescribeTasksResponse().tasks(found).failures(failures);
        });
    }

    private static Failure missing(Scope scope, ClusterRow cluster, String task) {
        String arn = task.startsWith("arn:") ? task : EcsRoom.arn(scope, "task/" + cluster.name() + "/" + task);
        return new Failure().arn(arn).reason("MISSING");
    }

    @Override
    default ListTasksResponse listTasks(ListTasksRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String desired = Objects.requireNonNullElse(in.desiredStatus(), "RUNNING");
        List<TaskRow> found = room().read(tx -> {
            String cluster = Clusters.require(tx, scope, in.cluster()).name();
            List<TaskRow> all = in.serviceName() == null
                    ? Tasks.of(tx, scope, cluster)
                    : Tasks.ofGroup(tx, scope, cluster, "service:" + last(in.serviceName()));
            return all.stream()
                    .filter(row -> desired.equals(row.desiredStatus()))
                    .filter(row -> in.family() == null || in.family().equals(family(row)))
                    .filter(row -> in.startedBy() == null
                            || in.startedBy().equals(row.told().startedBy()))
                    .filter(row -> in.launchType() == null
                            || in.launchType().equals(row.told().launchType()))
                    .filter(row -> in.containerInstance() == null
                            || last(in.containerInstance()).equals(row.instance()))
                    .toList();
        });
        String question = "ListTasks/" + scope + in.cluster() + desired + in.serviceName() + in.family()
                + in.startedBy() + in.launchType() + in.containerInstance();
        Page<TaskRow> page = room().pager()
                .list(
                        found,
                        TaskRow::id,
                        question,
                        in.nextToken(),
                        ClusterOperations.limit(in.maxResults(), MOST_TASKS));
        return new ListTasksResponse()
                .taskArns(page.items().stream().map(TaskRow::arn).toList())
                .nextToken(page.next());
    }

    @Override
    default ExecuteCommandResponse executeCommand(ExecuteCommandRequest in, Call call) {
        return new Execution(room()).run(in, call);
    }

    private static String last(String arnOrName) {
        return arnOrName.substring(arnOrName.lastIndexOf('/') + 1);
    }

    private static String family(TaskRow row) {
        String name = last(Objects.requireNonNull(row.told().taskDefinitionArn()));
        return name.substring(0, name.lastIndexOf(':'));
    }

    @Override
    default UpdateTaskProtectionResponse updateTaskProtection(UpdateTaskProtectionRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        boolean on = Boolean.TRUE.equals(in.protectionEnabled());
        int minutes = Objects.requireNonNullElse(in.expiresInMinutes(), USUAL_PROTECTION);
        if (minutes < 1 || minutes > MOST_PROTECTION) {
            throw EcsFaults.invalid("expiresInMinutes must be between 1 and " + MOST_PROTECTION + ".");
        }
        Instant until = on ? room().now().plus(Duration.ofMinutes(minutes)) : null;
        return room().change(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            List<ProtectedTask> changed = new ArrayList<>();
            List<Failure> failures = new ArrayList<>();
            for (String each : in.tasks()) {
                TaskRow row = Tasks.find(tx, scope, each)
                        .filter(task -> task.cluster().equals(cluster.name()))
                        .orElse(null);
                if (row == null) {
                    failures.add(missing(scope, cluster, each));
                } else if (row.means().service() == null || "STOPPED".equals(row.desiredStatus())) {
                    failures.add(new Failure().arn(row.arn()).reason("TASK_NOT_VALID"));
                } else {
                    TaskRow next = protect(row, until);
                    tx.put(EcsTables.TASKS, scope.key(row.id()), next);
                    changed.add(shield(next, room().now()));
                }
            }
            return new UpdateTaskProtectionResponse().protectedTasks(changed).failures(failures);
        });
    }

    private static TaskRow protect(TaskRow row, @Nullable Instant until) {
        TaskRow.Means means = row.means();
        return row.with(new TaskRow.Means(
                means.network(), means.credentials(), means.executionCredentials(), means.service(), until));
    }

    private static ProtectedTask shield(TaskRow row, Instant now) {
        Instant until = row.means().protectedUntil();
        boolean on = until != null && now.isBefore(until);
        return new ProtectedTask().taskArn(row.arn()).protectionEnabled(on).expirationDate(on ? until : null);
    }

    @Override
    default GetTaskProtectionResponse getTaskProtection(GetTaskProtectionRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        return room().read(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            List<ProtectedTask> found = new ArrayList<>();
            List<Failure> failures = new ArrayList<>();
            for (String each : in.tasks()) {
                TaskRow row = Tasks.find(tx, scope, each)
                        .filter(task -> task.cluster().equals(cluster.name()))
                        .orElse(null);
                if (row == null) {
                    failures.add(missing(scope, cluster, each));
                } else {
                    found.add(shield(row, room().now()));
                }
            }
            return new GetTaskProtectionResponse().protectedTasks(found).failures(failures);
        });
    }
}
