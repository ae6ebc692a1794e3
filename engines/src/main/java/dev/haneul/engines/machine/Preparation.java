package dev.haneul.engines.machine;

import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import dev.haneul.fabric.linux.ErrnoException;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One launch up to the gate. What it makes are fields, so that all can be undone. */
abstract sealed class Preparation {
    private static final Logger LOG = System.getLogger(Preparation.class.getName());

    final MachineSpec spec;
    final MachineFolder folder;
    final DiskStore disks;
    private final ImageStore images;
    private final Cgroups groups;
    private boolean rootAcquired;
    private @Nullable Cgroup cgroup;
    private ContainerLaunch.@Nullable Waiting waiting;

    Preparation(MachineSpec spec, MachineFolder folder, DiskStore disks, ImageStore images, Cgroups groups) {
        this.spec = spec;
        this.folder = folder;
        this.disks = disks;
        this.images = images;
        this.groups = groups;
    }

    /** Takes the disks beside the root disk, and whatever else has to be there before the watcher is. */
    abstract void take(Images.Image image) throws IOException, InterruptedException;

    abstract void letGo();

    /** Starts the watcher. */
    abstract ContainerLaunch.Waiting launch(Images.Image image, @Nullable Cgroup group) throws IOException;

    /** What bounds the machine, its watcher included. */
    abstract dev.haneul.engines.WorkloadSpec.Limits limits();

    /** What else stands in the state file. */
    abstract Map<String, String> facts();

    abstract WatchedMachine machine(MachineState state, Cgroup group) throws IOException;

    ContainerLaunch.@Nullable Waiting waiting() {
        return waiting;
    }

    WatchedMachine run() throws IOException, InterruptedException {
        disks.acquire(spec.rootDisk(), new DiskStore.Use(spec.id(), "", () -> {}));
        rootAcquired = true;
        var meta = disks.meta(spec.rootDisk());
        var image = images.find(meta.image().orElse(""))
                .orElseThrow(() -> new IOException("the disk " + spec.rootDisk() + " stands on no image that is here"));
        disks.fitRoot(spec.rootDisk());
        take(image);
        var boot = new FirstBoot(spec, image.userName());
        boot.write(folder);
        var group = groups.create(spec.id());
        cgroup = group;
        group.limitSpace(limits());
        var started = launch(image, groups.threadsMayEnter() ? group : null);
        waiting = started;
        if (!groups.threadsMayEnter()) {
            addFamily(group, started.watcher());
        }
        var machine = machine(new MachineState(folder, state(group, started, boot.hostname())), group);
        machine.openDoor();
        return machine;
    }

    private static void addFamily(Cgroup group, ProcessIdentity watcher) throws IOException, InterruptedException {
        // The watcher's shell comes a moment later, and then waits for the gate.
        HostProcesses.await(1_000_000_000L, () -> HostProcesses.family(watcher).size() > 1);
        for (var process : HostProcesses.family(watcher)) {
            group.add(process.pid());
        }
    }

    private StateFile state(Cgroup group, ContainerLaunch.Waiting started, String hostname) throws IOException {
        var facts = new TreeMap<>(facts());
        facts.put(MachineState.WAY, spec.way().name());
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
                if (spec.way() == MachineWay.CONTAINER) {
                    Boxes.remove(folder);
                }
            }
            if (cgroup != null) {
                cgroup.remove();
            }
            letGo();
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

    /** Of a system container. */
    static final class OfContainer extends Preparation {
        private final MachineDisks dataDisks;
        private final WatchedMachine.Callbacks callbacks;

        OfContainer(
                MachineSpec spec,
                MachineFolder folder,
                DiskStore disks,
                ImageStore images,
                Cgroups groups,
                WatchedMachine.Callbacks callbacks) {
            super(spec, folder, disks, images, groups);
            this.dataDisks = new MachineDisks(spec.id(), disks);
            this.callbacks = callbacks;
        }

