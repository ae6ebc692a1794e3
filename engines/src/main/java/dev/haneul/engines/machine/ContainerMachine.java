package dev.haneul.engines.machine;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Workload.Usage;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.machine.MachineExit.Kind;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.LogFile;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.Tools;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A system container: one watcher on the host, and within its namespaces an init and everything that init starts. */
final class ContainerMachine implements Machine, HostDoor.Host {
    private static final Logger LOG = System.getLogger(ContainerMachine.class.getName());
    private static final int POWER_OFF_SIGNAL = 38;
    private static final int REBOOT_SIGNAL = 39;
    private static final long START_NANOS = 20_000_000_000L;
    private static final long END_NANOS = 20_000_000_000L;
    private static final long ASK_AGAIN_MILLIS = 1000;
    private static final long LOOK_MILLIS = 500;
    private static final Duration COPY_PATIENCE = Duration.ofMinutes(10);
    private static final int OVERHEAD_PIDS = 8;
    private static final int OVERHEAD_MIB = 8;

    private final MachineFolder folder;
    private final Cgroup cgroup;
    private final DiskStore store;
    private final MachineDisks disks;
    private final Callbacks callbacks;
    private final MachineState state;
    private @Nullable HostDoor door;
    private final LogFile console;
    private @Nullable MachineExit exit;
    private int bootedBoot;
    private boolean settling;
    private boolean closed;

    /** What the engine wants to hear. */
    interface Callbacks {
        void changed(String id);

        void closed(String id);
    }

    ContainerMachine(MachineState state, Cgroup cgroup, DiskStore store, MachineDisks disks, Callbacks callbacks)
            throws IOException {
        this.state = state;
        this.folder = state.folder();
        this.cgroup = cgroup;
        this.store = store;
        this.disks = disks;
        this.callbacks = callbacks;
        this.console = LogFile.adopted(folder.console());
    }

    /** Answers at the machine's door from now on. */
    void openDoor() throws IOException {
        door = new HostDoor(folder, this);
        var rootDisk = fact(MachineState.ROOT_DISK);
        store.update(rootDisk, new DiskStore.Use(id(), fact(MachineState.ROOT_LOOP), this::growRoot));
    }

    /** Lets init run. */
    void start(int gate, Limits limits) throws IOException, LaunchException, InterruptedException {
        state.note(disks, Map.of(MachineState.STARTED, "true"));
        limit(limits);
        Linux.write(gate, new byte[] {'\n'});
        HostProcesses.await(START_NANOS, () -> pid() != 0 || !watcher().alive());
        if (pid() == 0) {
            throw new LaunchException("the init of " + id() + " does not come up: " + folder.lastWords());
        }
    }

    private String fact(String name) {
        return state.fact(name);
    }

    ProcessIdentity watcher() {
        return state.watcher();
    }

    LogFile consoleLog() {
        return console;
    }

    private Optional<ProcessIdentity> init() {
        return state.init();
    }

    @Override
    public String id() {
        return state.id();
    }

    @Override
    public Map<String, String> labels() {
        return state.file().labels();
    }

    @Override
    public long pid() {
        return init().map(ProcessIdentity::pid).orElse(0L);
    }

    @Override
    public Path netns() {
        return state.netns();
    }

    @Override
    public Instant startedAt() {
        return state.file().startedAt();
    }

    @Override
    public int boots() {
        return folder.boots().orElse(0);
    }

    @Override
    public synchronized boolean running() {
        return exit == null;
    }

    @Override
    public boolean booted() {
        int boot = boots();
        synchronized (this) {
            if (exit != null) {
                return false;
            }
            if (bootedBoot == boot && boot > 0) {
                return true;
            }
        }
        // Where nobody knocked, or while we were away. Only whether it is there is asked; the file is the machine's.
        long pid = pid();
        boolean there = pid != 0
                && Files.exists(
                        Path.of("/proc/" + pid + "/root/run/cloud-init/result.json"), LinkOption.NOFOLLOW_LINKS);
        if (there) {
            synchronized (this) {
                bootedBoot = boot;
            }
        }
        return there;
    }

    @Override
    public boolean awaitBooted(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (running()) {
            if (booted()) {
                return true;
            }
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            synchronized (this) {
                if (exit == null && bootedBoot != boots()) {
                    wait(Math.min(left, LOOK_MILLIS));
                }
            }
        }
        return false;
    }

