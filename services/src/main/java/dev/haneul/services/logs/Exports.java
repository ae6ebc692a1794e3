package dev.haneul.services.logs;

import dev.haneul.api.logs.CreateExportTaskRequest;
import dev.haneul.api.logs.DescribeExportTasksRequest;
import dev.haneul.api.logs.DescribeExportTasksResponse;
import dev.haneul.api.logs.ExportTask;
import dev.haneul.api.logs.ExportTaskExecutionInfo;
import dev.haneul.api.logs.ExportTaskStatus;
import dev.haneul.api.logs.InvalidOperationException;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.services.logs.ProtectionTables.ExportRow;
import dev.haneul.storage.Segments;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Export tasks: a group's events as gzip files in a bucket, one folder per stream. The bucket's policy decides whether
 * CloudWatch Logs may write there.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html">Exporting log data to Amazon S3</a>
 */
final class Exports implements Reconciler<Key> {
    private static final int PAGE = 50;
    private static final int CHUNK_EVENTS = 10_000;
    private static final int CHUNK_BYTES = 8 << 20;
    /** Events of one file, before they are compressed. */
    private static final int FILE_BYTES = 64 << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final LogsContext logs;
    private final Pager pager;
    private final S3Client s3;
    private Driver.@Nullable Waker<Key> waker;

    Exports(LogsContext logs, Pager pager, Caller neighbours) {
        this.logs = logs;
        this.pager = pager;
        this.s3 = new S3Client(neighbours);
    }

    void join(Driver driver) {
        Driver.Waker<Key> joined = driver.add(this, 1);
        waker = joined;
        logs.store().read(tx -> tx.findAnywhere(ProtectionTables.EXPORTS, "open", "yes", null, PAGE)).stream()
                .map(Row::key)
                .forEach(joined::wake);
    }

    String create(CreateExportTaskRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        if (in.from() >= in.to()) {
            throw LogsFaults.invalid("The specified time range is not valid: from must be before to.");
        }
        logs.store().read(tx -> LogsContext.group(tx, scope, in.logGroupName()));
        String id = UUID.randomUUID().toString();
        String prefix = in.destinationPrefix() == null || in.destinationPrefix().isEmpty()
                ? "exportedlogs"
                : in.destinationPrefix();
        ExportTask task = new ExportTask()
                .taskId(id)
                .taskName(in.taskName())
                .logGroupName(in.logGroupName())
                .from(in.from())
                .to(in.to())
                .destination(in.destination())
                .destinationPrefix(prefix)
                .status(new ExportTaskStatus().code("PENDING"))
                .executionInfo(new ExportTaskExecutionInfo().creationTime(logs.nowMillis()));
        try {
            put(
                    scope,
                    in.destination(),
                    prefix + "/aws-logs-write-test",
                    "Permission Check Successful".getBytes(StandardCharsets.UTF_8));
        } catch (Fault refused) {
            if (refused.status() >= 500) {
                throw refused;
            }
            throw LogsFaults.invalid(
                    refused.code().equals("NoSuchBucket")
                            ? "The specified bucket does not exist"
                            : "PutObject call on the given bucket failed. Please check if CloudWatch Logs has been granted"
                                    + " permission to perform this operation.");
        }
        logs.store().write(tx -> {
            if (!tx.find(ProtectionTables.EXPORTS, scope, "open", "yes", "", 1).isEmpty()) {
                throw LogsFaults.limit("Resource limit exceeded.");
            }
            tx.put(ProtectionTables.EXPORTS, scope.key(id), new ExportRow(task, in.logStreamNamePrefix()));
        });
        Driver.Waker<Key> driver = waker;
        if (driver != null) {
            driver.wake(scope.key(id));
        }
        return id;
    }

    DescribeExportTasksResponse describe(DescribeExportTasksRequest in, Call call) {
        Scope scope = LogsContext.scope(call);
        int limit = in.limit() == null ? PAGE : Math.min(in.limit(), PAGE);
        Page<ExportRow> page = logs.store()
                .read(tx -> pager.rows(
                        tx,
                        ProtectionTables.EXPORTS,
                        scope,
                        row -> (in.taskId() == null
                                        || in.taskId().equals(row.task().taskId()))
                                && (in.statusCode() == null || in.statusCode().equals(code(row))),
                        "exports " + scope + in.taskId() + in.statusCode(),
                        in.nextToken(),
                        limit));
        return new DescribeExportTasksResponse()
                .exportTasks(page.items().stream().map(ExportRow::task).toList())
                .nextToken(page.next());
    }

