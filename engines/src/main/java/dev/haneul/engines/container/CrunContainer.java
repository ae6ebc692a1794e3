package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.cgroup.GroupStats;
import dev.haneul.engines.container.PodFolder.ContainerFolder;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.LogFile;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A container: a watcher, crun, and in the container's own namespaces its first process. */
final class CrunContainer implements Container {
    static final String WATCHER = "watcher";
    static final String STARTS = "starts";
    static final String STOP_SIGNAL = "stopSignal";
    static final String TTY = "tty";
    static final String STDIN = "stdin";
    static final String SINCE = "since";
    static final String OOM_KILLS = "oomKills";

    private static final Logger LOG = System.getLogger(CrunContainer.class.getName());
    /** Processes between the watcher and the container's first: crun, and script with the shell it starts. */
    private static final int MOST_BETWEEN = 5;

    private static final int CODE_KILLED = 137;
    private static final long START_NANOS = 30_000_000_000L;
    private static final Duration END = Duration.ofSeconds(20);

    private final CrunPod pod;
    private final ContainerFolder folder;
    private final Cgroup group;
    private final LogFile stdout;
    private final LogFile stderr;
    private StateFile state;
    private @Nullable Exit exit;

    /** @param state as it stands in its folder */
    CrunContainer(CrunPod pod, ContainerFolder folder, Cgroup group, StateFile state) throws IOException {
        this.pod = pod;
        this.folder = folder;
        this.group = group;
        this.state = state;
        this.stdout = LogFile.adopted(folder.stdout());
        this.stderr = LogFile.adopted(folder.stderr());
    }

    /** The state of a container that is started for the first time. */
    static StateFile firstState(ContainerSpec spec, ProcessIdentity watcher) {
        var facts = new TreeMap<String, String>();
        facts.put(STARTS, "1");
        facts.put(STOP_SIGNAL, spec.process().stopSignal());
        facts.put(TTY, Boolean.toString(spec.process().tty()));
        facts.put(STDIN, Boolean.toString(spec.process().stdin()));
        facts.put(SINCE, Instant.now().toString());
        facts.put(OOM_KILLS, "0");
        return new StateFile(spec.name(), Instant.now(), Map.of(WATCHER, watcher), facts, spec.labels());
    }

    private synchronized StateFile state() {
        return state;
    }

    String fact(String name) {
        return String.valueOf(state().facts().get(name));
    }

    /** When it was started first. */
    Instant since() {
        return Instant.parse(fact(SINCE));
    }

    ProcessIdentity watcher() {
        return state().process(WATCHER);
    }

    Cgroup group() {
        return group;
    }

    ContainerFolder folder() {
        return folder;
    }

    Stream<LogFile> logs() {
        return Stream.of(stdout, stderr);
    }

    /** Waits until the first process is there, or has been. */
    void awaitStart() throws LaunchException, InterruptedException {
        HostProcesses.await(
                START_NANOS, () -> folder.init().isPresent() || !watcher().alive());
        if (folder.init().isEmpty()) {
            var complaint = folder.complaint();
            throw new LaunchException(complaint.isEmpty() ? "crun does not start it" : inWords(complaint));
        }
    }

    /** As other runtimes say it. */
    private static String inWords(String complaint) {
        return complaint
                .replaceFirst(
                        "^executable file `(/.*)` not found in \\$PATH.*",
                        "exec: \"$1\": stat $1: no such file or directory")
                .replaceFirst(
                        "^executable file `(.*)` not found in \\$PATH.*",
                        "exec: \"$1\": executable file not found in \\$PATH")
                .replaceFirst("^open executable: (.*)", "exec: $1");
    }

    @Override
    public String name() {
        return state().id();
    }

    @Override
    public Map<String, String> labels() {
        return state().labels();
    }

    @Override
    public long pid() {
        return running() ? init().map(ProcessIdentity::pid).orElse(0L) : 0;
    }

    /** Its first process: the one with the number noted, if it descends from the watcher. */
    Optional<ProcessIdentity> init() {
        return folder.init().flatMap(ProcessIdentity::of).filter(this::isOurs);
    }

