package dev.haneul.engines.machine;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.work.Sparse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A virtual machine: one watcher on the host, below it an emulator, and in that a kernel of its own. What it is told at a
 * boot (kernel, disks, interfaces, seed) stands in its folder, so that it reboots without us.
 */
final class VirtualMachine extends WatchedMachine {
    private static final System.Logger LOG = System.getLogger(VirtualMachine.class.getName());

    /** What the emulator takes besides the guest's memory. */
    private static final int OVERHEAD_MIB = 320;

    private static final int OVERHEAD_PIDS = 128;
    private static final int LEAST_MIB = 192;
    private static final Duration QUICKLY = Duration.ofSeconds(10);
    private static final Duration COPY_PATIENCE = Duration.ofMinutes(10);
    private static final long EJECT_MILLIS = 5000;
    private static final long LOOK_MILLIS = 100;
    private static final long ASK_MILLIS = 2000;

    private final VirtualDisks disks;
    private final GuestKit kit;
    private final boolean adopted;
    private @Nullable GuestLink link;

    VirtualMachine(
            MachineState state,
            Cgroup cgroup,
            DiskStore store,
            VirtualDisks disks,
            GuestKit kit,
            boolean adopted,
            Callbacks callbacks)
            throws IOException {
        super(state, cgroup, store, callbacks);
        this.disks = disks;
        this.kit = kit;
        this.adopted = adopted;
    }

    /** How many processors a guest has for so much of the host's. */
    static int cpus(Limits limits) {
        int wanted = (limits.cpuMilli() + 999) / 1000;
        return Math.clamp(wanted, 1, Runtime.getRuntime().availableProcessors());
    }

    static int memoryMib(Limits limits) {
        return Math.max(LEAST_MIB, limits.memoryMib());
    }

    @Override
    void openDoor() {
        var rootDisk = fact(MachineState.ROOT_DISK);
        store.update(rootDisk, new DiskStore.Use(id(), "", this::growRoot));
        for (var disk : disks.list()) {
            hearOfGrowth(disk.diskId());
        }
        link = new GuestLink(folder.path().resolve("agent"), this::running, this::hasBooted);
        if (adopted) {
            Thread.ofVirtual().name("adopted " + id()).start(this::askWhetherBooted);
        }
    }

    @Override
    public MachineWay way() {
        return MachineWay.VIRTUAL;
    }

    private void hearOfGrowth(String diskId) {
        store.update(diskId, new DiskStore.Use(id(), "", () -> resize(diskId)));
    }

