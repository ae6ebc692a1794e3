package dev.haneul.services.lambda.run;

import dev.haneul.engines.Engine;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.code.CodeStore;
import dev.haneul.services.lambda.run.Environment.Launched;
import dev.haneul.services.lambda.run.RoleSessions.RoleSession;
import dev.haneul.services.lambda.runtimes.Family;
import dev.haneul.services.lambda.runtimes.RuntimePlan;
import dev.haneul.services.lambda.runtimes.Runtimes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Starts workloads for functions: code, runtime, variables, credentials, limits and the two doors they knock at. */
public final class Launcher {
    /** The label that marks a workload as a function's. */
    public static final String LABEL = "lambda";

    /** A function's own writable folder. */
    static final String SCRATCH = "/tmp";

    /** Where a function's layers are. */
    static final String LAYERS = "/opt";

    static final int PIDS = 1024;
    static final int OPEN_FILES = 1024;
    private static final int SNAPSHOT_MIB = 1024;
    private static final long SNAPSHOT_NANOS = TimeUnit.SECONDS.toNanos(130);
    private static final String WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER";

    private final Engine engine;
    private final Runtimes runtimes;
    private final CodeStore code;
    private final RoleSessions sessions;
    private final Doors doors;
    private final Standbys standbys;
    private final Passports passports;
    private final Clock clock;
    private final Unsealing unsealing;
    private final Snapshots snapshots;
    private final Networks networks;

    public Launcher(
            Engine engine,
            Runtimes runtimes,
            CodeStore code,
            RoleSessions sessions,
            Doors doors,
            Standbys standbys,
            Passports passports,
            Clock clock,
            Unsealing unsealing,
            Snapshots snapshots,
            Networks networks) {
        this.networks = networks;
        this.unsealing = unsealing;
        this.snapshots = snapshots;
        this.engine = engine;
        this.runtimes = runtimes;
        this.code = code;
        this.sessions = sessions;
        this.doors = doors;
        this.standbys = standbys;
        this.passports = passports;
        this.clock = clock;
    }

    /**
     * Starts a workload, or gives one that stands by to the function. Returns when its first process runs.
     *
     * @throws dev.haneul.api.runtime.Fault where the execution role cannot be assumed
     */
    Launched launch(Target sealed, String stream, EnvironmentLog log)
            throws LaunchException, NoEntrypointException, IOException, InterruptedException {
        RoleSession role = sessions.session(sealed);
        Target target = unsealing.unsealed(sealed, role);
        Files pin = open(target);
        boolean whole = false;
        try {
            if (target.program() == null) {
                Entrypoint.require(target, pin.task.folder(), pin.folderOfLayers());
            }
            log.telemetry().begin();
            List<String> extensions = ExtensionPrograms.within(pin.folderOfLayers());
            boolean plain = extensions.isEmpty() && target.program() == null && snapshot(target) == null;
            Launched launched = plain ? fromStandby(target, stream, log, role, pin) : null;
            if (launched == null) {
                launched = fresh(target, stream, log, role, pin, extensions);
            }
            whole = true;
            return launched;
        } finally {
            if (!whole) {
                pin.close();
            }
        }
    }

    /** A function's unpacked files; its layers' where it has any. */
    private record Files(CodeStore.Pin task, CodeStore.@Nullable Pin layers, boolean image) implements AutoCloseable {
        @Nullable
        Path folderOfLayers() {
            if (image) {
                return task.folder().resolve(LAYERS.substring(1));
            }
            return layers == null ? null : layers.folder();
        }

        /** What it sees as its file system. */
        WorkloadSpec.Root root() {
            return image ? new WorkloadSpec.Root.Directory(task.folder()) : new WorkloadSpec.Root.HostRuntime();
        }

        List<Mount.Bind> mounts() {
            List<Mount.Bind> mounts = new ArrayList<>();
            if (image) {
                return mounts;
            }
            mounts.add(new Mount.Bind(task.folder(), Runtimes.TASK_ROOT, true));
            if (layers != null) {
                mounts.add(new Mount.Bind(layers.folder(), LAYERS, true));
            }
            return mounts;
        }

        @Override
        public void close() {
            task.close();
            if (layers != null) {
                layers.close();
            }
        }
    }

