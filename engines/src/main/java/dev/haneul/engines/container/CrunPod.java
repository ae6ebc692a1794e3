package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.cgroup.GroupStats;
import dev.haneul.engines.container.PodFolder.ContainerFolder;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.LogFile;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A pod: a holder of its namespaces, and its containers. */
final class CrunPod implements Pod {
    static final String HOLDER = "holder";
    static final String CGROUP = "cgroup";
    static final String HOSTNAME = "hostname";
    static final String JOINED = "joined";
    static final String SHARED = "shared";

    /** The first process of pods whose containers see each other's: it is nobody's. */
    static final String PAUSE = "pod.pause";

    private static final Logger LOG = System.getLogger(CrunPod.class.getName());
    private static final long END_NANOS = 20_000_000_000L;
    private static final long CLOSE_NANOS = 60_000_000_000L;
    private static final int CLOSE_ATTEMPTS = 3;
    private static final int OVERHEAD_MIB = 4;
    private static final int OVERHEAD_PIDS = 5;

    private final PodFolder folder;
    private final StateFile state;
    private final Cgroup group;
    private final Engine engine;
    private final Map<String, CrunContainer> containers = new ConcurrentHashMap<>();
    private final CountDownLatch gone = new CountDownLatch(1);
    private boolean closed;

    /** What a pod needs of its engine. */
    interface Engine {
        LayerStore layers();

        /** The watchers' script. */
        Path script();

        /** The small init, empty where there is none. */
        String init();

        /** Calls {@link CrunContainer#settle} once its watcher has ended. */
        void watch(CrunContainer container) throws IOException;

        void changed(String pod);

        void closed(String pod);
    }

    CrunPod(PodFolder folder, StateFile state, Cgroup group, Engine engine) {
        this.folder = folder;
        this.state = state;
        this.group = group;
        this.engine = engine;
    }

    ProcessIdentity holder() {
        return state.process(HOLDER);
    }

    PodFolder folder() {
        return folder;
    }

    Path script() {
        return engine.script();
    }

    void watch(CrunContainer container) throws IOException {
        engine.watch(container);
    }

    /** One of its containers has ended. */
    void ended() {
        engine.changed(id());
    }

    ContainerStart starter(ContainerFolder container) {
        return new ContainerStart(holder(), container);
    }

    /** The images' layers its containers stand on, as they noted them. */
    Stream<String> layers() {
        return containers.values().stream()
                .flatMap(it -> Stream.of(it.fact(LayerStore.LAYERS).split(" ")));
    }

    Stream<LogFile> logs() {
        return containers.values().stream().flatMap(CrunContainer::logs);
    }

    /** Takes its containers in as an earlier server left them. */
    void adopt() throws IOException {
        try (var folders = Files.list(folder.containers())) {
            for (var path : folders.filter(Files::isDirectory).toList()) {
                var at = folder.container(path.getFileName().toString());
                var found = StateFile.read(path).filter(it -> it.processes().containsKey(CrunContainer.WATCHER));
                if (found.isPresent()) {
                    var name = found.get().id();
                    containers.put(name, new CrunContainer(this, at, group.inner(groupName(name)), found.get()));
                } else {
                    FileTrees.delete(path); // it had not begun
                }
            }
        }
        for (var container : containers.values()) {
            CrunExec.sweep(container.folder().path(), container.pid());
            engine.watch(container);
        }
    }

    private static String groupName(String container) {
        return "c-" + container;
    }

    @Override
    public String id() {
        return state.id();
    }

    @Override
    public Map<String, String> labels() {
        return state.labels();
    }

    @Override
    public Path netns() {
        return Path.of("/proc/" + holder().pid() + "/ns/net");
    }

    @Override
    public Instant preparedAt() {
        return state.startedAt();
    }

    @Override
    public Container start(ContainerSpec spec) throws LaunchException, InterruptedException {
        if (spec.name().equals(PAUSE)) {
            throw new LaunchException("no container can be called " + PAUSE);
        }
        var architecture = System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";
        if (!spec.architecture().isEmpty() && !spec.architecture().equals(architecture)) {
            throw new LaunchException(
                    "the image is for linux/" + spec.architecture() + ", and this host is linux/" + architecture);
        }
        return start(spec, engine.layers().folders(spec.image()));
    }

