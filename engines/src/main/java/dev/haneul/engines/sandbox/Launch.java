package dev.haneul.engines.sandbox;

import dev.haneul.engines.Door;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Root;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import dev.haneul.fabric.NetworkNamespace;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NativeSpawn;
import dev.haneul.fabric.linux.NativeSpawn.ChildFd;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * One launch on one throwaway thread: from the spawn to the moment the gate opens. Everything it makes is a field, so
 * that {@link #abort()} can undo whatever had been reached.
 */
final class Launch {
    static final String MONITOR = "monitor";
    static final String INIT = "init";
    static final String CGROUP = "cgroup";
    static final String PORT = "port.";

    /** In place of the descriptor of a network that is connected already. */
    static final int NETWORK_OF_ITS_OWN = -1;

    private static final int CHILD_GATE = 3;
    private static final int CHILD_INFO = 4;
    private static final int CHILD_STATUS = 5;
    private static final int CHILD_ARGUMENTS = 6;
    static final int CHILD_FILTER = 7;
    static final int CHILD_USER = 8;
    private static final int INFO_MOST_BYTES = 4096;

    private final String bwrap;
    private final Path filter;
    private final WorkloadSpec spec;
    private final SandboxFolder folder;
    private final byte[] arguments;
    private final SandboxUser user;
    private final ScratchDisks disks;
    private final Cgroup cgroup;
    private final Instant startedAt;
    private final boolean privateNetwork;
    private final int network;

    private long monitorPid;
    private long initPid;
    private List<ServerSocketChannel> listeners;

    /**
     * @param network the namespace to be born in, or {@link #NETWORK_OF_ITS_OWN}
     * @param hostListeners the doors where they are already open, on the host's loopback; otherwise empty
     */
    Launch(
            String bwrap,
            Path filter,
            WorkloadSpec spec,
            SandboxFolder folder,
            byte[] arguments,
            SandboxUser user,
            ScratchDisks disks,
            Cgroup cgroup,
            Instant startedAt,
            boolean privateNetwork,
            int network,
            List<ServerSocketChannel> hostListeners) {
        this.bwrap = bwrap;
        this.filter = filter;
        this.spec = spec;
        this.folder = folder;
        this.arguments = arguments;
        this.user = user;
        this.disks = disks;
        this.cgroup = cgroup;
        this.startedAt = startedAt;
        this.privateNetwork = privateNetwork;
        this.network = network;
        this.listeners = hostListeners;
    }

    /** What a launch made. */
    record Started(StateFile state, List<ServerSocketChannel> listeners) {}

    /** All steps. Runs on a thread that is thrown away, see {@link dev.haneul.fabric.linux.NamespaceThread}. */
    Started run(boolean bornInCgroup) throws IOException {
        cgroup.limitSpace(SandboxWorkload.withOverhead(spec.limits()));
        if (folder.overlayNeeded(spec, user) || disks.wanted(spec)) {
            // A mount namespace that goes with this thread and the sandbox: there is nothing to unmount, ever.
            Linux.unshareMounts();
        }
        disks.mount(spec, folder);
        if (folder.overlayNeeded(spec, user)) {
            overlay((Root.Directory) spec.root());
        }
        if (network != NETWORK_OF_ITS_OWN) {
            Linux.setns(network, Linux.CLONE_NEWNET);
        }
        int[] gate = Linux.pipe();
        try {
            spawnAndLearnPids(gate[0]);
            if (!bornInCgroup) {
                cgroup.add(initPid);
            }
            if (spec.limits().openFiles() > 0) {
                Linux.lowerLimit(initPid, Linux.RLIMIT_NOFILE, spec.limits().openFiles());
            }
            var joining = join();
            openDoors();
            var state = state();
            state.write(folder.path());
            await(joining);
            Linux.writeByte(gate[1]);
            return new Started(state, listeners);
        } finally {
            Linux.close(gate[0]);
            Linux.close(gate[1]);
        }
    }

    private void overlay(Root.Directory root) throws IOException {
        Linux.mount("overlay", folder.root().toString(), "overlay", 0, folder.overlayOptions(root.path()));
    }

    private void spawnAndLearnPids(int gate) throws IOException {
        int[] info = Linux.pipe();
        try {
            spawn(gate, info[1]);
            Linux.close(info[1]);
            info[1] = -1;
            if (network != NETWORK_OF_ITS_OWN) {
                openDoors(); // while bwrap begins
            }
            initPid = readChildPid(info[0]);
        } finally {
            Linux.close(info[0]);
            Linux.close(info[1]);
        }
    }

    private void spawn(int gate, int info) throws IOException {
        var ours = new ArrayList<Integer>();
        try {
            int infoHigh = keep(ours, Linux.duplicate(info, NativeSpawn.LOWEST_INHERITED));
            int memory = keep(ours, Linux.memoryFile("arguments", arguments));
            int argumentsHigh = keep(ours, Linux.duplicate(memory, NativeSpawn.LOWEST_INHERITED));
            var fds = new ArrayList<ChildFd>(List.of(
                    new ChildFd.Open("/dev/null", Linux.O_RDONLY),
                    log(folder.stdout()),
                    log(spec.joinedOutput() ? folder.stdout() : folder.stderr()),
                    // Opened for both directions: were we to die now, the gate would stay shut, not read as ended.
                    new ChildFd.Open("/proc/self/fd/" + gate, Linux.O_RDWR),
                    new ChildFd.Inherit(infoHigh),
                    new ChildFd.Open(folder.status().toString(), Linux.O_WRONLY | Linux.O_CREAT | Linux.O_TRUNC),
                    new ChildFd.Inherit(argumentsHigh),
                    new ChildFd.Open(filter.toString(), Linux.O_RDONLY)));
            if (user.descriptor() >= 0) {
                fds.add(new ChildFd.Inherit(
                        keep(ours, Linux.duplicate(user.descriptor(), NativeSpawn.LOWEST_INHERITED))));
            }
            monitorPid = NativeSpawn.spawn(bwrap, commandLine(), List.of(), fds);
        } finally {
            ours.forEach(Linux::close);
        }
    }

    private static int keep(List<Integer> list, int fd) {
        list.add(fd);
        return fd;
    }

    private static ChildFd log(Path path) {
        return new ChildFd.Open(path.toString(), Linux.O_WRONLY | Linux.O_APPEND);
    }

    /** The program's name tells {@link Recovery} whose sandbox this is, from the first moment on. */
    private List<String> commandLine() {
        var line = new ArrayList<String>(List.of(
                folder.marker(),
                "--block-fd",
                Integer.toString(CHILD_GATE),
                "--info-fd",
                Integer.toString(CHILD_INFO),
                "--json-status-fd",
                Integer.toString(CHILD_STATUS),
                "--args",
                Integer.toString(CHILD_ARGUMENTS),
                "--"));
        line.addAll(spec.command());
        return line;
    }

    /**
     * {@code {"child-pid": 4711, …}}; a whole parser would cost more than the sandbox's first namespace. Read to its
     * end: {@code bwrap} writes it in pieces, and dies where nobody listens.
     */
    private static long readChildPid(int fd) throws IOException {
        var key = "\"child-pid\":";
        var text = new StringBuilder();
        while (text.indexOf("}") < 0) {
            var more = Linux.read(fd, INFO_MOST_BYTES);
            if (more.isEmpty() || text.length() > INFO_MOST_BYTES) {
                throw new IOException("the sandbox could not be made");
            }
            text.append(more);
        }
        int from = text.indexOf(key) + key.length();
        int comma = text.indexOf(",", from);
        return Long.parseLong(text.substring(from, comma >= 0 ? comma : text.indexOf("}", from))
                .strip());
    }

    private void openDoors() throws IOException {
        if (spec.doors().isEmpty() || !listeners.isEmpty()) {
            return;
        }
        if (network == NETWORK_OF_ITS_OWN) {
            enterNetwork();
        }
        listeners = NetworkNamespace.listenHere(
                SandboxFolder.addresses(spec.doors().stream().map(Door::port).toList()));
    }

    private void enterNetwork() throws IOException {
        int namespace = Linux.open("/proc/" + initPid + "/ns/net", Linux.O_RDONLY);
        try {
            Linux.setns(namespace, Linux.CLONE_NEWNET);
        } finally {
            Linux.close(namespace);
        }
    }

    /**
     * Connects the sandbox's network while {@code bwrap} still builds. On another thread: whatever this one starts is
     * born in the workload's cgroup, and sees its network.
     */
    private @Nullable FutureTask<Boolean> join() {
        if (!privateNetwork || network != NETWORK_OF_ITS_OWN || spec.link() == WorkloadSpec.Link.NONE) {
            return null;
        }
        var network = Path.of("/proc/" + initPid + "/ns/net");
        var joining = new FutureTask<>(() -> {
            spec.link().join(network);
            return true;
        });
        Thread.ofVirtual().name("link " + spec.id()).start(joining);
        return joining;
    }

    private static void await(@Nullable FutureTask<Boolean> joining) throws IOException {
        if (joining == null) {
            return;
        }
        try {
            joining.get();
        } catch (ExecutionException e) {
            throw new IOException("its network cannot be connected: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a network was connected");
        }
    }

    private StateFile state() throws IOException {
        var monitor = ProcessIdentity.of(monitorPid);
        var init = ProcessIdentity.of(initPid);
        if (monitor.isEmpty() || init.isEmpty()) {
            throw new IOException("the sandbox could not be made");
        }
        var facts = new TreeMap<String, String>();
        facts.put(CGROUP, cgroup.name());
        if (spec.joinedOutput()) {
            facts.put(StateFile.JOINED_OUTPUT, "true");
        }
        for (int i = 0; i < listeners.size(); i++) {
            int port = ((InetSocketAddress) listeners.get(i).getLocalAddress()).getPort();
            facts.put(PORT + spec.doors().get(i).variable(), Integer.toString(port));
        }
        return new StateFile(
                spec.id(), startedAt, Map.of(MONITOR, monitor.get(), INIT, init.get()), facts, spec.labels());
    }

    /** Undoes what was reached: no process, listener or zombie stays. The cgroup and the folder are the caller's. */
    void abort() throws IOException {
        for (var listener : listeners) {
            listener.close();
        }
        if (monitorPid != 0) {
            SandboxProcesses.killMarked(folder.marker());
            SandboxProcesses.reap(monitorPid);
        }
    }
}
