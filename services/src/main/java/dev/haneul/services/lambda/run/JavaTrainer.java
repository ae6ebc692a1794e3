package dev.haneul.services.lambda.run;

import dev.haneul.engines.Door;
import dev.haneul.engines.Engine;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.services.lambda.runtimes.PlainHandlers;
import dev.haneul.services.lambda.runtimes.RuntimeName;
import dev.haneul.services.lambda.runtimes.Runtimes;
import dev.haneul.services.lambda.runtimes.Runtimes.Training;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Lets a JVM write down the classes its Lambda runtime loads (a CDS archive, or from Java 25 on an ahead-of-time cache for
 * each way to start), once per JVM, by serving one invocation of a trial run. Java functions then start two to three times faster. The trial runs where functions run, for the archive
 * holds good only for the paths it was made with.
 */
public final class JavaTrainer {
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final Duration WRITE_LIMIT = Duration.ofSeconds(30);
    private static final Map<String, String> VARIABLES = Map.of(
            "AWS_LAMBDA_FUNCTION_NAME", "training",
            "AWS_LAMBDA_FUNCTION_VERSION", "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512",
            "AWS_LAMBDA_LOG_GROUP_NAME", "training",
            "AWS_LAMBDA_LOG_STREAM_NAME", "training",
            "_LAMBDA_TELEMETRY_LOG_FD", "1",
            "AWS_REGION", "us-east-1",
            "LANG", "en_US.UTF-8");
    private static final System.Logger LOG = System.getLogger(JavaTrainer.class.getName());

    private final Engine engine;
    private final Runtimes runtimes;
    private final SocketHttpServer doors;
    private final Path folder;

    /** @param folder for what the trial run reads and writes */
    public JavaTrainer(Engine engine, Runtimes runtimes, SocketHttpServer doors, Path folder) {
        this.engine = engine;
        this.runtimes = runtimes;
        this.doors = doors;
        this.folder = folder;
    }

    /** Trains the JVM of this runtime unless it was trained before. A training that fails costs speed and nothing else. */
    public synchronized void train(RuntimeName runtime) {
        try {
            if (runtimes.trained(runtime)) {
                return;
            }
            Files.createDirectories(folder);
            Path output = Files.createTempDirectory(folder, "training-");
            try {
                Files.setPosixFilePermissions(output, PosixFilePermissions.fromString("rwxrwxrwx"));
                Path task = Files.createDirectories(folder.resolve("trial"));
                PlainHandlers.trial(task);
                String id = "training-" + UUID.randomUUID();
                List<Training> trainings =
                        runtimes.trainings(runtime, task, output, (mounts, path) -> engine.resolve(id, mounts, path));
                for (Training training : trainings) {
                    run(id, runtime, training, output);
                }
            } finally {
                clear(output);
            }
        } catch (IOException | LaunchException | UnsupportedOperationException e) {
            LOG.log(System.Logger.Level.WARNING, "Java functions start without an archive of classes", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(String id, RuntimeName runtime, Training training, Path output)
            throws LaunchException, IOException, InterruptedException {
        RuntimeSession session = new RuntimeSession();
        RuntimeApi api = new RuntimeApi(session);
        SocketHttpServer.Site site = doors.site(4, 1 << 20, api::serve);
        Map<String, String> variables = new LinkedHashMap<>(VARIABLES);
        variables.putAll(training.environment());
        if (training.gate() != null) {
            Map<String, String> told = new LinkedHashMap<>(VARIABLES);
            told.put("_HANDLER", training.handler());
            Files.writeString(output.resolve(training.gate()), GateWords.of(runtime.family(), told));
        }
        WorkloadSpec spec = new WorkloadSpec(
                id,
                new WorkloadSpec.Root.HostRuntime(),
                training.command(),
                variables,
                engine.resolve(id, training.mounts(), Runtimes.TASK_ROOT),
                training.mounts(),
                new Limits(1024, 0, 1024, 1024),
                List.of(new Door("AWS_LAMBDA_RUNTIME_API", "%s", 9001, site::adopt)),
                Map.of(Launcher.LABEL, "training"),
                true);
        try (Workload workload = engine.launch(spec)) {
            if (session.awaitPoll(START_NANOS) == RuntimeSession.News.POLLING) {
                session.offer(new Invocation(
                        id,
                        "{}".getBytes(StandardCharsets.US_ASCII),
                        System.currentTimeMillis() + 30_000,
                        "arn:aws:lambda:us-east-1:000000000000:function:training",
                        null,
                        "Root=1-00000000-000000000000000000000000"));
                session.awaitAnswer(START_NANOS);
                session.awaitPoll(START_NANOS);
            }
            workload.signal(Workload.Signal.TERM);
            workload.await(WRITE_LIMIT);
            Path written = output.resolve(training.archive().getFileName());
            if (!Files.exists(written)) {
                throw new IOException("the trial run wrote none: "
                        + Files.readString(workload.stdout()).strip());
            }
            Path ours = Files.createTempFile(folder, "archive-", ".new"); // the one written is the sandbox user's
            Files.copy(written, ours, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(ours, training.archive(), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            session.close();
            Files.deleteIfExists(output.resolve(training.archive().getFileName()));
        }
    }

    private static void clear(Path output) throws IOException {
        try (var files = Files.newDirectoryStream(output)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(output);
    }
}