    /** Starts the process that the others will descend from. */
    void startPause() throws LaunchException, InterruptedException {
        if (engine.init().isEmpty()) {
            throw new LaunchException(
                    "containers cannot share processes: no init is installed (apt-get install catatonit)");
        }
        var spec = ContainerSpec.of(PAUSE, new ImageRoot(List.of()), "/" + LayerStore.PAUSE, "-P");
        start(spec, List.of(engine.layers().pause(engine.init())));
    }

    private CrunContainer start(ContainerSpec spec, List<String> layers) throws LaunchException, InterruptedException {
        var at = folder.container(spec.name());
        synchronized (this) {
            if (closed) {
                throw new LaunchException("the pod " + id() + " is closed");
            }
            try {
                at.make();
            } catch (IOException e) {
                throw new LaunchException("there is a container " + spec.name() + " already", e);
            }
        }
        var starting = new Starting(spec, at, layers);
        try {
            return starting.run();
        } catch (IOException e) {
            starting.undo();
            throw new LaunchException("the container " + spec.name() + " cannot be started: " + e.getMessage(), e);
        } catch (LaunchException | InterruptedException | RuntimeException e) {
            starting.undo();
            throw e;
        }
    }

    /** One start. What it makes are fields, so that all can be undone. */
    private final class Starting {
        private final ContainerSpec spec;
        private final ContainerFolder at;
        private final List<String> layers;
        private final ContainerStart starter;
        private final Cgroup own;

        Starting(ContainerSpec spec, ContainerFolder at, List<String> layers) {
            this.spec = spec;
            this.at = at;
            this.layers = layers;
            this.starter = starter(at);
            this.own = group.inner(groupName(spec.name()));
        }

        CrunContainer run() throws IOException, LaunchException, InterruptedException {
            var config = new RuntimeConfig(
                    String.valueOf(state.facts().get(HOSTNAME)),
                    at,
                    spec,
                    new RuntimeConfig.Namespaces(
                            netns().toString(), processes(), state.facts().containsKey(JOINED), engine.init()));
            starter.prepare(spec, config, engine.layers().home(), layers);
            group.within(own.name().substring(own.name().lastIndexOf('/') + 1));
            limit(own, spec.limits());
            var process = spec.process();
            var waiting = starter.spawn(spec.name(), own, process.tty(), process.stdin(), script());
            try {
                var first = CrunContainer.firstState(spec, waiting.watcher());
                first.facts().put(LayerStore.LAYERS, String.join(" ", layers));
                first.write(at.path());
                var container = new CrunContainer(CrunPod.this, at, own, first);
                containers.put(spec.name(), container);
                engine.watch(container);
                ContainerStart.open(waiting);
                container.awaitStart();
                return container;
            } finally {
                Linux.close(waiting.gate());
            }
        }