        @Override
        void take(Images.Image image) throws IOException {
            for (var disk : spec.disks()) {
                dataDisks.take(disk);
            }
            MachineFolder.replace(folder.script(), ContainerConfig.resource("monitor.sh"));
        }

        @Override
        void letGo() {
            dataDisks.releaseAll();
        }

        @Override
        ContainerLaunch.Waiting launch(Images.Image image, @Nullable Cgroup group) throws IOException {
            return new ContainerLaunch(folder, spec.id(), disks.data(spec.rootDisk()), image.layers()).run(group);
        }

        @Override
        dev.haneul.engines.WorkloadSpec.Limits limits() {
            return ContainerMachine.overhead(spec.limits());
        }

        @Override
        Map<String, String> facts() {
            return dataDisks.facts();
        }

        @Override
        WatchedMachine machine(MachineState state, Cgroup group) throws IOException {
            if (spec.limits().openFiles() > 0) {
                for (var process : HostProcesses.family(state.watcher())) {
                    lowerLimit(process.pid());
                }
            }
            return new ContainerMachine(state, group, disks, dataDisks, callbacks);
        }

        private void lowerLimit(long pid) throws IOException {
            try {
                Linux.lowerLimit(pid, Linux.RLIMIT_NOFILE, spec.limits().openFiles());
            } catch (ErrnoException e) {
                if (e.errno() != ErrnoException.ESRCH) {
                    throw e; // else it ended since it was seen
                }
            }
        }
    }

    /** Of a virtual machine. */
    static final class OfVirtual extends Preparation {
        private final VirtualDisks dataDisks;
        private final Virtual virtual;
        private final WatchedMachine.Callbacks callbacks;
        private String imageDisk = "";
        private String accelerator = "";

        /** What virtual machines need besides. */
        record Virtual(GuestKit kit, ImageDisks imageDisks, Hypervisor hypervisor) {}

        OfVirtual(
                MachineSpec spec,
                MachineFolder folder,
                DiskStore disks,
                ImageStore images,
                Cgroups groups,
                Virtual virtual,
                WatchedMachine.Callbacks callbacks) {
            super(spec, folder, disks, images, groups);
            this.dataDisks = new VirtualDisks(spec.id(), disks);
            this.virtual = virtual;
            this.callbacks = callbacks;
        }

        @Override
        void take(Images.Image image) throws IOException, InterruptedException {
            var obstacle = virtual.hypervisor().obstacle(line -> LOG.log(Level.INFO, line));
            if (obstacle.isPresent()) {
                throw new IOException("virtual machines cannot run here: " + obstacle.get());
            }
            accelerator = String.join(" ", virtual.hypervisor().accelerator());
            imageDisk = virtual.imageDisks().of(image).toString();
            for (var disk : spec.disks()) {
                dataDisks.take(disk);
            }
            MachineFolder.replace(folder.script(), ContainerConfig.resource("virtual.sh"));
        }

        @Override
        void letGo() {
            dataDisks.releaseAll();
        }

        @Override
        ContainerLaunch.Waiting launch(Images.Image image, @Nullable Cgroup group) throws IOException {
            return VirtualLaunch.run(folder, group);
        }

        @Override
        dev.haneul.engines.WorkloadSpec.Limits limits() {
            return VirtualMachine.overhead(spec.limits());
        }

        @Override
        Map<String, String> facts() {
            var facts = new TreeMap<>(dataDisks.facts());
            facts.put(MachineState.IMAGE_DISK, imageDisk);
            facts.put(MachineState.ACCELERATOR, accelerator);
            facts.put(MachineState.CPUS, Integer.toString(VirtualMachine.cpus(spec.limits())));
            facts.put(MachineState.MEMORY, Integer.toString(VirtualMachine.memoryMib(spec.limits())));
            return facts;
        }

        @Override
        WatchedMachine machine(MachineState state, Cgroup group) throws IOException {
            return new VirtualMachine(state, group, disks, dataDisks, virtual.kit(), false, callbacks);
        }
    }
}
