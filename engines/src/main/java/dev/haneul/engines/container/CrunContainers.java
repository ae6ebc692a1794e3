package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Probe;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.container.PodSpec.Network;
import dev.haneul.engines.work.FileSystemTemplates;
import dev.haneul.engines.work.Folders;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.LogFile;
import dev.haneul.engines.work.LogJanitor;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.ProcessExits;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs pods by crun; see the package for how. */
public final class CrunContainers implements Containers {
    private static final Logger LOG = System.getLogger(CrunContainers.class.getName());
    private static final String[] DISK_OPTIONS = {
        "-O", "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,nodiscard"
    };
    private static final long END_NANOS = 5_000_000_000L;
    private static final int OVERHEAD_MIB = 16;
    private static final int OVERHEAD_PIDS = 40;

    private final Path home;
    private final Function<String, Cgroups> cgroupsFinder;
    private final LayerStore layers;
    private final FileSystemTemplates templates;
    private final Map<String, CrunPod> pods = new ConcurrentHashMap<>();
    private final LogJanitor janitor = new LogJanitor(this::logs);
    private final CrunPod.Engine callbacks = new Callbacks();
    private volatile Consumer<String> watcher = id -> {};
    private @Nullable Probe probe;
    private @Nullable Cgroups cgroups;
    private @Nullable ProcessExits exits;
    private boolean scriptWritten;

    /** @param home a folder of this engine's own within the data folder; made on first use */
    public CrunContainers(Path home) {
        this(home, Cgroups::detect);
    }

    CrunContainers(Path home, Function<String, Cgroups> cgroupsFinder) {
        this.cgroupsFinder = cgroupsFinder;
        this.home = home.toAbsolutePath().normalize();
        this.layers = new LayerStore(this.home.resolve("layers"), this::layersInUse);
        this.templates = templates(this.home);
    }

    static FileSystemTemplates templates(Path home) {
        return new FileSystemTemplates(home.resolve("templates"), DISK_OPTIONS);
    }

    private Stream<String> layersInUse() {
        return pods.values().stream().flatMap(CrunPod::layers);
    }

    private Stream<LogFile> logs() {
        return pods.values().stream().flatMap(CrunPod::logs);
    }

    @Override
    public synchronized Probe probe() {
        if (probe == null) {
            probe = ContainersProbing.probe(home, this::groups);
        }
        return probe;
    }

    private Path folders() {
        return home.resolve("pods");
    }

    private synchronized Cgroups groups() {
        if (cgroups == null) {
            cgroups = cgroupsFinder.apply("haneul-pods-" + key());
        }
        return cgroups;
    }

    private String key() {
        return Integer.toHexString(home.toString().hashCode());
    }

    private synchronized ProcessExits exits() throws IOException {
        if (exits == null) {
            exits = new ProcessExits();
        }
        return exits;
    }

    @Override
    public ImageRoots images() {
        return layers;
    }

    @Override
    public void watch(Consumer<String> changed) {
        watcher = changed;
    }

    @Override
    public Optional<Pod> find(String id) {
        return Optional.ofNullable(pods.get(id));
    }

    @Override
    public String status() {
        var found = probe();
        if (!found.usable()) {
            return "containers: cannot run here; " + found.reason();
        }
        long running = pods.values().stream()
                .flatMap(it -> it.containers().stream())
                .filter(Container::running)
                .count();
        String unpacked;
        try {
            unpacked = (layers.bytes() >> 20) + " MiB of unpacked images";
        } catch (IOException e) {
            unpacked = "unpacked images cannot be read: " + e.getMessage();
        }
        return "containers: " + found.reason() + "; " + pods.size() + " pods with " + running + " running containers, "
                + unpacked;
    }

    @Override
    public Pod prepare(PodSpec spec) throws LaunchException, InterruptedException {
        var found = probe();
        if (!found.usable()) {
            throw new LaunchException("containers cannot run here: " + found.reason());
        }
        var folder = new PodFolder(folders().resolve(spec.id()));
        try {
            Files.createDirectories(folders());
            folder.make();
        } catch (FileAlreadyExistsException e) {
            throw new LaunchException("there is a pod " + spec.id() + " already", e);
        } catch (IOException e) {
            throw new LaunchException("no folder can be made for " + spec.id() + ": " + e.getMessage(), e);
        }
        var preparation = new Preparation(spec, folder);
        try {
            return preparation.run();
        } catch (IOException e) {
            preparation.undo();
            throw new LaunchException("the pod " + spec.id() + " cannot be made: " + e.getMessage(), e);
        } catch (LaunchException | InterruptedException | RuntimeException e) {
            preparation.undo();
            throw e;
        }
    }

    /** One preparation. What it makes are fields, so that all can be undone. */
    private final class Preparation {
        private final PodSpec spec;
        private final PodFolder folder;
        private @Nullable Cgroup group;
        private @Nullable ProcessIdentity holder;
        private @Nullable CrunPod pod;

        Preparation(PodSpec spec, PodFolder folder) {
            this.spec = spec;
            this.folder = folder;
        }

        CrunPod run() throws IOException, LaunchException, InterruptedException {
            writeScript();
            var name = groupName();
            folder.noteGroup(name);
            var made = groups().create(name);
            group = made;
            limit(made);
            var held = new PodLaunch(spec, folder).run(templates);
            holder = held;
            var state = state(name, held);
            state.write(folder.path());
            var ready = new CrunPod(folder, state, made, callbacks);
            pod = ready;
            pods.put(spec.id(), ready);
            janitor.start();
            if (spec.sharedProcesses()) {
                ready.startPause();
            }
            return ready;
        }

        private String groupName() {
            var within = spec.accountedTo().isPresent()
                    ? groups().nameWithin(spec.accountedTo().getAsLong(), "haneul-pod-" + key() + "-" + spec.id())
                    : Optional.<String>empty();
            return within.orElse(spec.id());
        }

