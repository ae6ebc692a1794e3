package dev.haneul.services.lambda.run;

import dev.haneul.engines.Door;
import dev.haneul.engines.Engine;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.kernel.plane.Ingress;
import dev.haneul.services.lambda.code.CodeStore;
import dev.haneul.services.lambda.run.Environment.Launched;
import dev.haneul.services.lambda.run.RoleSessions.RoleSession;
import dev.haneul.services.lambda.runtimes.Family;
import dev.haneul.services.lambda.runtimes.RuntimePlan;
import dev.haneul.services.lambda.runtimes.Runtimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** Starts workloads for functions: code, runtime, variables, credentials, limits and the two doors they knock at. */
public final class Launcher {
    /** The label that marks a workload as a function's. */
    public static final String LABEL = "lambda";

    private static final int RUNTIME_API_PORT = 9001;
    private static final int ENDPOINT_PORT = 4566;
    private static final int MOST_CONNECTIONS = 64;
    private static final long LARGEST_REQUEST_BYTES = 1L << 31;
    private static final String SCRATCH = "/tmp";
    private static final String BOOTSTRAP = "/var/task/bootstrap";
    private static final int PIDS = 1024;
    private static final int OPEN_FILES = 1024;
    private static final String ENDPOINT = "AWS_ENDPOINT_URL";
    private static final String WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER";

    private final Engine engine;
    private final Runtimes runtimes;
    private final CodeStore code;
    private final RoleSessions sessions;
    private final SocketHttpServer doors;
    private final Ingress ingress;

    public Launcher(
            Engine engine,
            Runtimes runtimes,
            CodeStore code,
            RoleSessions sessions,
            SocketHttpServer doors,
            Ingress ingress) {
        this.engine = engine;
        this.runtimes = runtimes;
        this.code = code;
        this.sessions = sessions;
        this.doors = doors;
        this.ingress = ingress;
    }

    /**
     * Starts a workload. Returns when its first process runs.
     *
     * @throws dev.haneul.api.runtime.Fault where the execution role cannot be assumed
     */
    Launched launch(Target target, String stream, EnvironmentLog log)
            throws LaunchException, NoEntrypointException, IOException, InterruptedException {
        RoleSession role = sessions.session(target);
        CodeStore.Pin pin = code.open(target.codeId(), target.code());
        try {
            String id = "lambda-" + UUID.randomUUID();
            RuntimePlan plan = plan(target, id, pin);
            announce(target, plan, log);
            requireEntrypoint(target, pin);
            RuntimeSession session = new RuntimeSession();
            Limits limits = new Limits(target.memoryMib(), target.cpuMilli(), PIDS, OPEN_FILES);
            WorkloadSpec spec = new WorkloadSpec(
                    id,
                    new WorkloadSpec.Root.HostRuntime(),
                    plan.command(),
                    environment(target, plan, role, stream, path -> engine.resolve(id, plan.mounts(), path)),
                    engine.resolve(id, plan.mounts(), Runtimes.TASK_ROOT),
                    plan.mounts(),
                    new Limits(limits.memoryMib(), 0, limits.pids(), limits.openFiles()),
                    doors(target, session),
                    Map.of(LABEL, target.identity()),
                    true);
            return new Launched(start(spec, target), session, role.expires(), limits, pin);
        } catch (LaunchException | NoEntrypointException | IOException | InterruptedException | RuntimeException e) {
            pin.close();
            throw e;
        }
    }

    private Workload start(WorkloadSpec spec, Target target)
            throws LaunchException, NoEntrypointException, InterruptedException {
        try {
            return engine.launch(spec);
        } catch (LaunchException e) {
            String why = String.valueOf(e.getMessage());
            if (target.runtime().family() == Family.PROVIDED && why.contains(BOOTSTRAP)) {
                throw new NoEntrypointException(
                        "fork/exec " + BOOTSTRAP + ": no such file or directory"); // its #! line
            }
            throw e;
        }
    }

