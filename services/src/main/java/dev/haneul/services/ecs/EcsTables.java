package dev.haneul.services.ecs;

import dev.haneul.api.ecs.AwsVpcConfiguration;
import dev.haneul.api.ecs.CapacityProvider;
import dev.haneul.api.ecs.Cluster;
import dev.haneul.api.ecs.ContainerInstance;
import dev.haneul.api.ecs.Tag;
import dev.haneul.api.ecs.Task;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is kept of clusters, task definitions, tasks and container instances. Services keep their own tables. */
public final class EcsTables {
    /** By the cluster's name. */
    public static final String CLUSTER = "cluster";
    /** Tasks by cluster and group: {@code NAME/service:web}. */
    public static final String GROUP = "group";
    /** Tasks by cluster and who started them: {@code NAME/ecs-svc/123}. */
    public static final String STARTED_BY = "started_by";
    /** Tasks that are not yet forgotten and not yet at rest. */
    public static final String OPEN = "open";
    /** Tasks by the id of their container instance. */
    public static final String INSTANCE = "instance";
    /** Definitions by family. */
    public static final String FAMILY = "family";

    private static final int PAGE = 1000;

    /** Clusters by name. */
    public static final Table<ClusterRow> CLUSTERS = Table.of("ecs.cluster", RecordCodecs.of(ClusterRow.class));

    /** Task definitions by {@link #definition}. */
    public static final Table<DefinitionRow> DEFINITIONS = Table.of(
            "ecs.task_definition",
            RecordCodecs.of(DefinitionRow.class),
            new Table.Index<>(FAMILY, row -> List.of(row.family())));

    /** Which revision of a family came last. */
    public static final Table<FamilyRow> FAMILIES = Table.of("ecs.family", RecordCodecs.of(FamilyRow.class));

    /** Tasks by id. */
    public static final Table<TaskRow> TASKS = Table.of(
            "ecs.task",
            RecordCodecs.of(TaskRow.class),
            new Table.Index<>(CLUSTER, row -> List.of(row.cluster())),
            new Table.Index<>(GROUP, row -> List.of(row.cluster() + "/" + row.group())),
            new Table.Index<>(
                    STARTED_BY,
                    row -> row.told().startedBy() == null
                            ? List.of()
                            : List.of(row.cluster() + "/" + row.told().startedBy())),
            new Table.Index<>(INSTANCE, row -> row.instance() == null ? List.of() : List.of(row.instance())),
            new Table.Index<>(OPEN, row -> row.course().cleared() ? List.of() : List.of("yes")));

    /** Container instances by id. */
    public static final Table<InstanceRow> INSTANCES = Table.of(
            "ecs.container_instance",
            RecordCodecs.of(InstanceRow.class),
            new Table.Index<>(CLUSTER, row -> List.of(row.cluster())));

    /** Capacity providers that accounts made, by name. */
    public static final Table<ProviderRow> PROVIDERS =
            Table.of("ecs.capacity_provider", RecordCodecs.of(ProviderRow.class));

    /** Tags by the resource part of the ARN, e.g. {@code cluster/default}. */
    public static final Table<TagRow> TAGS = Table.of("ecs.tags", RecordCodecs.of(TagRow.class));

    /** Account settings by {@code name/principal}; the principal {@code default} stands for everybody. */
    public static final Table<SettingRow> SETTINGS = Table.of("ecs.setting", RecordCodecs.of(SettingRow.class));

    private EcsTables() {}

    static List<Table<?>> all() {
        return List.of(CLUSTERS, DEFINITIONS, FAMILIES, TASKS, INSTANCES, PROVIDERS, TAGS, SETTINGS);
    }

    /**
     * A cluster.
     *
     * @param told what describe tells but counts and tags; status ACTIVE or INACTIVE
     */
    public record ClusterRow(Cluster told) {
        public String name() {
            return Objects.requireNonNull(told.clusterName());
        }

        public boolean active() {
            return "ACTIVE".equals(told.status());
        }
    }

    /** A revision of a task definition, as describe tells it; status ACTIVE, INACTIVE or DELETE_IN_PROGRESS. */
    public record DefinitionRow(TaskDefinition told) {
        public String family() {
            return Objects.requireNonNull(told.family());
        }

        public int revision() {
            return Objects.requireNonNull(told.revision());
        }

