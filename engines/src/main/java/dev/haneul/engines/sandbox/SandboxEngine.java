package dev.haneul.engines.sandbox;

import dev.haneul.engines.Door;
import dev.haneul.engines.Engine;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Probe;
import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.sandbox.LaunchThreads.Seat;
import dev.haneul.engines.work.LogJanitor;
import dev.haneul.fabric.NetworkNamespace;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs workloads in bubblewrap sandboxes; see the package for how. */
public final class SandboxEngine implements Engine {
    private static final Logger LOG = System.getLogger(SandboxEngine.class.getName());

    private final Path home;
    private final Function<String, Cgroups> cgroups;
    private final Map<String, SandboxWorkload> running = new ConcurrentHashMap<>();
    private @Nullable Outfit outfit;
    private @Nullable Probe probe;
    private @Nullable Boolean mountsLater;
    private final LogJanitor janitor =
            new LogJanitor(() -> running.values().stream().flatMap(SandboxWorkload::logs));

    /** @param home a folder of this engine's own within the data folder; made on first use */
    public SandboxEngine(Path home) {
        this(home, Cgroups::detect);
    }

    SandboxEngine(Path home, Function<String, Cgroups> cgroups) {
        this.cgroups = cgroups;
        this.home = home.toAbsolutePath().normalize();
    }

    @Override
    public String name() {
        return "sandbox";
    }

    @Override
    public synchronized Probe probe() {
        if (probe == null) {
            probe = probeByDoing();
        }
        return probe;
    }

