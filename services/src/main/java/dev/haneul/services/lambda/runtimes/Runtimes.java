package dev.haneul.services.lambda.runtimes;

import dev.haneul.engines.WorkloadSpec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Chooses the interpreter for a runtime and says how it is started. */
public final class Runtimes {
    /** Where a function's runtime is inside its environment. */
    public static final String RUNTIME_ROOT = "/var/runtime";

    /** Where its code is. */
    public static final String TASK_ROOT = "/var/task";

    /** Tells a runtime where its gate is, if it is to stand by. */
    private static final String GATE = "HANEUL_GATE";

    private static final String WAIT_THEN_BOOTSTRAP =
            ". \"$1\"; cd \"$LAMBDA_TASK_ROOT\" && unset OLDPWD && exec \"$LAMBDA_TASK_ROOT/bootstrap\"";

    /** The classes of a start as a JVM before 25 keeps them: read and checked. */
    private static final String ARCHIVE = "classes.jsa";

    /** And as later ones do: linked too (JEP 483, 514 and 515). One for each way to start, for it holds good for one. */
    private static final String SERVING_CACHE = "serving.aot";

    private static final String PLAIN_CACHE = "plain.aot";
    private static final String STANDBY_CACHE = "standby.aot";
    private static final int OLDEST_CACHE = 25;
    private static final String CACHE_FLAG = "-XX:AOTCache=";
    private static final String TRAINING_HANDLER = "java.util.HashMap::get";
    private static final int TRAINING_MIB = 512;
    private static final long SMALLEST_HEAP_KIB = 8 << 10;
    private static final String JAVA_SERVING = "dev.haneul.runtime.Serving";
    private static final String JAVA_PLAIN_SERVING = "dev.haneul.runtime.PlainServing";
    private static final String RUNTIME_CLIENT = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";
    private static final int OLDEST_JAVA_STANDBY = 11;
    private static final String JAVA_STANDBY = "dev.haneul.runtime.Standby";
    private static final String NATIVE_CLIENT =
            "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

    private final Interpreters interpreters;
    private final RuntimeFolders folders;
    private final boolean exact;
    private final boolean javaShipped;

    /**
     * @param folder where runtime folders are made and kept
     * @param javaJars AWS's Java runtime interface client and what it needs; empty where it is not shipped
     * @param exact whether a function runs only on the very version it asks for
     */
    public Runtimes(Interpreters interpreters, Path folder, List<Path> javaJars, boolean exact) {
        this.interpreters = interpreters;
        this.folders = new RuntimeFolders(folder, javaJars);
        this.javaShipped = !javaJars.isEmpty();
        this.exact = exact;
    }

    /** The interpreter for a runtime; empty where none here serves it. */
    public Optional<Choice> choose(RuntimeName runtime) {
        if (runtime.family() == Family.JAVA && !javaShipped) {
            return Optional.empty();
        }
        Optional<Choice> known = Choice.of(runtime, interpreters.of(runtime.family()), exact);
        boolean there = known.isPresent() && stillThere(known.get().interpreter());
        return there ? known : Choice.of(runtime, interpreters.ofNow(runtime.family()), exact);
    }

    private static boolean stillThere(@Nullable Interpreter interpreter) {
        return interpreter == null || Files.isExecutable(interpreter.executable());
    }

    /**
     * Makes what functions of this runtime need besides their code, so that their first start does not wait for it.
     *
     * @throws IOException where it cannot be made
     */
    public void prepare(RuntimeName runtime) throws IOException {
        if (choose(runtime).filter(choice -> choice.substitution() == null).isEmpty()) {
            interpreters.ofNow(runtime.family()); // the very version may have been installed meanwhile
        }
        Interpreter interpreter = choose(runtime).map(Choice::interpreter).orElse(null);
        if (interpreter != null) {
            folders.of(interpreter);
        }
    }

    /**
     * A way in which a Java interpreter's runtime starts without an archive of its classes yet: what to run so that it
     * writes one.
     *
     * @param archive where the archive belongs
     * @param mounts what the run needs to see
     * @param environment what it needs besides a function's usual variables
     * @param handler what it is to serve
     * @param gate the file that it reads its variables from, within the folder it may write to; null where they are its
     *     own from the start
     */
    public record Training(
            Path archive,
            List<Mount> mounts,
            List<String> command,
            Map<String, String> environment,
            String handler,
            @Nullable String gate) {
        public Training {
            mounts = List.copyOf(mounts);
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }
    }