    void cancel(String taskId, Call call) {
        Key key = LogsContext.scope(call).key(taskId);
        logs.store().write(tx -> {
            ExportRow row = tx.get(ProtectionTables.EXPORTS, key)
                    .map(Row::value)
                    .orElseThrow(() -> LogsFaults.notFound("The specified export task does not exist."));
            if (!row.open()) {
                throw Fault.of(
                        new InvalidOperationException(),
                        "The specified export task has already finished and cannot be cancelled");
            }
            tx.put(ProtectionTables.EXPORTS, key, ended(row, "CANCELLED", "Cancelled by user"));
        });
    }

    @Override
    public String name() {
        return "logs.exports";
    }

    @Override
    public Next reconcile(Key key) {
        Optional<ExportRow> found =
                logs.store().read(tx -> tx.get(ProtectionTables.EXPORTS, key)).map(Row::value);
        if (found.isEmpty() || !found.get().open()) {
            return Next.DONE;
        }
        String code = "COMPLETED";
        String message = "Completed successfully";
        try {
            if (!export(key, found.get())) {
                return Next.DONE;
            }
        } catch (Fault refused) {
            code = "FAILED";
            message = refused.message();
        } catch (IOException e) {
            code = "FAILED";
            message = "The events could not be read.";
            System.getLogger(Exports.class.getName()).log(System.Logger.Level.WARNING, "an export failed", e);
        }
        String how = code;
        String why = message;
        logs.store()
                .write(tx -> tx.get(ProtectionTables.EXPORTS, key)
                        .filter(row -> row.value().open())
                        .ifPresent(row -> tx.put(ProtectionTables.EXPORTS, key, ended(row.value(), how, why))));
        return Next.DONE;
    }

    /** False where the task was cancelled meanwhile. */
    private boolean export(Key key, ExportRow row) throws IOException {
        ExportTask task = row.task();
        String group = String.valueOf(task.logGroupName());
        List<StreamRow> streams = logs.store().read(tx -> {
            LogsContext.group(tx, key.scope(), group);
            return LogsContext.streams(tx, key.scope(), group, row.streams() == null ? "" : row.streams());
        });
        for (StreamRow stream : streams) {
            boolean open = logs.store()
                    .read(tx -> tx.get(ProtectionTables.EXPORTS, key))
                    .filter(now -> now.value().open())
                    .isPresent();
            if (!open) {
                return false;
            }
            write(key.scope(), task, stream);
        }
        return true;
    }

    private void write(Scope scope, ExportTask task, StreamRow stream) throws IOException {
        String folder = task.destinationPrefix() + "/" + task.taskId() + "/"
                + stream.name().replace('/', '-') + "/";
        long from = Objects.requireNonNull(task.from());
        long to = Objects.requireNonNull(task.to());
        long at = 0;
        int file = 0;
        boolean end = false;
        while (!end) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            long plain = 0;
            try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
                while (!end && plain < FILE_BYTES) {
                    Segments.Want want = new Segments.Want(from, to, CHUNK_EVENTS, CHUNK_BYTES);
                    Segments.Chunk chunk = logs.segments().forward(stream.log(), at, want);
                    for (Segments.Entry entry : chunk.entries()) {
                        byte[] line = line(LogEvent.of(entry));
                        plain += line.length;
                        zip.write(line);
                    }
                    at = chunk.next();
                    end = chunk.end();
                }
            }
            if (plain > 0) {
                put(
                        scope,
                        String.valueOf(task.destination()),
                        folder + "%06d.gz".formatted(file++),
                        bytes.toByteArray());
            }
        }
    }

    private static byte[] line(LogEvent event) {
        String text = STAMP.format(Instant.ofEpochMilli(event.timestampMillis())) + " " + event.message();
        return (text.endsWith("\n") ? text : text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private void put(Scope scope, String bucket, String key, byte[] content) {
        String host = "logs." + scope.region() + ".amazonaws.com";
        s3.putObject(
                new PutObjectRequest()
                        .bucket(bucket)
                        .key(key)
                        .acl("bucket-owner-full-control")
                        .contentLength((long) content.length)
                        .body(Body.of(content)),
                new Call(
                        Principal.service(host),
                        scope.account(),
                        scope.region(),
                        UUID.randomUUID().toString(),
                        logs.clock().instant().plus(PATIENCE),
                        Call.Origin.inside(host)));
    }

    private static String code(ExportRow row) {
        return row.task().status() == null
                ? ""
                : String.valueOf(row.task().status().code());
    }

    private ExportRow ended(ExportRow row, String code, String message) {
        ExportTask task = row.task();
        Long created =
                task.executionInfo() == null ? null : task.executionInfo().creationTime();
        ExportTask after = new ExportTask();
        for (int i = 0; i < task.shape().members().size(); i++) {
            after.set(i, task.get(i));
        }
        return new ExportRow(
                after.status(new ExportTaskStatus().code(code).message(message))
                        .executionInfo(new ExportTaskExecutionInfo()
                                .creationTime(created)
                                .completionTime(logs.nowMillis())),
                row.streams());
    }
}