        /** Nothing stays of a container that did not start. */
        void undo() {
            containers.remove(spec.name());
            try {
                killAll(own);
                starter.unmount();
                own.removeAll();
                FileTrees.delete(at.path());
                forgetWritten();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "the container " + spec.name() + " cannot be cleared away", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void forgetWritten() throws IOException {
            starter.forget();
        }
    }

    private String processes() {
        var pause = Optional.ofNullable(containers.get(PAUSE)).flatMap(CrunContainer::init);
        return pause.map(it -> "/proc/" + it.pid() + "/ns/pid").orElse("");
    }

    private static void limit(Cgroup own, ContainerSpec.Limits limits) throws IOException {
        own.limitSpace(new WorkloadSpec.Limits(
                limits.memoryMib() == 0 ? 0 : limits.memoryMib() + OVERHEAD_MIB,
                0,
                limits.pids() == 0 ? 0 : limits.pids() + OVERHEAD_PIDS,
                0));
        if (limits.cpuMilli() > 0) {
            own.limitCpu(limits.cpuMilli());
        }
        if (limits.cpuShares() > 0) {
            own.weigh(limits.cpuShares());
        }
        if (limits.reservationMib() > 0) {
            own.reserve(limits.reservationMib());
        }
    }

    @Override
    public List<Container> containers() {
        return containers.values().stream()
                .filter(it -> !it.name().equals(PAUSE))
                .sorted(Comparator.comparing(CrunContainer::since))
                .map(Container.class::cast)
                .toList();
    }

    @Override
    public Optional<Container> find(String name) {
        return name.equals(PAUSE) ? Optional.empty() : Optional.ofNullable(containers.get(name));
    }

    @Override
    public GroupStats stats() {
        return group.stats();
    }

    /** By proc_pid_net(5): two lines of titles, then eight numbers in and eight out. */
    @Override
    public Map<String, Traffic> traffic() {
        var found = new TreeMap<String, Traffic>();
        try {
            for (var line : Files.readAllLines(Path.of("/proc/" + holder().pid() + "/net/dev"))) {
                var parts = line.split(":", 2);
                var name = parts[0].strip();
                if (parts.length == 2 && !name.equals("lo")) {
                    var it = Arrays.stream(parts[1].strip().split("\\s+"))
                            .mapToLong(Long::parseLong)
                            .toArray();
                    found.put(name, new Traffic(it[0], it[1], it[2], it[3], it[8], it[9], it[10], it[11]));
                }
            }
        } catch (IOException e) {
            return Map.of(); // its holder has ended
        }
        return found;
    }

    @Override
    public Disk disk() {
        try {
            // As the pod sees it.
            FileStore store = Files.getFileStore(Path.of("/proc/" + holder().pid() + "/root" + folder.disk()));
            return new Disk(store.getTotalSpace() - store.getUnallocatedSpace(), store.getTotalSpace());
        } catch (IOException e) {
            return new Disk(0, 0); // its holder has ended
        }
    }

    /** Kills everything in a group, and waits until it has left. */
    private static void killAll(Cgroup group) throws IOException, InterruptedException {
        boolean empty = HostProcesses.await(END_NANOS, () -> {
            try {
                var pids = group.allProcesses();
                for (long pid : pids) {
                    var process = ProcessIdentity.of(pid);
                    if (process.isPresent()) {
                        HostProcesses.signal(process.get(), Linux.SIGKILL);
                    }
                }
                return pids.isEmpty();
            } catch (IOException e) {
                return true;
            }
        });
        if (!empty) {
            throw new IOException("somebody in " + group.name() + " does not die");
        }
    }

    /** Where control groups do not tell who is there: by what is known of each container. */
    private void killKnown() throws IOException {
        for (var container : containers.values()) {
            for (var process : HostProcesses.family(container.watcher()).reversed()) {
                HostProcesses.signal(process, Linux.SIGKILL);
            }
        }
    }

    /** Once begun it goes on to its end, whoever interrupts; who comes second waits for that end. */
    @Override
    public void close() {
        boolean first;
        synchronized (this) {
            first = !closed;
            closed = true;
        }
        boolean interrupted = false;
        if (first) {
            for (int attempt = 1; !cleared() && attempt < CLOSE_ATTEMPTS; attempt++) {
                interrupted = true;
            }
            gone.countDown();
            engine.closed(id());
        } else {
            interrupted = !awaitClosed();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether anybody has begun to close it. */
    synchronized boolean closing() {
        return closed;
    }

    /** Waits until whoever closes it is done; false where the wait was interrupted. */
    boolean awaitClosed() {
        try {
            if (!gone.await(CLOSE_NANOS, TimeUnit.NANOSECONDS)) {
                LOG.log(Level.WARNING, "the pod " + id() + " is still being cleared away");
            }
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Clears it away as far as possible; false where that was interrupted. */
    private boolean cleared() {
        try {
            killKnown();
            killAll(group);
            HostProcesses.signal(holder(), Linux.SIGKILL);
            HostProcesses.await(
                    END_NANOS,
                    () -> !holder().alive()
                            && containers.values().stream()
                                    .noneMatch(it -> it.watcher().alive()));
            Linux.reapChild(holder().pid());
            containers.values().forEach(CrunContainer::settle);
            group.removeAll();
            FileTrees.delete(folder.path());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the pod " + id() + " cannot be cleared away", e);
        } catch (InterruptedException e) {
            return false;
        }
        return true;
    }
}