    /** Whether a runtime needs no training: it has had it, or is no Java. */
    public boolean trained(RuntimeName runtime) throws IOException {
        Interpreter java = choose(runtime).map(Choice::interpreter).orElse(null);
        return java == null || java.family() != Family.JAVA || lacking(java).isEmpty();
    }

    /** The archives that are still to be written. */
    private List<String> lacking(Interpreter java) throws IOException {
        Path folder = folders.of(java);
        return (caches(java) ? List.of(PLAIN_CACHE, SERVING_CACHE, STANDBY_CACHE) : List.of(ARCHIVE))
                .stream()
                        .filter(archive -> !Files.exists(folder.resolve(archive)))
                        .toList();
    }

    private boolean caches(Interpreter java) {
        return java.version().getFirst() >= OLDEST_CACHE && ownJavaThere();
    }

    /**
     * The trainings a runtime lacks; empty where it has had them, or is no Java.
     *
     * @param task what stands for the function's code: a folder with the {@link PlainHandlers#trial trial handler}
     * @param output a folder the run may write to, mounted at {@code /out}
     */
    public List<Training> trainings(RuntimeName runtime, Path task, Path output, Places places) throws IOException {
        Interpreter java = choose(runtime).map(Choice::interpreter).orElse(null);
        if (java == null || java.family() != Family.JAVA) {
            return List.of();
        }
        Path folder = folders.of(java);
        List<Mount> mounts = new ArrayList<>(runtimeMounts(java, folder));
        mounts.add(new Mount.Bind(task, TASK_ROOT, true));
        mounts.add(new Mount.Bind(output, "/out", false));
        String out = places.of(mounts, "/out") + "/";
        List<Training> trainings = new ArrayList<>();
        for (String archive : lacking(java)) {
            boolean waits = archive.equals(STANDBY_CACHE);
            List<String> command = new ArrayList<>(List.of(java.executable().toString()));
            command.add(
                    (archive.equals(ARCHIVE) ? "-XX:ArchiveClassesAtExit=" : "-XX:AOTCacheOutput=") + out + archive);
            String own = places.of(mounts, RUNTIME_ROOT);
            boolean plain = archive.equals(PLAIN_CACHE);
            java(command, java, own, plain ? PlainHandlers.TRIAL : TRAINING_HANDLER, TRAINING_MIB, plain);
            trainings.add(new Training(
                    folder.resolve(archive),
                    mounts,
                    waits ? javaStandby(command, false) : command,
                    waits ? Map.of(GATE, out + "gate") : Map.of(),
                    TRAINING_HANDLER,
                    waits ? "gate" : null));
        }
        return trainings;
    }

    /** Why nothing here serves a runtime, for the user. */
    public String missing(RuntimeName runtime) {
        if (runtime.family() == Family.JAVA && !javaShipped) {
            return "The runtime " + runtime.name()
                    + " cannot run here: the Java runtime interface client is missing from this installation.";
        }
        return Choice.missing(runtime, interpreters.of(runtime.family()));
    }

    /** What this host offers, one sentence per language, for {@code haneul status}. */
    public List<String> status() {
        List<String> lines = new ArrayList<>();
        for (Family family : List.of(Family.PYTHON, Family.NODE, Family.JAVA)) {
            List<String> versions = interpreters.of(family).stream()
                    .map(Interpreter::versionText)
                    .distinct()
                    .toList();
            String note = exact ? "" : "; other versions run on the nearest of these, with a warning in their log";
            lines.add(
                    versions.isEmpty()
                            ? family.label() + ": none found (apt-get install " + family.debianPackage() + ")"
                            : family.label() + " " + String.join(", ", versions) + note);
        }
        return lines;
    }

    /** Where a function will see a path, given what is mounted for it. */
    @FunctionalInterface
    public interface Places {
        String of(List<Mount> mounts, String path);
    }

