package dev.haneul.engines.sandbox;

import dev.haneul.engines.Door;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.sandbox.LaunchThreads.Seat;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.LoggedWorkload;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import dev.haneul.fabric.MountVisitor;
import dev.haneul.fabric.NetworkNamespace;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox that runs or has ended. Its processes are {@code bwrap}'s monitor outside, {@code bwrap}'s init inside and
 * below it the program; killing the init takes all within along, and the monitor ends after it.
 */
final class SandboxWorkload extends LoggedWorkload {
    private static final Logger LOG = System.getLogger(SandboxWorkload.class.getName());
    /** The monitor and the init sit in the workload's cgroup too. */
    private static final int OVERHEAD_PIDS = 2;

    private static final int KILLED = 128 + Linux.SIGKILL;
    private static final Duration START_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);
    /** Nobody waits for the news, and while a hundred start at once looking for it takes the time they need. */
    private static final long START_POLL_NANOS = 500_000;

    private static final long UNSEEN_POLL_NANOS = 200_000;
    private static final int UNSEEN_POLLS = 10_000;

    private final SandboxFolder folder;
    private final Cgroup cgroup;
    private final @Nullable Seat seat;
    private final MountVisitor visitor;
    private final boolean privateNetwork;
    private final Runnable onClosed;
    private final Object limiting = new Object();
    private @Nullable Limits limited;
    private volatile long pid;
    private @Nullable Usage lastUsage;

    /** @param seat where it was launched from; null where it is adopted */
    SandboxWorkload(
            StateFile state,
            SandboxFolder folder,
            Cgroup cgroup,
            @Nullable Seat seat,
            MountVisitor visitor,
            boolean privateNetwork,
            Runnable onClosed)
            throws IOException {
        super(state, folder.stdout(), folder.stderr());
        this.folder = folder;
        this.cgroup = cgroup;
        this.seat = seat;
        this.visitor = visitor;
        this.privateNetwork = privateNetwork;
        this.onClosed = onClosed;
    }

    static Limits withOverhead(Limits limits) {
        int pids = limits.pids() == 0 ? 0 : limits.pids() + OVERHEAD_PIDS;
        return new Limits(limits.memoryMib(), limits.cpuMilli(), pids, limits.openFiles());
    }

    ProcessIdentity monitor() {
        return state().process(Launch.MONITOR);
    }

    private ProcessIdentity init() {
        return state().process(Launch.INIT);
    }

    /** Called once the monitor has ended; must be quick. */
    void ended() {
        try {
            HostProcesses.signal(init(), Linux.SIGKILL); // what the program left behind ends with it
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the sandbox of " + id() + " cannot be ended", e);
        }
        int code = folder.exitCode().orElse(KILLED);
        var last = cgroup.usage();
        boolean outOfMemory = code == KILLED && cgroup.outOfMemoryKills() > 0;
        synchronized (this) {
            lastUsage = last;
        }
        ended(new Exit(code, outOfMemory));
    }

    /** Ends it where its end would not be told: there is no descriptor left to watch it by. */
    void killUnwatched() throws IOException {
        SandboxProcesses.killMarked(folder.marker());
        Linux.reapChild(monitor().pid());
        ended();
    }

    /** Waits until the program runs, or has run. */
    void awaitStarted(String bwrapName) throws LaunchException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (true) {
            boolean over = !running();
            var children = ProcessIdentity.children(init().pid());
            var program = children.isEmpty() ? "" : ProcessIdentity.program(children.getFirst());
            if (!program.isEmpty() && !program.equals(bwrapName)) {
                pid = children.getFirst();
                return;
            }
            if (over && folder.exitCode().isPresent()) {
                pid = init().pid();
                return;
            }
            if (over || System.nanoTime() > deadline) {
                throw new LaunchException(
                        over ? reason() : "the sandbox did not start within " + START_TIMEOUT.toSeconds() + " s");
            }
            LockSupport.parkNanos(START_POLL_NANOS);
        }
    }

    private String reason() {
        var words = folder.lastWords();
        return words.isEmpty() ? "the sandbox ended before the program started" : words;
    }

    /** Whether the program was ever let loose; one that waits at a shut gate has no child. */
    boolean adoptable() {
        var children = ProcessIdentity.children(init().pid());
        if (children.isEmpty() || !monitor().alive()) {
            return false;
        }
        pid = children.getFirst();
        return true;
    }

    /**
     * Whether it was let loose and has ended while no server was there: then its end is known from now on. A sandbox
     * whose program never started has nothing to tell.
     */
    boolean endedUnseen() throws IOException {
        if (init().alive()
                && ProcessIdentity.children(init().pid()).isEmpty()
                && folder.exitCode().isEmpty()) {
            return false; // it waits at its shut gate
        }
        HostProcesses.signal(init(), Linux.SIGKILL);
        cgroup.thaw();
        for (int i = 0; i < UNSEEN_POLLS && monitor().alive(); i++) {
            LockSupport.parkNanos(UNSEEN_POLL_NANOS); // it notes the exit code with its last breath
        }
        pid = init().pid();
        ended();
        return true;
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public void signal(Signal signal) {
        if (!running()) {
            return;
        }
        try {
            var program = ProcessIdentity.of(pid);
            if (program.isPresent() && ProcessIdentity.children(init().pid()).contains(pid)) {
                HostProcesses.signal(program.get(), number(signal));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int number(Signal signal) {
        return switch (signal) {
            case HUP -> 1;
            case INT -> 2;
            case KILL -> Linux.SIGKILL;
            case USR1 -> 10;
            case USR2 -> 12;
            case TERM -> 15;
        };
    }

    @Override
    public void mount(Mount.Bind mount) throws IOException {
        visit(List.of(mount)).await();
    }

    @Override
    public Mounting mounting(List<Mount.Bind> mounts) throws IOException {
        return visit(mounts)::await;
    }

    private MountVisitor.Visit visit(List<Mount.Bind> mounts) throws IOException {
        return visitor.begin(
                init().pid(),
                mounts.stream()
                        .map(mount -> new MountVisitor.Shown(mount.source(), mount.target(), mount.readOnly()))
                        .toList());
    }

    @Override
    public void freeze() {
        awaitLaunchLeft();
        try {
            if (running() && !cgroup.freeze()) {
                throw new UnsupportedOperationException("this host cannot freeze: no cgroup freezer");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void thaw() {
        try {
            cgroup.thaw();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void limit(Limits limits) throws IOException {
        awaitLaunchLeft();
        synchronized (limiting) {
            Limits before = limited;
            limited = null; // whatever fails half-way is written whole the next time
            // Each is a write that the kernel takes its time for, and an invocation waits.
            Limits space = before == null ? limits : changedSpace(before, limits);
            if (space.memoryMib() > 0 || space.pids() > 0) {
                cgroup.limitSpace(withOverhead(space));
            }
            if (before == null || before.cpuMilli() != limits.cpuMilli()) {
                cgroup.limitCpu(limits.cpuMilli());
            }
            limited = limits;
        }
    }

    /** What of memory and processes is to be bounded otherwise than before; the rest is zero and stays as it is. */
    private static Limits changedSpace(Limits before, Limits now) {
        int memoryMib = before.memoryMib() == now.memoryMib() ? 0 : now.memoryMib();
        int pids = before.pids() == now.pids() ? 0 : now.pids();
        return new Limits(memoryMib, 0, pids, 0);
    }

    /** What its fresh cgroup was bounded to when it was launched: memory and processes, and no CPU time. */
    void launchedWithin(Limits limits) {
        synchronized (limiting) {
            limited = new Limits(limits.memoryMib(), 0, limits.pids(), limits.openFiles());
        }
    }

    private void awaitLaunchLeft() {
        if (seat != null) {
            seat.awaitLeft();
        }
    }

    @Override
    public void reopen(List<Door> spec) throws IOException {
        var ports = new java.util.ArrayList<Integer>();
        for (var door : spec) {
            ports.add(launchedPort(Launch.PORT, door));
        }
        var addresses = SandboxFolder.addresses(ports);
        var listeners = privateNetwork
                ? NetworkNamespace.listen(init().pid(), addresses)
                : NetworkNamespace.listenHere(addresses);
        keep(spec, listeners);
    }

    @Override
    public Usage usage() {
        synchronized (this) {
            if (lastUsage != null) {
                return withTraffic(lastUsage);
            }
        }
        return withTraffic(cgroup.usage());
    }

    @Override
    public long peakMemoryBytes() {
        synchronized (this) {
            if (lastUsage != null) {
                return lastUsage.peakMemoryBytes();
            }
        }
        return cgroup.peakMemoryBytes();
    }

    @Override
    public void close() {
        if (!shut()) {
            return;
        }
        try {
            awaitLaunchLeft();
            HostProcesses.signal(init(), Linux.SIGKILL);
            cgroup.thaw();
            if (await(END_TIMEOUT).isEmpty()) {
                SandboxProcesses.killMarked(folder.marker());
            }
            cgroup.remove();
            FileTrees.delete(folder.path());
        } catch (IOException e) {
            LOG.log(Level.WARNING, id() + " is not cleared away whole; the next start will", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.log(Level.WARNING, id() + " is not cleared away whole; the next start will");
        } finally {
            onClosed.run();
        }
    }
}