    private boolean isOurs(ProcessIdentity process) {
        long pid = process.pid();
        for (int i = 0; i < MOST_BETWEEN && pid > 1; i++) {
            pid = ProcessIdentity.parent(pid);
            if (pid == watcher().pid()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Instant startedAt() {
        return state().startedAt();
    }

    @Override
    public int starts() {
        return Integer.parseInt(fact(STARTS));
    }

    @Override
    public synchronized boolean running() {
        return exit == null;
    }

    @Override
    public synchronized Optional<Exit> exit() {
        return Optional.ofNullable(exit);
    }

    @Override
    public synchronized Optional<Exit> await(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (exit == null) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return Optional.empty();
            }
            wait(left);
        }
        return Optional.of(exit);
    }

    @Override
    public void signal(String name) throws IOException {
        int number = Signals.number(name);
        var init = running() ? init() : Optional.<ProcessIdentity>empty();
        if (init.isPresent()) {
            HostProcesses.signal(init.get(), number);
        }
    }

    @Override
    public Exit stop(Duration grace) throws InterruptedException {
        try {
            signal(fact(STOP_SIGNAL));
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.WARNING, "the container " + name() + " cannot be signalled", e);
        }
        var ended = await(grace);
        if (ended.isEmpty()) {
            kill();
            ended = await(END);
        }
        return ended.orElseGet(() -> new Exit(CODE_KILLED, false, Instant.now(), "it does not end"));
    }

    /** Kills its first process and with it all others; where there is none any more, everything in its group. */
    void kill() {
        try {
            var init = init();
            if (init.isPresent()) {
                HostProcesses.signal(init.get(), Linux.SIGKILL);
            } else {
                killGroup();
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the container " + name() + " cannot be killed", e);
        }
    }

    private void killGroup() throws IOException {
        for (long pid : group.allProcesses()) {
            var process = ProcessIdentity.of(pid);
            if (process.isPresent()) {
                HostProcesses.signal(process.get(), Linux.SIGKILL);
            }
        }
    }

    /** Its watcher has ended: finds out how and tells. Does nothing the second time. */
    void settle() {
        boolean tell;
        synchronized (this) {
            tell = exit == null && !state.process(WATCHER).alive();
            if (tell) {
                exit = howItEnded();
                notifyAll();
            }
        }
        if (tell) {
            try {
                killGroup(); // it may have shared its processes with others
            } catch (IOException e) {
                LOG.log(Level.WARNING, "at the container " + name(), e);
            }
            pod.ended();
        }
    }

    private Exit howItEnded() {
        var code = folder.exit();
        boolean memory = group.outOfMemoryKills() > Long.parseLong(fact(OOM_KILLS));
        if (code.isEmpty()) {
            return new Exit(CODE_KILLED, memory, Instant.now(), "its watcher was killed, or the host was restarted");
        }
        return new Exit(
                Math.toIntExact(code.get()),
                memory,
                lastChange(folder.exitFile()),
                code.get() == 0 ? "" : inWords(folder.complaint()));
    }

    private static Instant lastChange(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            return Instant.now();
        }
    }

    @Override
    public void restart() throws LaunchException, InterruptedException {
        if (running()) {
            throw new IllegalStateException("the container " + name() + " runs");
        }
        var waiting = startAgain();
        try {
            pod.watch(this);
            ContainerStart.open(waiting);
            awaitStart();
        } catch (IOException e) {
            throw new LaunchException("the container " + name() + " cannot be started: " + e.getMessage(), e);
        } finally {
            Linux.close(waiting.gate());
        }
    }

    private synchronized ContainerStart.Waiting startAgain() throws LaunchException {
        try {
            folder.forget();
            var waiting = pod.starter(folder)
                    .spawn(
                            name(),
                            group,
                            Boolean.parseBoolean(fact(TTY)),
                            Boolean.parseBoolean(fact(STDIN)),
                            pod.script());
            var facts = new TreeMap<>(state.facts());
            facts.put(STARTS, Integer.toString(starts() + 1));
            facts.put(OOM_KILLS, Long.toString(group.outOfMemoryKills()));
            state = new StateFile(state.id(), Instant.now(), Map.of(WATCHER, waiting.watcher()), facts, state.labels());
            state.write(folder.path());
            exit = null;
            return waiting;
        } catch (IOException e) {
            throw new LaunchException("the container " + name() + " cannot be started: " + e.getMessage(), e);
        }
    }

    @Override
    public Exec exec(ExecSpec spec) throws LaunchException, InterruptedException {
        if (!running()) {
            throw new LaunchException("the container " + name() + " does not run");
        }
        return CrunExec.start(this, pod.holder(), spec);
    }

    @Override
    public LogFile stdout() {
        return stdout;
    }

    @Override
    public LogFile stderr() {
        return stderr;
    }

    @Override
    public GroupStats stats() {
        return group.stats();
    }
}