    /**
     * How to start a function.
     *
     * @param given what is mounted besides the runtime: its code and its scratch folder
     * @param places tells what a path of ours is called inside
     * @param wrapper the function's {@code AWS_LAMBDA_EXEC_WRAPPER}, empty where it has none
     * @throws IOException where the runtime's files cannot be made, or its interpreter has gone
     */
    public RuntimePlan plan(
            RuntimeName runtime, String handler, int memoryMib, String wrapper, List<Mount> given, Places places)
            throws IOException {
        Choice choice = choose(runtime).orElseThrow(() -> new IOException(missing(runtime)));
        Interpreter interpreter = choice.interpreter();
        Map<String, String> environment = new LinkedHashMap<>();
        List<Mount> mounts = new ArrayList<>(given);
        List<String> command = new ArrayList<>();
        if (!wrapper.isEmpty()) {
            command.add(wrapper);
        }
        if (interpreter == null) {
            environment.put("AWS_EXECUTION_ENV", "AWS_Lambda_" + runtime.name());
            command.add(places.of(mounts, TASK_ROOT + "/bootstrap"));
            return new RuntimePlan(command, environment, mounts, runtime.name(), null);
        }
        environment.put("AWS_EXECUTION_ENV", "AWS_Lambda_" + runtime.name());
        environment.put("_LAMBDA_TELEMETRY_LOG_FD", "1");
        Path folder = folders.of(interpreter);
        mounts.addAll(runtimeMounts(interpreter, folder));
        command.add(interpreter.executable().toString());
        String task = places.of(mounts, TASK_ROOT);
        String own = places.of(mounts, RUNTIME_ROOT);
        switch (interpreter.family()) {
            case PYTHON -> python(command, environment, own);
            case NODE -> node(command, environment, own, task, interpreter, memoryMib);
            case JAVA -> {
                boolean plain = caches(interpreter) && PlainHandlers.isPlain(given, handler);
                String archive = plain ? PLAIN_CACHE : caches(interpreter) ? SERVING_CACHE : ARCHIVE;
                if (Files.exists(folder.resolve(archive))) {
                    command.add((caches(interpreter) ? CACHE_FLAG : "-XX:SharedArchiveFile=") + own + "/" + archive);
                    command.add("-Xlog:cds=off");
                    command.add(caches(interpreter) ? "-Xlog:aot=off" : "-Xlog:cds+dynamic=off");
                }
                java(command, interpreter, own, handler, memoryMib, plain);
            }
            default -> throw new IOException(missing(runtime));
        }
        String version = interpreter.family().prefix() + ":" + interpreter.versionText();
        return new RuntimePlan(command, environment, mounts, version, choice.substitution());
    }

    /** Whether a runtime can be booted before its function is known. */
    public boolean standsBy(RuntimeName runtime) {
        Choice choice = choose(runtime).orElse(null);
        if (choice == null) {
            return false;
        }
        Interpreter interpreter = choice.interpreter();
        return interpreter == null
                || interpreter.family() != Family.JAVA
                || interpreter.version().getFirst() >= OLDEST_JAVA_STANDBY && ownJavaThere();
    }

    /** Whether what we add to AWS's client was shipped. */
    private boolean ownJavaThere() {
        return folders.javaClassPath().stream().anyMatch(jar -> jar.contains("runtime-java"));
    }

    /**
     * How to boot a runtime that has no function yet.
     *
     * @param memoryMib what the runtime divides, where it does when it starts
     * @param gate the pipe it reads its function's variables from, as meant inside
     */
    public RuntimePlan standby(RuntimeName runtime, int memoryMib, List<Mount> given, Places places, String gate)
            throws IOException {
        RuntimePlan plan = plan(runtime, "", memoryMib, "", given, places);
        String pipe = places.of(plan.mounts(), gate);
        if (runtime.family() == Family.PROVIDED) {
            List<String> shell = List.of("/bin/sh", "-c", WAIT_THEN_BOOTSTRAP, "bootstrap", pipe);
            return new RuntimePlan(shell, plan.environment(), plan.mounts(), plan.version(), plan.warning());
        }
        Map<String, String> environment = new LinkedHashMap<>(plan.environment());
        environment.put(GATE, pipe);
        List<String> command =
                runtime.family() == Family.JAVA ? javaStandby(plan.command(), waitsFromCache(runtime)) : plan.command();
        return new RuntimePlan(command, environment, plan.mounts(), plan.version(), plan.warning());
    }

    private boolean waitsFromCache(RuntimeName runtime) throws IOException {
        Interpreter java = choose(runtime).map(Choice::interpreter).orElse(null);
        return java != null && Files.exists(folders.of(java).resolve(STANDBY_CACHE));
    }