    private Files open(Target target) throws IOException {
        if (target.program() != null) {
            return new Files(code.openTree(target.codeId()), null, true);
        }
        CodeStore.Pin task = code.open(target.codeId(), target.code());
        boolean whole = false;
        try {
            Files files = new Files(task, target.layers().isEmpty() ? null : code.merged(target.layers()), false);
            whole = true;
            return files;
        } finally {
            if (!whole) {
                task.close();
            }
        }
    }

    private Launched fresh(
            Target target, String stream, EnvironmentLog log, RoleSession role, Files pin, List<String> extensions)
            throws LaunchException, NoEntrypointException, IOException, InterruptedException {
        String id = "lambda-" + UUID.randomUUID();
        RuntimePlan plan = plan(target, id, pin);
        announce(target, plan, log);
        RuntimeSession session = new RuntimeSession();
        session.claim(host(target), log.telemetry());
        session.extensions().expect(extensions, platform(target, log)::extension);
        UnaryOperator<String> places = path -> engine.resolve(id, plan.mounts(), path);
        Program program = target.program();
        WorkloadSpec spec = new WorkloadSpec(
                id,
                pin.root(),
                extensions.isEmpty() ? plan.command() : ExtensionPrograms.command(extensions, places, plan.command()),
                environment(target, plan, role, stream, places),
                program == null ? places.apply(Runtimes.TASK_ROOT) : program.workingDirectory(),
                plan.mounts(),
                starting(target),
                doors.of(target.variables(), session),
                Map.of(LABEL, target.identity()),
                extensions.isEmpty(),
                networks.link(target.network()));
        Passport passport = passports.issue(id, Passport.Holder.of(target, stream, false, role.expires()));
        boolean whole = false;
        try {
            session.extensions().noting(passport::extensions);
            Workload workload = start(spec, target);
            session.livesIn(workload.pid());
            Launched launched = new Launched(workload, session, role.expires(), limits(target), pin, passport);
            whole = true;
            return launched;
        } finally {
            if (!whole) {
                passport.close();
            }
        }
    }

    /** Null where none stands by for this function, or it did not take it. */
    private @Nullable Launched fromStandby(
            Target target, String stream, EnvironmentLog log, RoleSession role, Files pin) throws InterruptedException {
        if (target.runtime().family() == Family.PROVIDED
                && (pin.layers != null || !Entrypoint.startsHere(pin.task.folder()))) {
            return null; // a start of its own tells what is wrong with it
        }
        Standbys.Taken taken = standbys.take(target);
        if (taken == null) {
            return null;
        }
        Standby standby = taken.standby();
        Passport passport = null;
        boolean whole = false;
        try (Standby.OpenGate gate = taken.gate()) {
            List<Mount> mounts = new ArrayList<>(standby.mounts());
            for (Mount.Bind own : pin.mounts()) {
                if (!mounts.removeIf(mount ->
                        mount instanceof Mount.Bind bind && bind.target().equals(own.target()))) {
                    return null; // it has no place for layers
                }
            }
            mounts.addAll(0, pin.mounts());
            String id = standby.workload().id();
            Workload.Mounting mounting = standby.workload().mounting(pin.mounts());
            RuntimePlan plan = plan(target, id, pin);
            standby.workload().limit(starting(target));
            passport = passports.issue(id, Passport.Holder.of(target, stream, true, role.expires()));
            standby.session().claim(host(target), log.telemetry());
            standby.session().extensions().noting(passport::extensions);
            standby.session().extensions().expect(List.of(), platform(target, log)::extension);
            standby.session().livesIn(standby.workload().pid());
            String words = GateWords.of(
                    target.runtime().family(),
                    environment(target, plan, role, stream, path -> engine.resolve(id, mounts, path)));
            mounting.await();
            gate.pass(words);
            announce(target, plan, log); // while the runtime reads
            standby.removeGate();
            whole = true;
            return new Launched(standby.workload(), standby.session(), role.expires(), limits(target), pin, passport);
        } catch (IOException e) {
            System.getLogger(Launcher.class.getName())
                    .log(System.Logger.Level.WARNING, "a runtime that stood by could not be used", e);
            return null;
        } finally {
            standbys.replace(standby);
            if (!whole) {
                standby.end();
                if (passport != null) {
                    passport.close();
                }
            }
        }
    }