    @Override
    public synchronized Optional<MachineExit> await(Duration timeout) throws InterruptedException {
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
    public MachineExit shutdown(Duration grace) throws InterruptedException {
        long deadline = System.nanoTime() + grace.toNanos();
        quietly(this::thaw);
        while (System.nanoTime() < deadline) {
            // Asked again now and then: an init that has only just begun does not hear yet.
            init().ifPresent(it -> quietly(() -> HostProcesses.signal(it, POWER_OFF_SIGNAL)));
            long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
            var end = await(Duration.ofMillis(Math.min(left, ASK_AGAIN_MILLIS)));
            if (end.isPresent()) {
                return end.get();
            }
        }
        kill();
        return await(Duration.ofNanos(END_NANOS)).orElseGet(() -> new MachineExit(Kind.KILLED, "killed"));
    }

    @Override
    public void kill() throws InterruptedException {
        if (!running()) {
            return;
        }
        quietly(folder::noteKilled);
        quietly(this::thaw);
        init().ifPresent(it -> quietly(() -> HostProcesses.signal(it, Linux.SIGKILL)));
        if (await(Duration.ofSeconds(2)).isEmpty()) {
            // No init just now, or a watcher that does not do its part.
            for (var process : HostProcesses.family(watcher()).reversed()) {
                quietly(() -> HostProcesses.signal(process, Linux.SIGKILL));
            }
            if (await(Duration.ofNanos(END_NANOS)).isEmpty()) {
                LOG.log(Level.ERROR, "the machine " + id() + " does not end");
            }
        }
    }

    @Override
    public void reboot(Duration grace) throws IOException, InterruptedException {
        int before = boots();
        long deadline = System.nanoTime() + grace.toNanos();
        thaw();
        while (System.nanoTime() < deadline && running() && boots() == before) {
            init().ifPresent(it -> quietly(() -> HostProcesses.signal(it, REBOOT_SIGNAL)));
            long left = Math.min(deadline - System.nanoTime(), ASK_AGAIN_MILLIS * 1_000_000);
            HostProcesses.await(left, () -> boots() != before || !running());
        }
        if (running() && boots() == before) {
            folder.pressReset();
            var init = init();
            if (init.isPresent()) {
                HostProcesses.signal(init.get(), Linux.SIGKILL);
            }
        }
        HostProcesses.await(START_NANOS, () -> (boots() != before && pid() != 0) || !running());
        if (pid() == 0) {
            throw new IOException("the machine " + id() + " does not come up again: " + folder.lastWords());
        }
        callbacks.changed(id());
    }

    @Override
    public Path console() {
        return folder.console();
    }

    @Override
    public long consoleStart() {
        return console.start();
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
    public void freeze() throws IOException {
        if (!cgroup.freeze()) {
            throw new IOException("machines cannot be frozen here");
        }
    }

    @Override
    public void thaw() throws IOException {
        cgroup.thaw();
    }

    @Override
    public void limit(Limits limits) throws IOException {
        cgroup.limitSpace(withOverhead(limits));
        cgroup.limitCpu(limits.cpuMilli());
    }

    /** The watcher's processes are in the same group. */
    static Limits withOverhead(Limits limits) {
        return new Limits(
                limits.memoryMib() == 0 ? 0 : limits.memoryMib() + OVERHEAD_MIB,
                limits.cpuMilli(),
                limits.pids() == 0 ? 0 : limits.pids() + OVERHEAD_PIDS,
                limits.openFiles());
    }

    @Override
    public Usage usage() {
        return cgroup.usage();
    }

    @Override
    public List<DiskAttachment> disks() {
        var all = new ArrayList<DiskAttachment>();
        all.add(new DiskAttachment(fact(MachineState.ROOT_DISK), "/dev/xvda"));
        all.addAll(disks.list());
        return all;
    }

    @Override
    public synchronized void attach(DiskAttachment disk) throws IOException {
        disks.take(disk);
        boolean whole = false;
        try {
            if (init().isPresent()) {
                disks.show(disk.diskId(), door());
            }
            state.note(disks, Map.of());
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
            state.note(disks, Map.of());
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

    /** Copies what it has written to its root disk. */
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
        synchronized (this) {
            bootedBoot = boots();
            notifyAll();
        }
        callbacks.changed(id());
    }

    /** Its watcher has ended: finds out how, lets go of what it had, and tells. Does nothing the second time. */
    void settle() {
        synchronized (this) {
            if (settling) {
                return;
            }
            settling = true;
        }
        var how = MachineEnd.of(folder, watcher(), cgroup);
        quietly(() -> Boxes.remove(folder));
        quietly(() -> MachineEnd.killRest(cgroup));
        quietly(() -> MachineEnd.awaitReleased(fact(MachineState.ROOT_LOOP), store.data(fact(MachineState.ROOT_DISK))));
        disks.releaseAll();
        store.release(fact(MachineState.ROOT_DISK));
        synchronized (this) {
            exit = how;
            notifyAll();
        }
        callbacks.changed(id());
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void quietly(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "at the machine " + id(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The engine is closed: the machine goes on without us. */
    void letGo() {
        synchronized (this) {
            closed = true;
        }
        if (door != null) {
            door.close();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        quietly(this::kill);
        if (door != null) {
            door.close();
        }
        quietly(cgroup::remove);
        quietly(() -> FileTrees.delete(folder.path()));
        callbacks.closed(id());
    }
}
