package dev.haneul.engines.machine;

import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.Tools;
import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A system container: one watcher on the host, and within its namespaces an init and everything that init starts. */
final class ContainerMachine extends WatchedMachine implements HostDoor.Host {
    private static final Logger LOG = System.getLogger(ContainerMachine.class.getName());
    private static final int POWER_OFF_SIGNAL = 38;
    private static final int REBOOT_SIGNAL = 39;
    private static final Duration COPY_PATIENCE = Duration.ofMinutes(10);
    private static final int OVERHEAD_PIDS = 8;
    private static final int OVERHEAD_MIB = 8;

    private final MachineDisks disks;
    private @Nullable HostDoor door;

    ContainerMachine(MachineState state, Cgroup cgroup, DiskStore store, MachineDisks disks, Callbacks callbacks)
            throws IOException {
        super(state, cgroup, store, callbacks);
        this.disks = disks;
    }

    @Override
    void openDoor() throws IOException {
        door = new HostDoor(folder, this);
        var rootDisk = fact(MachineState.ROOT_DISK);
        store.update(rootDisk, new DiskStore.Use(id(), fact(MachineState.ROOT_LOOP), this::growRoot));
    }

    @Override
    void closeDoor() {
        if (door != null) {
            door.close();
        }
    }

    @Override
    void noteState(Map<String, String> more) throws IOException {
        state.note(disks.facts(), more);
        MachineFolder.replace(
                folder.config(), ContainerConfig.of(folder, fact(MachineState.HOSTNAME), disks.devices()));
    }

    @Override
    boolean seenBooted() {
        // Only whether it is there is asked; the file is the machine's.
        long pid = pid();
        return pid != 0
                && Files.exists(
                        Path.of("/proc/" + pid + "/root/run/cloud-init/result.json"), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    void askToPowerOff() throws IOException {
        ask(POWER_OFF_SIGNAL);
    }

    @Override
    void askToReboot() throws IOException {
        ask(REBOOT_SIGNAL);
    }

    private void ask(int signal) throws IOException {
        var init = init();
        if (init.isPresent()) {
            HostProcesses.signal(init.get(), signal);
        }
    }

    @Override
    public Execution exec(List<String> command, Duration timeout) throws IOException, InterruptedException {
        if (init().isEmpty()) {
            throw new IOException("the machine " + id() + " does not run");
        }
        var line = new ArrayList<>(List.of(
                "sh",
                "-c",
                "read -r _ && exec \"$@\" </dev/null",
                "sh",
                "nsenter",
                state.mountNamespaceOption(),
                "crun",
                "--root",
                folder.crun().toString(),
                "--cgroup-manager=disabled",
                "exec",
                id()));
        line.addAll(command);
        var builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", Tools.SEARCHED);
        var process = builder.start();
        try (var go = process.getOutputStream()) {
            cgroup.add(process.pid()); // it counts as the machine's, and freezes with it
            go.write('\n');
        } catch (IOException e) {
            process.destroyForcibly();
            throw e;
        }
        var outcome = Tools.finish(process, command.getFirst(), timeout, text -> {});
        return new Execution(outcome.code(), outcome.output());
    }

    @Override
    Limits withOverhead(Limits limits) {
        return overhead(limits);
    }

    /** The watcher's processes are in the same group. */
    static Limits overhead(Limits limits) {
        return new Limits(
                limits.memoryMib() == 0 ? 0 : limits.memoryMib() + OVERHEAD_MIB,
                limits.cpuMilli(),
                limits.pids() == 0 ? 0 : limits.pids() + OVERHEAD_PIDS,
                limits.openFiles());
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
                disks.show(disk.diskId(), door());
            }
            noteState(Map.of());
            whole = true;
        } finally {
            if (!whole) {
                disks.remove(disk.diskId(), true, door(), List.of());
            }
        }
    }

    @Override
    public synchronized boolean detach(String diskId, boolean force) throws IOException {
        boolean done = disks.remove(diskId, force, door(), mounts());
        if (done) {
            noteState(Map.of());
        }
        return done;
    }

    private HostDoor door() {
        if (door == null) {
            throw new IllegalStateException(id() + " is closed");
        }
        return door;
    }

    /** The kernel wants CAP_SYS_RESOURCE for this; where the host's root has not got it, the next boot does it. */
    private void growRoot() throws IOException, InterruptedException {
        var outcome = Tools.execute(
                List.of("nsenter", state.mountNamespaceOption(), "resize2fs", fact(MachineState.ROOT_LOOP)),
                Map.of(),
                Duration.ofSeconds(60),
                line -> {});
        if (outcome.code() == 0) {
            store.fileSystemGrown(fact(MachineState.ROOT_DISK));
        } else {
            LOG.log(Level.INFO, "the root of " + id() + " grows at its next start: " + Tools.tail(outcome.output()));
        }
    }

    @Override
    void copyUpper(Path target) throws IOException, InterruptedException {
        Tools.run(
                COPY_PATIENCE,
                "nsenter",
                state.mountNamespaceOption(),
                "cp",
                "-a",
                folder.disk().resolve("upper").toString(),
                target.toString());
    }

    @Override
    public int mountNamespace() throws IOException {
        var init = init().orElseThrow(() -> new IOException("the machine " + id() + " does not run"));
        int namespace = Linux.open("/proc/" + init.pid() + "/ns/mnt", Linux.O_RDONLY);
        if (!init.alive()) {
            Linux.close(namespace);
            throw new IOException("the machine " + id() + " does not run");
        }
        return namespace;
    }

    @Override
    public List<String> mounts() throws IOException {
        long pid = pid();
        return pid == 0 ? List.of() : Files.readAllLines(Path.of("/proc/" + pid + "/mountinfo"));
    }

    @Override
    public List<Integer> minors() {
        return disks.minors();
    }

    @Override
    public void hasBooted() {
        noteBooted();
    }

    @Override
    void clearRest() throws IOException, InterruptedException {
        quietly(() -> Boxes.remove(folder));
        quietly(() -> MachineEnd.killRest(cgroup));
        quietly(() -> MachineEnd.awaitReleased(fact(MachineState.ROOT_LOOP), store.data(fact(MachineState.ROOT_DISK))));
        disks.releaseAll();
    }
}