    /**
     * Takes over a workload that an earlier server started for this target: its doors are opened again.
     *
     * @throws IOException where they cannot be, or its code is gone
     */
    Launched adopt(Workload workload, Target target, Passport passport, EnvironmentLog log) throws IOException {
        Files pin = open(target);
        boolean whole = false;
        try {
            Passport.UnderWay work = passport.underWay();
            RuntimeSession session = new RuntimeSession(
                    work == null ? null : new Invocation(work.requestId(), new byte[0], 0, "", null, ""));
            session.claim(host(target), log.telemetry());
            session.livesIn(workload.pid());
            ResumedExtensions.resume(
                    session,
                    ExtensionPrograms.within(pin.folderOfLayers()),
                    passport,
                    platform(target, log)::extension);
            if (workload.running()) {
                networks.link(target.network()); // whatever of it is the server's own is there again
            }
            workload.reopen(doors.of(passport.holder().endpointVariable(), session));
            whole = true;
            return new Launched(workload, session, passport.holder().usableUntil(), limits(target), pin, passport);
        } finally {
            if (!whole) {
                pin.close();
            }
        }
    }

    private @Nullable String snapshot(Target target) {
        String name = target.extras().snapshot();
        return name != null && snapshots.has(name) ? name : null;
    }

    /**
     * Starts a version once and keeps what its start loads.
     *
     * @return empty where all went well, else what went wrong with the function's own start
     * @throws dev.haneul.api.runtime.Fault where the execution role cannot be assumed
     */
    public String snapshot(Target sealed, String name) throws LaunchException, IOException, InterruptedException {
        RoleSession role = sessions.session(sealed);
        Target target = unsealing.unsealed(sealed, role);
        try (Files pin = open(target)) {
            Path task = pin.task.folder();
            return snapshots.make(name, task, SNAPSHOT_NANOS, folder -> trial(target, role, pin, folder));
        }
    }

    private Snapshots.Trial trial(Target target, RoleSession role, Files pin, Path folder)
            throws LaunchException, IOException, InterruptedException {
        String id = "lambda-" + UUID.randomUUID();
        RuntimePlan plan = snapshots.recorded(
                plan(target, id, pin), folder, pin.task.folder(), (mounts, path) -> engine.resolve(id, mounts, path));
        RuntimeSession session = new RuntimeSession();
        session.claim(host(target), new Telemetry());
        UnaryOperator<String> places = path -> engine.resolve(id, plan.mounts(), path);
        Limits limits = new Limits(Math.max(SNAPSHOT_MIB, 2 * target.memoryMib()), 0, PIDS, OPEN_FILES);
        return new Snapshots.Trial(
                engine.launch(new WorkloadSpec(
                        id,
                        pin.root(),
                        plan.command(),
                        environment(target, plan, role, "snapshot", places),
                        places.apply(Runtimes.TASK_ROOT),
                        plan.mounts(),
                        limits,
                        doors.of(target.variables(), session),
                        Map.of(LABEL, "snapshot"),
                        true,
                        networks.link(target.network()))),
                session);
    }

    private static RuntimeSession.Host host(Target target) {
        return new RuntimeSession.Host(
                target.name(),
                target.version(),
                target.handler(),
                target.account(),
                target.extras().tenant());
    }

    private static Limits limits(Target target) {
        return new Limits(target.memoryMib(), target.cpuMilli(), PIDS, OPEN_FILES);
    }

    /** Starting is given all the CPU there is. */
    private static Limits starting(Target target) {
        return new Limits(target.memoryMib(), 0, PIDS, OPEN_FILES);
    }

    private Workload start(WorkloadSpec spec, Target target)
            throws LaunchException, NoEntrypointException, InterruptedException {
        try {
            return engine.launch(spec);
        } catch (LaunchException e) {
            String why = String.valueOf(e.getMessage());
            if (target.program() != null && why.contains("execvp")) {
                throw new NoEntrypointException(
                        "fork/exec " + spec.command().getFirst() + ": no such file or directory");
            }
            if (target.runtime().family() == Family.PROVIDED && why.contains(Entrypoint.PATH)) {
                throw new NoEntrypointException(
                        "fork/exec " + Entrypoint.PATH + ": no such file or directory"); // its #! line
            }
            throw e;
        }
    }

