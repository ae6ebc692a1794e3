package dev.haneul.engines.machine;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.work.Folders;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.LogFile;
import dev.haneul.engines.work.LogJanitor;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import dev.haneul.engines.work.Tools;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.ProcessExits;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

/** Runs servers as system containers; see the package for how. */
public final class SystemContainers implements Machines {
    private static final Logger LOG = System.getLogger(SystemContainers.class.getName());

    private static final Duration COPY_PATIENCE = Duration.ofMinutes(10);

    private final Path home;
    private final Function<String, Cgroups> cgroupsFinder;
    private final ImageStore images;
    private final DiskStore disks;
    private final Map<String, ContainerMachine> machines = new ConcurrentHashMap<>();
    private final LogJanitor janitor = new LogJanitor(this::consoles);
    private volatile Consumer<String> watcher = id -> {};
    private @Nullable MachineProbe probe;
    private @Nullable Cgroups cgroups;
    private @Nullable ProcessExits exits;

    /**
     * @param home a folder of this engine's own within the data folder; made on first use
     * @param imageCache a folder for images that all regions of this user share
     */
    public SystemContainers(Path home, Path imageCache) {
        this(home, imageCache, Cgroups::detect);
    }

    SystemContainers(Path home, Path imageCache, Function<String, Cgroups> cgroupsFinder) {
        this.cgroupsFinder = cgroupsFinder;
        this.home = home.toAbsolutePath().normalize();
        this.images = new ImageStore(imageCache.toAbsolutePath().normalize(), this::standsOn, this::copyUpper);
        this.disks = new DiskStore(this.home, id -> images.find(id).map(Images.Image::id));
    }

    private boolean standsOn(String image) throws IOException {
        return disks.standsOn(image);
    }

    /** Copies the written part of a root disk; through its machine where one has it, for only one may mount it. */
    private String copyUpper(String disk, Path target) throws IOException, InterruptedException {
        var image = disks.meta(disk).image().orElseThrow(() -> new IOException(disk + " is no root disk"));
        var use = disks.use(disk);
        if (use.isPresent()) {
            var machine = machines.get(use.get().machine());
            if (machine == null) {
                throw new IOException("the disk " + disk + " is at a machine that is just being made");
            }
            machine.copyUpper(target);
        } else {
            Tools.run(
                    COPY_PATIENCE,
                    "unshare",
                    "--mount",
                    "--propagation",
                    "private",
                    "sh",
                    "-ec",
                    "mkdir \"$2.mnt\"; mount -o loop \"$1\" \"$2.mnt\"; mkdir -p \"$2.mnt/upper\"; cp -a \"$2.mnt/upper\" \"$2\"",
                    "sh",
                    disks.data(disk).toString(),
                    target.toString());
        }
        return image;
    }

    @Override
    public synchronized MachineProbe probe() {
        if (probe == null) {
            probe = MachineProbing.probe(home, this::groups);
        }
        return probe;
    }

    private Path folders() {
        return home.resolve("machines");
    }

    private synchronized Cgroups groups() {
        if (cgroups == null) {
            cgroups = cgroupsFinder.apply(
                    "haneul-machines-" + Integer.toHexString(home.toString().hashCode()));
        }
        return cgroups;
    }

    private synchronized ProcessExits exits() throws IOException {
        if (exits == null) {
            exits = new ProcessExits();
        }
        return exits;
    }

    private Stream<LogFile> consoles() {
        return machines.values().stream().map(ContainerMachine::consoleLog);
    }

    @Override
    public Images images() {
        return images;
    }

    @Override
    public Disks disks() {
        return disks;
    }

    @Override
    public void watch(Consumer<String> changed) {
        watcher = changed;
    }

    @Override
    public PreparedMachine prepare(MachineSpec spec) throws LaunchException, InterruptedException {
        var found = probe();
        if (!found.usable()) {
            throw new LaunchException("servers cannot run here: " + found.reason());
        }
        var folder = new MachineFolder(folders().resolve(spec.id()));
        try {
            Files.createDirectories(folders());
            folder.make();
        } catch (FileAlreadyExistsException e) {
            throw new LaunchException("there is a machine " + spec.id() + " already", e);
        } catch (IOException e) {
            throw new LaunchException("no folder can be made for " + spec.id() + ": " + e.getMessage(), e);
        }
        var preparation = new Preparation(spec, folder);
        try {
            return preparation.run();
        } catch (IOException e) {
            preparation.undo();
            throw new LaunchException("the machine " + spec.id() + " cannot be made: " + e.getMessage(), e);
        } catch (InterruptedException | RuntimeException e) {
            preparation.undo();
            throw e;
        }
    }

    /** One launch up to the gate. What it makes are fields, so that all can be undone. */
    private final class Preparation {
        private final MachineSpec spec;
        private final MachineFolder folder;
        private final MachineDisks dataDisks;
        private boolean rootAcquired;
        private @Nullable Cgroup cgroup;
        private ContainerLaunch.@Nullable Waiting waiting;

        Preparation(MachineSpec spec, MachineFolder folder) {
            this.spec = spec;
            this.folder = folder;
            this.dataDisks = new MachineDisks(spec.id(), disks);
        }