    /** It may have booted while nobody listened. */
    private void askWhetherBooted() {
        try {
            while (running() && !booted()) {
                try {
                    if (exec(List.of("test", "-e", "/run/cloud-init/result.json"), QUICKLY)
                                    .code()
                            == 0) {
                        hasBooted();
                    }
                } catch (IOException e) {
                    continue; // it is on its way
                } finally {
                    Thread.sleep(ASK_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void hasBooted() {
        quietly(() -> MachineFolder.replace(folder.path().resolve("booted"), Integer.toString(boots())));
        noteBooted();
    }

    @Override
    boolean seenBooted() {
        try {
            return boots() > 0
                    && Files.readString(folder.path().resolve("booted")).equals(Integer.toString(boots()));
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    void closeDoor() {
        var open = link;
        if (open != null) {
            quietly(open::close);
        }
    }

    @Override
    void start(int gate, Limits limits) throws IOException, LaunchException, InterruptedException {
        var network = new GuestNetwork(netns());
        var devices = network.devices();
        network.connect(devices);
        noteDevices(devices);
        prepareBoot(network, devices);
        super.start(gate, limits);
    }

    @Override
    void noteState(Map<String, String> more) throws IOException {
        state.note(disks.facts(), more);
    }

    /** Writes down what the next boot is told. */
    private void prepareBoot(GuestNetwork network, List<GuestNetwork.Device> devices)
            throws IOException, InterruptedException {
        Files.writeString(folder.host().resolve("net"), network.script(devices));
        var seed = new Cpio()
                .tree("seed/host", folder.host())
                .tree("seed/units", folder.units())
                .bytes();
        var start = folder.path().resolve("start.cpio");
        var half = folder.path().resolve("start.cpio.new");
        Files.copy(kit.start(), half, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.write(half, seed, java.nio.file.StandardOpenOption.APPEND);
        Files.move(half, start, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        var arguments = QemuArguments.start(
                        List.of(fact(MachineState.ACCELERATOR).split(" ")),
                        Integer.parseInt(fact(MachineState.CPUS)),
                        Integer.parseInt(fact(MachineState.MEMORY)))
                .add("-name", id())
                .add("-trace", "qemu_system_shutdown_request", "-D", "emulator.log")
                .add("-qmp", "unix:qmp,server=on,wait=off")
                .add("-device", "virtio-serial-pci", "-chardev", "socket,id=agent,path=agent,server=on,wait=off")
                .add("-device", "virtserialport,chardev=agent,name=haneul")
                .add("-device", "virtio-rng-pci")
                .console(folder.console())
                .kernel(
                        kit.kernel(),
                        start,
                        "console=ttyS0 net.ifnames=0 panic=5 loglevel=4 systemd.hostname="
                                + fact(MachineState.HOSTNAME))
                .disk("root", store.data(fact(MachineState.ROOT_DISK)), "a", false)
                .disk("image", Path.of(fact(MachineState.IMAGE_DISK)), "image", true)
                .disk("layer", kit.layer(), "layer", true);
        for (var device : devices) {
            arguments.network(device);
        }
        for (var disk : disks.list()) {
            arguments.disk(node(disk.diskId()), disks.data(disk.diskId()), VirtualDisks.suffix(disk), false);
        }
        MachineFolder.replace(folder.path().resolve("arguments"), String.join("\n", arguments.words()) + "\n");
    }

    private void prepareBoot() throws IOException, InterruptedException {
        var network = new GuestNetwork(netns());
        prepareBoot(network, network.devices());
    }

    /** A name that the emulator takes: letters first, 31 at most. */
    private static String node(String diskId) {
        return "d" + ImageRecipe.hash(diskId);
    }

    private Qmp monitor() throws IOException {
        return new Qmp(folder.path().resolve("qmp"));
    }

    /** The power button; init decides. */
    @Override
    void askToPowerOff() throws IOException {
        if (init().isPresent()) {
            try (var monitor = monitor()) {
                monitor.execute("system_powerdown", "");
            }
        }
    }

    @Override
    void askToReboot() throws InterruptedException {
        try {
            exec(List.of("systemctl", "--no-block", "reboot"), QUICKLY);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "nobody within hears, or it goes down already", e);
        }
    }

    @Override
    public Execution exec(List<String> command, Duration timeout) throws IOException, InterruptedException {
        var open = link;
        if (open == null || init().isEmpty()) {
            throw new IOException("the machine " + id() + " does not run");
        }
        return open.run(command.stream().map(FirstBoot::quoted).collect(Collectors.joining(" ")), timeout);
    }

    @Override
    Limits withOverhead(Limits limits) {
        return overhead(limits);
    }

    static Limits overhead(Limits limits) {
        return new Limits(
                limits.memoryMib() == 0 ? 0 : memoryMib(limits) + OVERHEAD_MIB,
                limits.cpuMilli(),
                limits.pids() == 0 ? 0 : limits.pids() + OVERHEAD_PIDS,
                0);
    }

    @Override
    List<DiskAttachment> otherDisks() {
        return disks.list();
    }

    @Override
    public synchronized void attach(DiskAttachment disk) throws IOException {
        disks.take(disk);
        boolean whole = false;
        try {
            if (init().isPresent()) {
                plug(disk);
            }
            hearOfGrowth(disk.diskId());
            noteState(Map.of());
            prepareBoot();
            whole = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            if (!whole) {
                disks.release(disk.diskId());
            }
        }
    }

    private void plug(DiskAttachment disk) throws IOException, InterruptedException {
        var node = node(disk.diskId());
        try (var monitor = monitor()) {
            monitor.execute(
                    "blockdev-add",
                    "\"driver\": \"raw\", \"node-name\": \"" + node
                            + "\", \"discard\": \"unmap\", \"file\": {\"driver\":"
                            + " \"file\", \"node-name\": \"" + node + "-file\", \"discard\": \"unmap\", \"filename\": "
                            + Qmp.text(disks.data(disk.diskId()).toString()) + "}");
            try {
                monitor.execute(
                        "device_add",
                        "\"driver\": \"virtio-blk-pci\", \"id\": \"" + node + "-device\", \"drive\": \"" + node
                                + "\", \"serial\": \"" + VirtualDisks.suffix(disk) + "\"");
            } catch (IOException e) {
                monitor.execute("blockdev-del", "\"node-name\": \"" + node + "\"");
                throw e;
            }
        }
        // It is there once the guest has seen it.
        quietly(() -> exec(
                List.of(
                        "sh",
                        "-c",
                        "for i in 1 2 3 4 5 6 7 8 9; do [ ! -b \"$0\" ] || exit 0; sleep 0.3; done",
                        "/dev/xvd" + VirtualDisks.suffix(disk)),
                QUICKLY));
    }

    @Override
    public synchronized boolean detach(String diskId, boolean force) throws IOException {
        var disk = disks.found(diskId);
        try {
            if (init().isPresent() && !pull(disk, force)) {
                return false;
            }
            disks.release(diskId);
            noteState(Map.of());
            prepareBoot();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Whether it could be pulled: a disk that is mounted stays unless forced. */
    private boolean pull(DiskAttachment disk, boolean force) throws IOException, InterruptedException {
        var name = "/dev/xvd" + VirtualDisks.suffix(disk);
        var inUse = exec(
                List.of(
                        "sh",
                        "-c",
                        "disk=$(readlink -f \"$0\"); [ -b \"$disk\" ] || exit 0; sync \"$disk\"; used=0\n"
                                + "for at in $(awk -v d=\"$disk\" 'index($1, d) == 1 {print $2}' /proc/mounts); do used=1\n"
                                + "[ \"$1\" = no ] || umount -l \"$at\"; done\n"
                                + "[ \"$1\" = yes ] || exit $used",
                        name,
                        force ? "yes" : "no"),
                QUICKLY);
        if (inUse.code() == 1) {
            return false;
        }
        var node = node(disk.diskId());
        try (var monitor = monitor()) {
            monitor.execute("device_del", "\"id\": \"" + node + "-device\"");
            long deadline = System.nanoTime() + EJECT_MILLIS * 1_000_000;
            while (true) {
                try {
                    monitor.execute("blockdev-del", "\"node-name\": \"" + node + "\"");
                    return true;
                } catch (IOException e) {
                    // The guest has not let go of it yet.
                    if (System.nanoTime() > deadline) {
                        throw new IOException("the machine does not let go of " + name, e);
                    }
                    Thread.sleep(LOOK_MILLIS);
                }
            }
        }
    }

    private void resize(String diskId) throws IOException {
        if (init().isEmpty()) {
            return;
        }
        boolean root = diskId.equals(fact(MachineState.ROOT_DISK));
        try (var monitor = monitor()) {
            monitor.execute(
                    "block_resize",
                    "\"node-name\": \"" + (root ? "root" : node(diskId)) + "\", \"size\": "
                            + Files.size(store.data(diskId)));
        }
    }

    private void growRoot() throws IOException, InterruptedException {
        resize(fact(MachineState.ROOT_DISK));
        var done = exec(
                List.of("sh", "-c", "resize2fs $(awk '$2 == \"/run/haneul/volume\" {print $1}' /proc/mounts)"),
                QUICKLY);
        if (done.code() == 0) {
            store.fileSystemGrown(fact(MachineState.ROOT_DISK));
        }
    }

    /** The emulator stands still while the volume is copied; what is in the guest's memory only is not in it. */
    @Override
    void copyUpper(Path target) throws IOException, InterruptedException {
        quietly(() -> exec(List.of("sync"), QUICKLY));
        var copy = target.resolveSibling(target.getFileName() + ".disk");
        try {
            try (var monitor = monitor()) {
                monitor.execute("stop", "");
                try {
                    Sparse.copy(store.data(fact(MachineState.ROOT_DISK)), copy);
                } finally {
                    monitor.execute("cont", "");
                }
            }
            SystemContainers.copyUpperOf(copy, target, COPY_PATIENCE);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** Interfaces have come or gone, or have other addresses. */
    @Override
    public synchronized void rewired() throws IOException, InterruptedException {
        var network = new GuestNetwork(netns());
        var devices = network.devices();
        if (names(devices).equals(state.file().facts().get(MachineState.DEVICES))
                && Files.readString(folder.host().resolve("net")).equals(network.script(devices))) {
            return;
        }
        network.connect(devices);
        if (init().isPresent()) {
            var noted = new HashSet<>(List.of(
                    state.file().facts().getOrDefault(MachineState.DEVICES, "").split(" ")));
            plugNetworks(devices, noted);
            quietly(() -> exec(List.of("sh", "-c", network.script(devices)), QUICKLY));
        }
        noteDevices(devices);
        prepareBoot(network, devices);
    }

    void noteDevices(List<GuestNetwork.Device> devices) throws IOException {
        noteState(Map.of(MachineState.DEVICES, names(devices)));
    }

    private static String names(List<GuestNetwork.Device> devices) {
        return devices.stream().map(GuestNetwork.Device::name).collect(Collectors.joining(" "));
    }

    private void plugNetworks(List<GuestNetwork.Device> devices, HashSet<String> noted) throws IOException {
        try (var monitor = monitor()) {
            for (var device : devices) {
                if (!noted.remove(device.name())) {
                    var name = "net" + device.number();
                    monitor.execute(
                            "netdev_add",
                            "\"type\": \"tap\", \"id\": \"" + name + "\", \"ifname\": \"" + device.tap()
                                    + "\", \"script\": \"no\", \"downscript\": \"no\"");
                    monitor.execute(
                            "device_add",
                            "\"driver\": \"virtio-net-pci\", \"romfile\": \"\", \"id\": \"" + name
                                    + "-device\", \"netdev\": \"" + name + "\", \"mac\": \"" + device.mac() + "\"");
                }
            }
            for (var gone : noted) {
                if (!gone.isEmpty()) {
                    var name = "net" + gone.substring("eth".length());
                    monitor.execute("device_del", "\"id\": \"" + name + "-device\"");
                    monitor.execute("netdev_del", "\"id\": \"" + name + "\"");
                }
            }
        }
    }

    @Override
    void clearRest() {
        closeDoor();
        quietly(() -> MachineEnd.killRest(cgroup));
        disks.releaseAll();
    }
}