    private Probe probeByDoing() {
        try {
            outfit = Outfit.prepare(home, cgroups);
            SandboxProbe.tryOut(this);
            return SandboxProbe.usable(outfit);
        } catch (LaunchException | IOException e) {
            return retryOnHostNetwork(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return SandboxProbe.unusable("interrupted");
        }
    }

    /** An ordinary user may make a network namespace but not enter it again, so doors need the host's loopback. */
    private Probe retryOnHostNetwork(Exception first) {
        if (outfit == null) {
            return SandboxProbe.unusable(String.valueOf(first.getMessage()));
        }
        outfit = outfit.withHostNetwork();
        try {
            SandboxProbe.tryOut(this);
            return SandboxProbe.usable(outfit);
        } catch (LaunchException e) {
            outfit.close();
            outfit = null;
            return SandboxProbe.unusable(String.valueOf(first.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return SandboxProbe.unusable("interrupted");
        }
    }

    private Outfit outfit() throws LaunchException {
        var found = probe();
        synchronized (this) {
            if (outfit == null) {
                throw new LaunchException(found.reason());
            }
            return outfit;
        }
    }

    @Override
    public Workload launch(WorkloadSpec spec) throws LaunchException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return launch(spec, outfit());
    }

    /** The outfit as it is while the probe tries it out. */
    Outfit outfitUnderTest() throws LaunchException {
        if (outfit == null) {
            throw new LaunchException("not prepared");
        }
        return outfit;
    }

    Workload launch(WorkloadSpec spec, Outfit with) throws LaunchException {
        var folder = new SandboxFolder(with.workloads().resolve(spec.id()));
        try {
            Files.createDirectory(folder.path());
        } catch (FileAlreadyExistsException e) {
            throw new LaunchException("there is a workload " + spec.id() + " already", e);
        } catch (IOException e) {
            throw new LaunchException("no folder can be made for " + spec.id() + ": " + e.getMessage(), e);
        }
        boolean whole = false;
        try {
            var workload = launch(spec, with, folder);
            whole = true;
            return workload;
        } catch (IOException e) {
            var words = folder.lastWords();
            throw new LaunchException(e.getMessage() + (words.isEmpty() ? "" : ": " + words), e);
        } finally {
            if (!whole) {
                deleteQuietly(folder.path());
            }
        }
    }

    private Workload launch(WorkloadSpec spec, Outfit with, SandboxFolder folder) throws LaunchException, IOException {
        giveWritable(spec, with);
        for (var log : spec.joinedOutput() ? List.of(folder.stdout()) : List.of(folder.stdout(), folder.stderr())) {
            with.user().give(Files.createFile(log)); // so that /dev/stdout can be opened by name
        }
        var hostListeners = with.privateNetwork() ? List.<ServerSocketChannel>of() : listenOnHost(spec.doors());
        var ports =
                with.privateNetwork() ? spec.doors().stream().map(Door::port).toList() : ports(hostListeners);
        if (folder.overlayNeeded(spec, with.user())) {
            folder.makeOverlayFolders();
        }
        with.disks().prepare(spec, folder);
        // One that is another user namespace's can only be entered by root.
        int network = with.privateNetwork() && with.user().descriptor() >= 0
                ? spec.link().ready()
                : Launch.NETWORK_OF_ITS_OWN;
        try {
            return launch(spec, with, folder, hostListeners, ports, network);
        } finally {
            Linux.close(network);
        }
    }

    private Workload launch(
            WorkloadSpec spec,
            Outfit with,
            SandboxFolder folder,
            List<ServerSocketChannel> hostListeners,
            List<Integer> ports,
            int network)
            throws LaunchException, IOException {
        var arguments = BubblewrapArguments.of(
                spec,
                folder,
                with.etc().folder(),
                with.user(),
                Launch.CHILD_USER,
                with.privateNetwork() && network == Launch.NETWORK_OF_ITS_OWN,
                with.disks(),
                ports);
        var seat = with.threads().take();
        var launch = new Launch(
                with.bwrap(),
                with.filter(),
                spec,
                folder,
                arguments,
                with.user(),
                with.disks(),
                seat.cgroup(),
                Instant.now(),
                with.privateNetwork(),
                network,
                hostListeners);
        Launch.Started started;
        try {
            started = seat.call(() -> launch.run(with.cgroups().threadsMayEnter()));
        } catch (IOException | RuntimeException e) {
            abandon(launch, seat);
            throw e;
        }
        return finish(spec, with, folder, seat, started);
    }

    private Workload finish(WorkloadSpec spec, Outfit with, SandboxFolder folder, Seat seat, Launch.Started started)
            throws IOException, LaunchException {
        var workload = new SandboxWorkload(
                started.state(),
                folder,
                seat.cgroup(),
                seat,
                with.visitor(),
                with.privateNetwork(),
                () -> forget(spec.id()));
        running.put(spec.id(), workload);
        boolean whole = false;
        try {
            workload.launchedWithin(spec.limits());
            workload.keep(spec.doors(), started.listeners());
            watch(workload, with);
            workload.awaitStarted(Path.of(with.bwrap()).getFileName().toString());
            if (spec.limits().cpuMilli() > 0) {
                workload.limit(spec.limits());
            }
            whole = true;
        } finally {
            if (!whole) {
                workload.close();
            }
        }
        with.threads().refill();
        janitor.start();
        return workload;
    }

    /** One that cannot be watched cannot be kept. */
    private static void watch(SandboxWorkload workload, Outfit with) throws IOException {
        long monitor = workload.monitor().pid();
        try {
            with.exits().watch(Linux.pidfdOpen(monitor), workload::ended);
        } catch (IOException e) {
            workload.killUnwatched();
            throw e;
        }
    }

    private static void abandon(Launch launch, Seat seat) {
        try {
            launch.abort();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "a failed launch is not cleared away whole; the next start will", e);
        }
        seat.leave();
    }

    private static void giveWritable(WorkloadSpec spec, Outfit with) throws IOException {
        for (var mount : spec.mounts()) {
            if (mount instanceof Mount.Bind(Path source, String _, boolean readOnly)
                    && !readOnly
                    && Files.exists(source)) {
                with.user().give(source);
            }
        }
    }

    private static List<ServerSocketChannel> listenOnHost(List<Door> doors) throws IOException {
        return NetworkNamespace.listenHere(
                SandboxFolder.addresses(doors.stream().map(_ -> 0).toList()));
    }

    private static List<Integer> ports(List<ServerSocketChannel> listeners) throws IOException {
        var ports = new ArrayList<Integer>();
        for (var listener : listeners) {
            ports.add(((InetSocketAddress) listener.getLocalAddress()).getPort());
        }
        return ports;
    }

    private void forget(String id) {
        running.remove(id);
    }

    private static void deleteQuietly(Path folder) {
        try {
            FileTrees.delete(folder);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "a failed launch left " + folder, e);
        }
    }

    @Override
    public String resolve(String id, List<Mount> mounts, String path) {
        return path;
    }

    /** {@inheritDoc} Found by doing, the first time it is asked. */
    @Override
    public synchronized boolean mountsLater() {
        if (mountsLater == null) {
            try {
                mountsLater = SandboxProbe.mountsLater(this, outfit());
            } catch (LaunchException e) {
                mountsLater = false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return mountsLater;
    }

    @Override
    public List<Workload> recover() {
        try {
            var with = outfit();
            var found = new Recovery(with).run(running.keySet(), this::forget);
            for (var workload : found) {
                running.put(workload.id(), workload);
                if (workload.running()) {
                    watch(workload, with);
                }
            }
            if (!found.isEmpty()) {
                janitor.start();
            }
            with.threads().refill();
            return List.copyOf(found);
        } catch (LaunchException e) {
            return List.of(); // this engine does not work here; haneul status says why
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("workloads cannot be recovered", e);
        }
    }

    @Override
    public synchronized void close() {
        running.values().forEach(SandboxWorkload::letGo);
        running.clear();
        janitor.close();
        if (outfit != null) {
            outfit.close();
            outfit = null;
        }
    }
}