        public String arn() {
            return Objects.requireNonNull(told.taskDefinitionArn());
        }

        public boolean active() {
            return "ACTIVE".equals(told.status());
        }
    }

    /** The revision a family had last; the next one is one more, whatever was deleted. */
    public record FamilyRow(int last) {}

    /**
     * A task.
     *
     * @param told what describe tells but tags: states, containers, attachments, times, why it stopped
     * @param means what it was launched with
     * @param course how far its containers are
     */
    public record TaskRow(Task told, Means means, Course course) {
        /**
         * What it was launched with.
         *
         * @param network subnets, groups and whether it has a public address; null in other modes than awsvpc
         * @param credentials the id under which its role's credentials are asked for, a UUID; empty without a role
         * @param executionCredentials the id for its execution role; empty without one
         * @param service the service it belongs to, null for none
         * @param protectedUntil no scale-in or deployment stops it before; null unprotected
         */
        public record Means(
                @Nullable AwsVpcConfiguration network,
                String credentials,
                String executionCredentials,
                @Nullable String service,
                @Nullable Instant protectedUntil) {}

        public String id() {
            String arn = arn();
            return arn.substring(arn.lastIndexOf('/') + 1);
        }

        public String arn() {
            return Objects.requireNonNull(told.taskArn());
        }

        /** The cluster's name. */
        public String cluster() {
            String arn = Objects.requireNonNull(told.clusterArn());
            return arn.substring(arn.lastIndexOf('/') + 1);
        }

        public String group() {
            return Objects.requireNonNullElse(told.group(), "");
        }

        public String lastStatus() {
            return Objects.requireNonNull(told.lastStatus());
        }

        /** RUNNING or STOPPED. */
        public String desiredStatus() {
            return Objects.requireNonNull(told.desiredStatus());
        }

        /** The id of its container instance; null on Fargate. */
        public @Nullable String instance() {
            String arn = told.containerInstanceArn();
            return arn == null ? null : arn.substring(arn.lastIndexOf('/') + 1);
        }

        public boolean stopped() {
            return "STOPPED".equals(lastStatus());
        }

        public TaskRow with(Task next) {
            return new TaskRow(next, means, course);
        }

        public TaskRow with(Course next) {
            return new TaskRow(told, means, next);
        }

        public TaskRow with(Means next) {
            return new TaskRow(told, next, course);
        }
    }

    /**
     * How far a task's containers are.
     *
     * @param eni its network interface; null before there is one, and without awsvpc
     * @param namespace a path that opens its network namespace; null before its pod stands
     * @param containers by the definition's order
     * @param killAt when an interrupted task's containers are killed at the latest; null where it was not interrupted
     * @param cleared whether nothing of it is left on this machine
     */
    public record Course(
            @Nullable String eni,
            @Nullable String namespace,
            List<ContainerCourse> containers,
            @Nullable Instant killAt,
            boolean cleared) {
        public Course eni(@Nullable String value) {
            return new Course(value, namespace, containers, killAt, cleared);
        }

        public Course namespace(@Nullable String value) {
            return new Course(eni, value, containers, killAt, cleared);
        }

        public Course containers(List<ContainerCourse> value) {
            return new Course(eni, namespace, value, killAt, cleared);
        }

        public Course killAt(@Nullable Instant value) {
            return new Course(eni, namespace, containers, value, cleared);
        }

        public Course cleared(boolean value) {
            return new Course(eni, namespace, containers, killAt, value);
        }
    }

    /** Where a container is. */
    public enum Phase {
        /** Not started: what it depends on is not there yet. */
        WAITING,
        /** Runs. */
        STARTED,
        /** Ended, and will not be started again. */
        EXITED
    }