    private RuntimePlan plan(Target target, String id, Files pin) throws IOException {
        List<Mount> given = new ArrayList<>(pin.mounts());
        given.add(new Mount.Scratch(SCRATCH, target.ephemeralMib()));
        if (target.program() != null) {
            return target.program().plan(given);
        }
        RuntimePlan plan = runtimes.plan(
                target.runtime(),
                target.handler(),
                target.memoryMib(),
                target.variables().getOrDefault(WRAPPER, ""),
                given,
                (mounts, path) -> engine.resolve(id, mounts, path));
        String snapshot = snapshot(target);
        if (snapshot != null) {
            return snapshots.restored(
                    plan, snapshot, pin.task.folder(), (mounts, path) -> engine.resolve(id, mounts, path));
        }
        if (target.runtime().family() != Family.PROVIDED || Entrypoint.within(pin.task.folder())) {
            return plan;
        }
        String own = engine.resolve(id, plan.mounts(), Entrypoint.PATH);
        String layers = engine.resolve(id, plan.mounts(), Entrypoint.LAYER_PATH);
        List<String> command = plan.command().stream()
                .map(word -> word.equals(own) ? layers : word)
                .toList();
        return new RuntimePlan(command, plan.environment(), plan.mounts(), plan.version(), plan.warning());
    }

    /** The platform's words in this function's log. */
    PlatformLog platform(Target target, EnvironmentLog log) {
        return new PlatformLog(log, target.logFormat(), clock);
    }

    private void announce(Target target, RuntimePlan plan, EnvironmentLog log) {
        String arn = "arn:aws:lambda:" + target.region() + "::runtime:"
                + plan.version().replace(':', '-');
        PlatformLog platform = platform(target, log);
        platform.initStart(plan.version(), arn, initialization(target));
        if (plan.warning() != null) {
            platform.warning(plan.warning());
        }
    }

    /** AWS's reserved variables, in its values; the function's own may not have those names. */
    static Map<String, String> environment(
            Target target, RuntimePlan plan, RoleSession role, String stream, UnaryOperator<String> places) {
        Map<String, String> variables = base(plan, places);
        String task = places.apply(Runtimes.TASK_ROOT);
        variables.putAll(target.variables());
        variables.put("LAMBDA_TASK_ROOT", task);
        variables.put("LAMBDA_RUNTIME_DIR", places.apply(Runtimes.RUNTIME_ROOT));
        variables.put("_HANDLER", target.handler());
        variables.put("AWS_REGION", target.region());
        variables.put("AWS_DEFAULT_REGION", target.region());
        variables.put("AWS_LAMBDA_FUNCTION_NAME", target.name());
        variables.put("AWS_LAMBDA_FUNCTION_VERSION", target.version());
        variables.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Integer.toString(target.memoryMib()));
        variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", initialization(target));
        variables.put("AWS_LAMBDA_LOG_GROUP_NAME", target.logGroup());
        variables.put("AWS_LAMBDA_LOG_STREAM_NAME", stream);
        variables.put("AWS_LAMBDA_LOG_FORMAT", target.logFormat().json() ? "JSON" : "Text");
        if (target.logFormat().json()) {
            variables.put("AWS_LAMBDA_LOG_LEVEL", target.logFormat().applicationLevel());
        }
        variables.put("AWS_ACCESS_KEY_ID", role.accessKeyId());
        variables.put("AWS_SECRET_ACCESS_KEY", role.secretKey());
        variables.put("AWS_SESSION_TOKEN", role.sessionToken());
        variables.put("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR");
        variables.put("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000");
        variables.put("_AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129");
        variables.put("_AWS_XRAY_DAEMON_PORT", "2000");
        return variables;
    }

    private static String initialization(Target target) {
        return target.provisioned() ? "provisioned-concurrency" : "on-demand";
    }

    /** What every environment of a runtime has, whatever function it is for. */
    static Map<String, String> base(RuntimePlan plan, UnaryOperator<String> places) {
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
        return variables;
    }
}
