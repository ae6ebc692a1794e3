package dev.haneul.engines.machine;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.work.Folders;
import dev.haneul.engines.work.LogFile;
import dev.haneul.engines.work.LogJanitor;
import dev.haneul.engines.work.Tools;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.ProcessExits;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private final GuestKit kit;
    private final ImageDisks imageDisks = new ImageDisks();
    private final Hypervisor hypervisor;
    private final Map<String, WatchedMachine> machines = new ConcurrentHashMap<>();
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
        this(home, imageCache, false);
    }

    /** @param emulation whether the processor of virtual machines may be emulated where KVM boots none */
    public SystemContainers(Path home, Path imageCache, boolean emulation) {
        this(home, imageCache, emulation, Cgroups::detect);
    }

    SystemContainers(Path home, Path imageCache, boolean emulation, Function<String, Cgroups> cgroupsFinder) {
        this.kit = new GuestKit(imageCache.toAbsolutePath().normalize());
        this.hypervisor = new Hypervisor(kit, emulation);
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
            copyUpperOf(disks.data(disk), target, COPY_PATIENCE);
        }
        return image;
    }

    /** Copies the written part of a root disk that nobody uses. */
    static void copyUpperOf(Path data, Path target, Duration patience) throws IOException, InterruptedException {
        Tools.run(
                patience,
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-ec",
                "mkdir \"$2.mnt\"; mount -o loop \"$1\" \"$2.mnt\"; mkdir -p \"$2.mnt/upper\"; cp -a \"$2.mnt/upper\" \"$2\"",
                "sh",
                data.toString(),
                target.toString());
    }

    @Override
    public MachineProbe probe() {
        return found().withVirtualMachines(hypervisor.words());
    }

    private synchronized MachineProbe found() {
        if (probe == null) {
            probe = MachineProbing.probe(home, this::groups);
        }
        return probe;
    }

    @Override
    public Optional<String> obstacle(MachineWay way) throws InterruptedException {
        var found = found();
        if (!found.usable()) {
            return Optional.of(found.reason());
        }
        return way == MachineWay.CONTAINER ? Optional.empty() : hypervisor.obstacle(line -> LOG.log(Level.INFO, line));
    }

    @Override
    public boolean virtualMachinesProven() {
        return hypervisor.proven();
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
        return machines.values().stream().map(WatchedMachine::consoleLog);
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
        var preparation = preparation(spec, folder);
        try {
            return new Prepared(preparation, preparation.run());
        } catch (IOException e) {
            preparation.undo();
            throw new LaunchException("the machine " + spec.id() + " cannot be made: " + e.getMessage(), e);
        } catch (InterruptedException | RuntimeException e) {
            preparation.undo();
            throw e;
        }
    }

    private Preparation preparation(MachineSpec spec, MachineFolder folder) {
        return switch (spec.way()) {
            case CONTAINER -> new Preparation.OfContainer(spec, folder, disks, images, groups(), callbacks());
            case VIRTUAL ->
                new Preparation.OfVirtual(
                        spec,
                        folder,
                        disks,
                        images,
                        groups(),
                        new Preparation.OfVirtual.Virtual(kit, imageDisks, hypervisor),
                        callbacks());
        };
    }

    private WatchedMachine.Callbacks callbacks() {
        return new WatchedMachine.Callbacks() {
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
        private final WatchedMachine machine;
        private boolean over;

        Prepared(Preparation preparation, WatchedMachine machine) {
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
            var waiting = preparation.waiting();
            if (over || waiting == null) {
                throw new IllegalStateException(id() + " was started or closed already");
            }
            over = true;
            int gate = waiting.gate();
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
    private void adopt(WatchedMachine machine) throws IOException {
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
            return new MachineRecovery(folders(), groups(), disks, kit, callbacks())
                    .run(machines.keySet(), this::adopt);
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
        new ArrayList<>(machines.values()).forEach(WatchedMachine::letGo);
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