    private static void requireEntrypoint(Target target, CodeStore.Pin pin) throws NoEntrypointException {
        if (target.runtime().family() != Family.PROVIDED) {
            return;
        }
        Path bootstrap = pin.folder().resolve("bootstrap");
        if (!Files.exists(bootstrap, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoEntrypointException("Couldn't find valid bootstrap(s): [" + BOOTSTRAP + " /opt/bootstrap]");
        }
        if (Files.isDirectory(bootstrap) || !Files.isExecutable(bootstrap)) {
            throw new NoEntrypointException("fork/exec " + BOOTSTRAP + ": permission denied");
        }
    }

    private RuntimePlan plan(Target target, String id, CodeStore.Pin pin) throws IOException {
        List<Mount> given = List.of(
                new Mount.Bind(pin.folder(), Runtimes.TASK_ROOT, true),
                new Mount.Scratch(SCRATCH, target.ephemeralMib()));
        return runtimes.plan(
                target.runtime(),
                target.handler(),
                target.memoryMib(),
                target.variables().getOrDefault(WRAPPER, ""),
                given,
                (mounts, path) -> engine.resolve(id, mounts, path));
    }

    private static void announce(Target target, RuntimePlan plan, EnvironmentLog log) {
        String arn = "arn:aws:lambda:" + target.region() + "::runtime:"
                + plan.version().replace(':', '-');
        log.platform(PlatformLines.initStart(plan.version(), arn));
        if (plan.warning() != null) {
            log.platform("[WARNING] " + plan.warning() + "\n");
        }
    }

    /** The Runtime API and the region's own endpoint. A function that names its endpoint itself keeps its word for it. */
    private List<Door> doors(Target target, RuntimeSession session) {
        RuntimeApi api = new RuntimeApi(session);
        SocketHttpServer.Site site = doors.site(MOST_CONNECTIONS, LARGEST_REQUEST_BYTES, api::serve);
        String endpoint = target.variables().containsKey(ENDPOINT) ? "HANEUL_ENDPOINT_URL" : ENDPOINT;
        return List.of(
                new Door("AWS_LAMBDA_RUNTIME_API", "%s", RUNTIME_API_PORT, site::adopt),
                new Door(endpoint, "http://%s", ENDPOINT_PORT, ingress::adopt));
    }

    /** AWS's reserved variables, in its values; the function's own may not have those names. */
    static Map<String, String> environment(
            Target target, RuntimePlan plan, RoleSession role, String stream, UnaryOperator<String> places) {
        String task = places.apply(Runtimes.TASK_ROOT);
        String own = places.apply(Runtimes.RUNTIME_ROOT);
        String scratch = places.apply(SCRATCH);
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin");
        variables.put(
                "LD_LIBRARY_PATH",
                "/var/lang/lib:/lib64:/usr/lib64:" + own + ":" + own + "/lib:" + task + ":" + task + "/lib:/opt/lib");
        variables.put("LANG", "en_US.UTF-8");
        variables.put("TZ", ":UTC");
        if (!scratch.equals(SCRATCH)) {
            variables.put("TMPDIR", scratch);
        }
        variables.putAll(plan.environment());
        variables.putAll(target.variables());
        variables.put("LAMBDA_TASK_ROOT", task);
        variables.put("LAMBDA_RUNTIME_DIR", own);
        variables.put("_HANDLER", target.handler());
        variables.put("AWS_REGION", target.region());
        variables.put("AWS_DEFAULT_REGION", target.region());
        variables.put("AWS_LAMBDA_FUNCTION_NAME", target.name());
        variables.put("AWS_LAMBDA_FUNCTION_VERSION", target.version());
        variables.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Integer.toString(target.memoryMib()));
        variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
        variables.put("AWS_LAMBDA_LOG_GROUP_NAME", target.logGroup());
        variables.put("AWS_LAMBDA_LOG_STREAM_NAME", stream);
        variables.put("AWS_ACCESS_KEY_ID", role.accessKeyId());
        variables.put("AWS_SECRET_ACCESS_KEY", role.secretKey());
        variables.put("AWS_SESSION_TOKEN", role.sessionToken());
        variables.put("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR");
        variables.put("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000");
        variables.put("_AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129");
        variables.put("_AWS_XRAY_DAEMON_PORT", "2000");
        return variables;
    }
}