    /** The same JVM with the main class that waits, which learns its handler later. */
    private static List<String> javaStandby(List<String> command, boolean fromCache) {
        List<String> words = new ArrayList<>(command.subList(0, command.size() - 2));
        words.removeIf(word -> !fromCache && word.startsWith(CACHE_FLAG));
        words.replaceAll(word -> word.startsWith(CACHE_FLAG) ? word.replace(SERVING_CACHE, STANDBY_CACHE) : word);
        words.add(1, "--add-opens=java.base/java.lang=ALL-UNNAMED");
        words.add(2, "--add-opens=java.base/java.util=ALL-UNNAMED");
        words.add(JAVA_STANDBY);
        return words;
    }

    private static List<Mount> runtimeMounts(Interpreter interpreter, Path folder) {
        List<Mount> mounts = new ArrayList<>();
        mounts.add(new Mount.Bind(folder, RUNTIME_ROOT, true));
        Path home = interpreter.home();
        if (!home.startsWith("/usr")) {
            mounts.add(new Mount.Bind(home, home.toString(), true));
        }
        return mounts;
    }

    private static void python(List<String> command, Map<String, String> environment, String own) {
        environment.put("PYTHONPATH", own);
        environment.put("PYTHONDONTWRITEBYTECODE", "1");
        command.add("-S"); // the runtime does what is needed of it, in a fraction of the time
        command.add(own + "/bootstrap.py");
    }

    private static void node(
            List<String> command,
            Map<String, String> environment,
            String own,
            String task,
            Interpreter node,
            int memoryMib) {
        String major = node.shortVersion();
        environment.put(
                "NODE_PATH",
                "/opt/nodejs/node" + major + "/node_modules:/opt/nodejs/node_modules:" + own + "/node_modules:" + own
                        + ":" + task);
        command.add("--max-old-space-size=" + memoryMib * 9 / 10);
        command.add(own + "/bootstrap.js");
    }

    /** Shares of memory as AWS's own Java runtime divides it: 85 % heap, 10 % classes, 5 % code. */
    private void java(
            List<String> command, Interpreter java, String own, String handler, int memoryMib, boolean plain) {
        long kib = memoryMib * 1024L;
        command.add("-XX:MaxHeapSize=" + kib * 85 / 100 + "k");
        // Java's own share of memory; left to itself it would take that of the host's, which it sees.
        command.add("-XX:InitialHeapSize=" + Math.max(SMALLEST_HEAP_KIB, kib / 64) + "k");
        command.add("-XX:MaxMetaspaceSize=" + kib / 10 + "k");
        command.add("-XX:ReservedCodeCacheSize=" + kib / 20 + "k");
        command.add("-XX:+UseSerialGC");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:-UsePerfData"); // read by nobody, and a file to write at each start
        command.add("-XX:StringTableSize=4096"); // it grows; the usual one is half a megabyte to clear
        if (!caches(java)) {
            command.add("-Xshare:auto"); // what a cache goes without saying, and does not go with
        }
        command.add("-D" + NATIVE_CLIENT + "=" + own + "/libaws-lambda-jni.so");
        command.add("--add-opens=java.base/java.io=ALL-UNNAMED");
        int major = java.version().getFirst();
        if (major >= 17) {
            command.add("--enable-native-access=ALL-UNNAMED");
            // Classes from an archive lie where they were written for: elsewhere every page of them has to be changed.
            command.add("-XX:+UnlockDiagnosticVMOptions");
            command.add("-XX:ArchiveRelocationMode=0");
        }
        if (caches(java)) {
            // Else what the trial run called often is compiled at once, which a start waits for and has little of.
            command.add("-XX:-AOTReplayTraining");
        }
        if (major >= 24) {
            command.add("--sun-misc-unsafe-memory-access=allow"); // the client hushes warnings by way of Unsafe
        }
        command.add("-cp");
        command.add(String.join(
                ":",
                folders.javaClassPath().stream().map(jar -> own + "/" + jar).toList()));
        if (plain) {
            // Code made for each method that is called by reflection costs a start more than it saves most functions.
            command.add("-Djdk.reflect.useNativeAccessorOnly=true");
            command.add(JAVA_PLAIN_SERVING);
            command.add(handler);
            command.add(own + "/" + RuntimeFolders.SECURITY);
            return;
        }
        command.add(major >= OLDEST_JAVA_STANDBY && ownJavaThere() ? JAVA_SERVING : RUNTIME_CLIENT);
        command.add(handler);
    }
}