        PreparedMachine run() throws IOException, InterruptedException {
            disks.acquire(spec.rootDisk(), new DiskStore.Use(spec.id(), "", () -> {}));
            rootAcquired = true;
            var meta = disks.meta(spec.rootDisk());
            var image = images.find(meta.image().orElse(""))
                    .orElseThrow(
                            () -> new IOException("the disk " + spec.rootDisk() + " stands on no image that is here"));
            disks.fitRoot(spec.rootDisk());
            for (var disk : spec.disks()) {
                dataDisks.take(disk);
            }
            var boot = new FirstBoot(spec, image.userName());
            boot.write(folder);
            MachineFolder.replace(folder.script(), ContainerConfig.resource("monitor.sh"));
            var launch = new ContainerLaunch(folder, spec.id(), disks.data(spec.rootDisk()), image.layers());
            var group = groups().create(spec.id());
            cgroup = group;
            group.limitSpace(ContainerMachine.withOverhead(spec.limits()));
            var started = launch.run(groups().threadsMayEnter() ? group : null);
            waiting = started;
            if (!groups().threadsMayEnter()) {
                addFamily(group, started.watcher());
            }
            if (spec.limits().openFiles() > 0) {
                for (var process : HostProcesses.family(started.watcher())) {
                    Linux.lowerLimit(
                            process.pid(), Linux.RLIMIT_NOFILE, spec.limits().openFiles());
                }
            }
            var machine = new ContainerMachine(
                    new MachineState(folder, state(group, started, boot.hostname())),
                    group,
                    disks,
                    dataDisks,
                    callbacks());
            machine.openDoor();
            return new Prepared(this, machine);
        }

        private static void addFamily(Cgroup group, ProcessIdentity watcher) throws IOException, InterruptedException {
            // The watcher's shell comes a moment later, and then waits for the gate.
            HostProcesses.await(
                    1_000_000_000L, () -> HostProcesses.family(watcher).size() > 1);
            for (var process : HostProcesses.family(watcher)) {
                group.add(process.pid());
            }
        }

        private StateFile state(Cgroup group, ContainerLaunch.Waiting started, String hostname) throws IOException {
            var facts = new TreeMap<>(dataDisks.facts());
            facts.put(MachineState.CGROUP, group.name());
            facts.put(MachineState.ROOT_DISK, spec.rootDisk());
            facts.put(MachineState.ROOT_LOOP, started.loop());
            facts.put(MachineState.HOSTNAME, hostname);
            var state = new StateFile(
                    spec.id(), Instant.now(), Map.of(MachineState.WATCHER, started.watcher()), facts, spec.labels());
            state.write(folder.path());
            return state;
        }

        /** Nothing stays of a machine that was not started. */
        void undo() {
            try {
                if (waiting != null) {
                    Linux.close(waiting.gate());
                    for (var process : HostProcesses.family(waiting.watcher()).reversed()) {
                        HostProcesses.signal(process, Linux.SIGKILL);
                    }
                    var watching = waiting.watcher();
                    HostProcesses.await(5_000_000_000L, () -> !watching.alive());
                    Linux.reapChild(watching.pid());
                    Boxes.remove(folder);
                }
                if (cgroup != null) {
                    cgroup.remove();
                }
                dataDisks.releaseAll();
                if (rootAcquired) {
                    disks.release(spec.rootDisk());
                }
                FileTrees.delete(folder.path());
            } catch (IOException e) {
                LOG.log(Level.WARNING, "the machine " + spec.id() + " cannot be cleared away", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private ContainerMachine.Callbacks callbacks() {
        return new ContainerMachine.Callbacks() {
            @Override
            public void changed(String id) {
                watcher.accept(id);
            }

            @Override
            public void closed(String id) {
                machines.remove(id);
            }
        };
    }

    /** A machine at its gate. */
    private final class Prepared implements PreparedMachine {
        private final Preparation preparation;
        private final ContainerMachine machine;
        private boolean over;

        Prepared(Preparation preparation, ContainerMachine machine) {
            this.preparation = preparation;
            this.machine = machine;
        }

        @Override
        public String id() {
            return machine.id();
        }

        @Override
        public Path netns() {
            return machine.netns();
        }

        @Override
        public synchronized Machine start() throws LaunchException, InterruptedException {
            if (over || preparation.waiting == null) {
                throw new IllegalStateException(id() + " was started or closed already");
            }
            over = true;
            int gate = preparation.waiting.gate();
            try {
                adopt(machine);
                machine.start(gate, preparation.spec.limits());
                return machine;
            } catch (IOException e) {
                machine.close();
                throw new LaunchException("the machine " + id() + " cannot be started: " + e.getMessage(), e);
            } catch (LaunchException | InterruptedException | RuntimeException e) {
                machine.close();
                throw e;
            } finally {
                Linux.close(gate);
            }
        }

        @Override
        public synchronized void close() {
            if (!over) {
                over = true;
                machine.letGo();
                preparation.undo();
            }
        }
    }

    /** Knows a machine and hears of its end from now on. */
    private void adopt(ContainerMachine machine) throws IOException {
        machines.put(machine.id(), machine);
        janitor.start();
        int pidfd;
        try {
            pidfd = Linux.pidfdOpen(machine.watcher().pid());
        } catch (IOException e) {
            machine.settle();
            return;
        }
        exits().watch(pidfd, () -> Thread.ofVirtual().start(machine::settle));
        if (!machine.watcher().alive()) {
            machine.settle();
        }
    }

    @Override
    public List<Machine> recover() {
        try {
            // Most starts of most regions: no machine, and no reason to try out what this host can do.
            if (Folders.within(folders()).isEmpty()) {
                disks.clear();
                return List.of();
            }
            if (!probe().usable()) {
                return List.of();
            }
            return new MachineRecovery(folders(), groups(), disks, callbacks()).run(machines.keySet(), this::adopt);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "machines of an earlier server cannot be looked for", e);
            return List.of();
        }
    }

    /** The machine with this id, if it is known here. */
    public Optional<Machine> find(String id) {
        return Optional.ofNullable(machines.get(id));
    }

    @Override
    public void close() {
        new ArrayList<>(machines.values()).forEach(ContainerMachine::letGo);
        janitor.close();
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