    /**
     * How far one container is.
     *
     * @param attempt how often it was started; its workload is named {@code NAME-ATTEMPT}
     * @param startedAt when it was started last; null before
     * @param signalledAt when it was asked to end; null where it was not
     * @param probedAt when its health check ran last; null before
     * @param probesFailed how many health checks failed in a row
     * @param health UNKNOWN, HEALTHY or UNHEALTHY
     */
    public record ContainerCourse(
            String name,
            Phase phase,
            int attempt,
            @Nullable Instant startedAt,
            @Nullable Instant signalledAt,
            @Nullable Instant probedAt,
            int probesFailed,
            String health,
            @Nullable Integer exitCode) {
        public static ContainerCourse waiting(String name) {
            return new ContainerCourse(name, Phase.WAITING, 0, null, null, null, 0, "UNKNOWN", null);
        }

        public ContainerCourse started(Instant now) {
            return new ContainerCourse(name, Phase.STARTED, attempt + 1, now, null, null, 0, "UNKNOWN", exitCode);
        }

        public ContainerCourse exited(@Nullable Integer code) {
            return new ContainerCourse(
                    name, Phase.EXITED, attempt, startedAt, signalledAt, probedAt, probesFailed, health, code);
        }

        public ContainerCourse signalled(Instant now) {
            return new ContainerCourse(name, phase, attempt, startedAt, now, probedAt, probesFailed, health, exitCode);
        }

        public ContainerCourse probed(Instant now, int failed, String found) {
            return new ContainerCourse(name, phase, attempt, startedAt, signalledAt, now, failed, found, exitCode);
        }
    }

    /**
     * A container instance.
     *
     * @param told what describe tells but remaining resources, counts and tags
     * @param eni the primary interface of its EC2 instance, by which its agent is known; empty for others
     * @param seenAt when its agent was heard of last
     */
    public record InstanceRow(ContainerInstance told, String cluster, String eni, Instant seenAt) {
        public String arn() {
            return Objects.requireNonNull(told.containerInstanceArn());
        }

        public String id() {
            return arn().substring(arn().lastIndexOf('/') + 1);
        }

        public InstanceRow with(ContainerInstance next) {
            return new InstanceRow(next, cluster, eni, seenAt);
        }
    }

    /** A capacity provider, as describe tells it. */
    public record ProviderRow(CapacityProvider told) {}

    /** Tags of one resource, in the order of their keys. */
    public record TagRow(Map<String, String> tags) {}

    /** The value of an account setting. */
    public record SettingRow(String name, String value, String principal) {}

    /** The id of a revision: in order of family, then number. */
    public static String definition(String family, int revision) {
        return family + "/" + String.format(Locale.ROOT, "%010d", revision);
    }

    /** The id of the revision that {@code FAMILY:NUMBER} names; empty where it names none. */
    public static Optional<String> reference(String familyAndRevision) {
        int colon = familyAndRevision.lastIndexOf(':');
        String number = familyAndRevision.substring(colon + 1);
        return colon < 1 || !number.matches("[0-9]{1,9}")
                ? Optional.empty()
                : Optional.of(definition(familyAndRevision.substring(0, colon), Integer.parseInt(number)));
    }

    /** Every record of a table in an account and region, in order of id. */
    public static <R> List<R> every(ReadTx tx, Table<R> table, Scope scope) {
        List<R> found = new ArrayList<>();
        String from = "";
        while (true) {
            List<Row<R>> rows = tx.range(table, scope, from, null, PAGE);
            rows.forEach(row -> found.add(row.value()));
            if (rows.size() < PAGE) {
                return found;
            }
            from = rows.getLast().key().id() + "\u0000";
        }
    }

    /** Every record whose index holds this value, in order of id. */
    public static <R> List<R> every(ReadTx tx, Table<R> table, Scope scope, String index, String value) {
        List<R> found = new ArrayList<>();
        String after = "";
        while (true) {
            List<Row<R>> rows = tx.find(table, scope, index, value, after, PAGE);
            rows.forEach(row -> found.add(row.value()));
            if (rows.size() < PAGE) {
                return found;
            }
            after = rows.getLast().key().id();
        }
    }

    /** The keys of everything whose index holds this value, in every account and region. */
    public static <R> List<Key> everywhere(ReadTx tx, Table<R> table, String index, String value) {
        List<Key> found = new ArrayList<>();
        Key after = null;
        while (true) {
            List<Row<R>> rows = tx.findAnywhere(table, index, value, after, PAGE);
            rows.forEach(row -> found.add(row.key()));
            if (rows.size() < PAGE) {
                return found;
            }
            after = rows.getLast().key();
        }
    }

    /** Tags as the API tells them. */
    public static List<Tag> told(Map<String, String> tags) {
        return tags.entrySet().stream()
                .map(each -> new Tag().key(each.getKey()).value(each.getValue()))
                .toList();
    }
}
