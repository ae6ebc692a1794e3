package dev.haneul.engines.machine;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Workload.Usage;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.machine.MachineExit.Kind;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.LogFile;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What system containers and virtual machines have in common: a watcher on the host, a folder, a group, an end. */
abstract sealed class WatchedMachine implements Machine permits ContainerMachine, VirtualMachine {
    private static final Logger LOG = System.getLogger(WatchedMachine.class.getName());
    private static final long START_NANOS = 20_000_000_000L;
    private static final long END_NANOS = 20_000_000_000L;
    private static final long ASK_AGAIN_MILLIS = 1000;
    private static final long LOOK_MILLIS = 500;

    final MachineState state;
    final MachineFolder folder;
    final Cgroup cgroup;
    final DiskStore store;
    final Callbacks callbacks;
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

    WatchedMachine(MachineState state, Cgroup cgroup, DiskStore store, Callbacks callbacks) throws IOException {
        this.state = state;
        this.folder = state.folder();
        this.cgroup = cgroup;
        this.store = store;
        this.callbacks = callbacks;
        this.console = LogFile.adopted(folder.console());
    }

    /** Listens to what the system within has to say, from now on. */
    abstract void openDoor() throws IOException;

    /** Listens no more. */
    abstract void closeDoor();

    /** Asks the system within to go down. It may be asked again. */
    abstract void askToPowerOff() throws IOException, InterruptedException;

    /** Asks the system within to reboot. It may be asked again. */
    abstract void askToReboot() throws IOException, InterruptedException;

    /** Whether the present boot is through, where nobody has told. */
    abstract boolean seenBooted();

    /** Clears what only this way of being a machine leaves; its disks but the root disk among it. */
    abstract void clearRest() throws IOException, InterruptedException;

    abstract void noteState(Map<String, String> more) throws IOException;

    /** What {@link #limit} adds: the watcher's processes are in the same group. */
    abstract Limits withOverhead(Limits limits);

    /** Copies what it has written to its root disk. */
    abstract void copyUpper(Path target) throws IOException, InterruptedException;

    /** Lets init run. */
    void start(int gate, Limits limits) throws IOException, LaunchException, InterruptedException {
        noteState(Map.of(MachineState.STARTED, "true"));
        limit(limits);
        Linux.write(gate, new byte[] {'\n'});
        HostProcesses.await(START_NANOS, () -> pid() != 0 || !watcher().alive());
        if (pid() == 0) {
            throw new LaunchException("the init of " + id() + " does not come up: " + folder.lastWords());
        }
    }

    String fact(String name) {
        return state.fact(name);
    }

    ProcessIdentity watcher() {
        return state.watcher();
    }

    LogFile consoleLog() {
        return console;
    }

    Optional<ProcessIdentity> init() {
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
        // Where nobody knocked, or while we were away.
        boolean there = seenBooted();
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

    /** The system within has said that its boot is through. */
    void noteBooted() {
        synchronized (this) {
            bootedBoot = boots();
            notifyAll();
        }
        callbacks.changed(id());
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
            quietly(this::askToPowerOff);
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
            quietly(this::askToReboot);
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

    @Override
    public Usage usage() {
        return cgroup.usage();
    }

    /** The disks besides the root disk. */
    abstract List<DiskAttachment> otherDisks();

    @Override
    public List<DiskAttachment> disks() {
        var all = new ArrayList<DiskAttachment>();
        all.add(new DiskAttachment(fact(MachineState.ROOT_DISK), "/dev/xvda"));
        all.addAll(otherDisks());
        return all;
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
        quietly(this::clearRest);
        store.release(fact(MachineState.ROOT_DISK));
        synchronized (this) {
            exit = how;
            notifyAll();
        }
        callbacks.changed(id());
    }

    /** A step that may fail without anybody having to know. */
    interface Step {
        void run() throws IOException, InterruptedException;
    }

    void quietly(Step step) {
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
        closeDoor();
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
        closeDoor();
        quietly(cgroup::remove);
        quietly(() -> FileTrees.delete(folder.path()));
        callbacks.closed(id());
    }
}