        private void limit(Cgroup made) throws IOException {
            var limits = spec.limits();
            made.limitSpace(new WorkloadSpec.Limits(
                    limits.memoryMib() == 0 ? 0 : limits.memoryMib() + OVERHEAD_MIB,
                    0,
                    limits.pids() == 0 ? 0 : limits.pids() + OVERHEAD_PIDS,
                    0));
            if (limits.cpuMilli() > 0) {
                made.limitCpu(limits.cpuMilli());
            }
            if (limits.cpuShares() > 0) {
                made.weigh(limits.cpuShares());
            }
        }

        private StateFile state(String groupName, ProcessIdentity held) {
            var facts = new TreeMap<String, String>();
            facts.put(CrunPod.CGROUP, groupName);
            facts.put(CrunPod.HOSTNAME, spec.hostname());
            if (spec.network() instanceof Network.Join) {
                facts.put(CrunPod.JOINED, "true");
            }
            if (spec.sharedProcesses()) {
                facts.put(CrunPod.SHARED, "true");
            }
            return new StateFile(spec.id(), Instant.now(), Map.of(CrunPod.HOLDER, held), facts, spec.labels());
        }

        /** Nothing stays of a pod that was not made. */
        void undo() {
            if (pod != null) {
                pod.close();
                return;
            }
            try {
                var held = holder;
                if (held != null) {
                    HostProcesses.signal(held, Linux.SIGKILL);
                    HostProcesses.await(END_NANOS, () -> !held.alive());
                    Linux.reapChild(held.pid());
                }
                if (group != null) {
                    group.removeAll();
                }
                FileTrees.delete(folder.path());
            } catch (IOException e) {
                LOG.log(Level.WARNING, "the pod " + spec.id() + " cannot be cleared away", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Path script() {
        return home.resolve("watch.sh");
    }

    /** Once, and at one blow: a shell that begins to read it finds all of it, whoever else starts something meanwhile. */
    private synchronized void writeScript() throws IOException {
        if (!scriptWritten) {
            var next = home.resolve("watch.sh.new");
            Files.write(next, RuntimeConfig.resource("watch.sh"));
            Files.move(next, script(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            scriptWritten = true;
        }
    }

    private final class Callbacks implements CrunPod.Engine {
        @Override
        public LayerStore layers() {
            return layers;
        }

        @Override
        public Path script() {
            return CrunContainers.this.script();
        }

        @Override
        public String init() {
            return ContainersProbing.init();
        }

        @Override
        public void watch(CrunContainer container) throws IOException {
            int pidfd;
            try {
                pidfd = Linux.pidfdOpen(container.watcher().pid());
            } catch (IOException e) {
                container.settle(); // ended and gone
                return;
            }
            if (!container.watcher().alive()) {
                Linux.close(pidfd); // another process by now, or a child of ours that nobody has reaped
                Linux.reapChild(container.watcher().pid());
                container.settle();
                return;
            }
            exits().watch(pidfd, () -> Thread.ofVirtual().start(container::settle));
        }

        @Override
        public void changed(String pod) {
            watcher.accept(pod);
        }

        @Override
        public void closed(String pod) {
            pods.remove(pod);
        }
    }

    @Override
    public List<Pod> recover() {
        try {
            layers.recover();
            // Most starts of most regions: no pod, and no reason to try out what this host can do. Where
            // one runs still, there is nothing to be found out.
            if (Folders.within(folders()).isEmpty() || !(standing() || probe().usable())) {
                return List.of();
            }
            return adopt();
        } catch (IOException e) {
            LOG.log(Level.ERROR, "pods of an earlier server cannot be looked for", e);
            return List.of();
        }
    }

    /** Whether a pod of an earlier server is there. */
    private boolean standing() throws IOException {
        for (var path : Folders.within(folders())) {
            var holder = StateFile.read(path)
                    .filter(it -> it.processes().containsKey(CrunPod.HOLDER))
                    .map(it -> it.process(CrunPod.HOLDER));
            if (holder.isPresent() && holder.get().alive()) {
                return true;
            }
        }
        return false;
    }

    private List<Pod> adopt() throws IOException {
        var kept = new ArrayList<CrunPod>();
        var half = new ArrayList<PodFolder>();
        writeScript();
        for (var path : Folders.within(folders())) {
            var folder = new PodFolder(path);
            var state = StateFile.read(path).filter(it -> it.processes().containsKey(CrunPod.HOLDER));
            var known = pods.containsKey(path.getFileName().toString());
            if (state.isPresent() && !known) {
                var group = groups().existing(String.valueOf(state.get().facts().get(CrunPod.CGROUP)));
                kept.add(new CrunPod(folder, state.get(), group, callbacks));
            } else if (!known) {
                half.add(folder);
            }
        }
        new PodClearing(folders(), groups()).run(half, stays(kept));
        for (var pod : kept) {
            pods.put(pod.id(), pod);
            pod.adopt();
        }
        janitor.start();
        return List.copyOf(kept);
    }

    private List<PodFolder> stays(List<CrunPod> kept) {
        return Stream.concat(pods.values().stream(), kept.stream())
                .map(CrunPod::folder)
                .toList();
    }

    @Override
    public void close() {
        janitor.close();
        // What somebody has begun to clear away goes: its folder may be nobody's before another server starts.
        pods.values().stream().filter(CrunPod::closing).forEach(CrunPod::awaitClosed);
        ProcessExits watching;
        Cgroups held;
        synchronized (this) {
            watching = exits;
            held = cgroups;
            exits = null;
        }
        if (watching != null) {
            watching.close();
        }
        if (held != null) {
            held.close();
        }
    }
}
