package dev.haneul.engines.docker;

import dev.haneul.engines.Door;
import dev.haneul.engines.Engine;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Probe;
import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.engines.WorkloadSpec.Root;
import dev.haneul.engines.work.Folders;
import dev.haneul.engines.work.LogJanitor;
import dev.haneul.engines.work.StateFile;
import dev.haneul.fabric.NetworkNamespace;
import dev.haneul.fabric.linux.ErrnoException;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.ProcessExits;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs workloads as containers; see the package for how. */
public final class DockerEngine implements Engine {
    /** The label that tells whose a container is. */
    static final String HOME_LABEL = "dev.haneul.home";

    static final String ID_LABEL = "dev.haneul.id";

    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
    private static final long POLL_NANOS = 500_000;

    private final Path home;
    private final Path workloads;
    private final Supplier<Optional<Path>> socket;
    private final boolean known;
    private final Map<String, DockerWorkload> running = new ConcurrentHashMap<>();
    private final LogJanitor janitor =
            new LogJanitor(() -> running.values().stream().flatMap(DockerWorkload::files));
    private @Nullable Daemon daemon;
    private @Nullable Probe probe;
    private @Nullable ProcessExits exits;

    /**
     * An engine that asks nobody before it is {@linkplain #probe() probed}.
     *
     * @param home a folder of this engine's own within the data folder; made on first use
     * @param socket finds the daemon's, empty where there is none; asked when it is needed
     */
    public DockerEngine(Path home, Supplier<Optional<Path>> socket) {
        this(home, socket, false);
    }

    /** @param known whether the daemon is known to work and need not be tried out */
    DockerEngine(Path home, Supplier<Optional<Path>> socket, boolean known) {
        this.known = known;
        this.home = home.toAbsolutePath().normalize();
        this.workloads = this.home.resolve("workloads");
        this.socket = socket;
    }

    @Override
    public String name() {
        return "docker";
    }

    /** Where the daemon answers; empty where none was found. */
    public Optional<Path> socket() {
        return socket.get();
    }

    /** Whether an earlier server may have left containers: each has a folder for as long as it is there. */
    public boolean wasUsed() {
        try {
            return !Folders.within(workloads).isEmpty();
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public synchronized Probe probe() {
        if (probe == null) {
            try {
                probe = probeByDoing();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return DockerProbe.unusable("interrupted");
            }
        }
        return probe;
    }

    private Probe probeByDoing() throws InterruptedException {
        var place = socket.get();
        if (place.isEmpty()) {
            return DockerProbe.unusable("no Docker API was found: neither DOCKER_HOST names a socket nor is one at the"
                    + " places where Docker, Podman and Colima have theirs (Debian/Ubuntu: apt-get install docker.io)");
        }
        if (!Linux.available()) {
            return DockerProbe.unusable(
                    "functions run on this machine's own runtimes, which containers see on Linux only");
        }
        try {
            var found = Daemon.reach(home, place.get());
            daemon = found;
            try {
                if (!known) {
                    DockerProbe.tryOut(this);
                }
            } catch (LaunchException e) {
                if (Daemon.root()) {
                    throw e;
                }
                daemon = found.withHostNetwork(); // only root enters a container's network
                DockerProbe.tryOut(this);
            }
            return DockerProbe.usable(daemon());
        } catch (LaunchException | IOException e) {
            daemon = null;
            return DockerProbe.unusable(String.valueOf(e.getMessage()));
        }
    }

    /** The daemon, which the probe tries out before anybody else. */
    private synchronized Daemon daemon() throws LaunchException {
        if (daemon == null) {
            throw new LaunchException("no Docker API can be used here");
        }
        return daemon;
    }

    @Override
    public Workload launch(WorkloadSpec spec) throws LaunchException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        var found = probe();
        if (!found.usable()) {
            throw new LaunchException(found.reason());
        }
        return start(spec);
    }

    /** As {@link #launch}, without asking the probe. */
    Workload start(WorkloadSpec spec) throws LaunchException, InterruptedException {
        var with = daemon();
        if (!(spec.root() instanceof Root.HostRuntime)) {
            throw new LaunchException("the docker engine runs the host's runtimes only; images are not built yet");
        }
        var folder = workloads.resolve(spec.id());
        try {
            Files.createDirectories(workloads);
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            throw new LaunchException("there is a workload " + spec.id() + " already", e);
        } catch (IOException e) {
            throw new LaunchException("no folder can be made for " + spec.id() + ": " + e.getMessage(), e);
        }
        var attempt = new Attempt(with, spec, folder);
        boolean whole = false;
        try {
            var workload = attempt.run();
            whole = true;
            return workload;
        } catch (IOException e) {
            throw new LaunchException(String.valueOf(e.getMessage()), e);
        } finally {
            if (!whole) {
                attempt.undo();
            }
        }
    }

    /** One launch; everything it makes is a field, so that it can be undone from wherever it had come to. */
    private final class Attempt {
        private final Daemon with;
        private final WorkloadSpec spec;
        private final Path folder;
        private List<ServerSocketChannel> listeners = List.of();
        private @Nullable String container;
        private @Nullable DockerWorkload workload;

        Attempt(Daemon with, WorkloadSpec spec, Path folder) {
            this.with = with;
            this.spec = spec;
            this.folder = folder;
        }

        Workload run() throws IOException, LaunchException, InterruptedException {
            makeFiles();
            if (!with.privateNetwork()) {
                listeners = NetworkNamespace.listenHere(
                        spec.doors().stream().map(_ -> loopback(0)).toList());
            }
            var ports = ports();
            var configuration = ContainerSpec.of(
                    spec,
                    folder,
                    with.etc().folder(),
                    with.host(),
                    with.privateNetwork() ? "none" : "host",
                    variables(ports));
            var made = with.api().create(with.containerName(spec.id()), configuration);
            container = made;
            var state = state(made, ports);
            state.write(folder);
            with.api().start(made);
            long first = with.api().pid(made).orElse(0L);
            if (first == 0) {
                throw new IOException("the container ended before its program started");
            }
            if (with.privateNetwork()) {
                listeners = NetworkNamespace.listen(
                        first,
                        spec.doors().stream().map(door -> loopback(door.port())).toList());
                spec.link().join(Path.of("/proc/" + first + "/ns/net"));
            }
            return letGo(state, first);
        }

        private DockerWorkload letGo(StateFile state, long first)
                throws IOException, LaunchException, InterruptedException {
            var started = new DockerWorkload(
                    state, folder, with.api(), first, with.privateNetwork(), () -> running.remove(spec.id()));
            workload = started;
            running.put(spec.id(), started);
            watch(first, started);
            started.keep(spec.doors(), listeners);
            openGate(started);
            awaitNote(started);
            started.started();
            janitor.start();
            return started;
        }

        private void makeFiles() throws IOException {
            for (var name : List.of("stdout", "stderr", "status")) {
                with.give(Files.createFile(folder.resolve(name)));
            }
            var gate = folder.resolve("gate");
            Linux.makePipe(gate.toString());
            with.give(gate);
            for (var mount : spec.mounts()) {
                if (mount instanceof Mount.Bind(Path source, String _, boolean readOnly)
                        && !readOnly
                        && Files.exists(source)) {
                    with.give(source);
                }
            }
        }

        private List<Integer> ports() throws IOException {
            if (with.privateNetwork()) {
                return spec.doors().stream().map(Door::port).toList();
            }
            var ports = new ArrayList<Integer>();
            for (var listener : listeners) {
                ports.add(((InetSocketAddress) listener.getLocalAddress()).getPort());
            }
            return ports;
        }

        private Map<String, String> variables(List<Integer> ports) {
            var variables = new LinkedHashMap<String, String>();
            for (int i = 0; i < ports.size(); i++) {
                var door = spec.doors().get(i);
                variables.put(door.variable(), door.format().replace("%s", "127.0.0.1:" + ports.get(i)));
            }
            return variables;
        }

        private StateFile state(String id, List<Integer> ports) {
            var facts = new TreeMap<>(Map.of(DockerWorkload.CONTAINER, id));
            if (spec.joinedOutput()) {
                facts.put(StateFile.JOINED_OUTPUT, "true");
            }
            for (int i = 0; i < ports.size(); i++) {
                facts.put(DockerWorkload.PORT + spec.doors().get(i).variable(), Integer.toString(ports.get(i)));
            }
            return new StateFile(spec.id(), Instant.now(), Map.of(), facts, spec.labels());
        }

        /** The wrapper comes to its gate a moment after its start. */
        private void openGate(DockerWorkload of) throws IOException {
            long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
            while (true) {
                try {
                    int gate = Linux.open(folder.resolve("gate").toString(), Linux.O_WRONLY | Linux.O_NONBLOCK);
                    try {
                        Linux.write(gate, new byte[] {'\n'});
                    } finally {
                        Linux.close(gate);
                    }
                    return;
                } catch (IOException e) {
                    if (!of.running() || System.nanoTime() > deadline) {
                        throw new IOException("the container does not come to its gate", e);
                    }
                    LockSupport.parkNanos(POLL_NANOS);
                }
            }
        }

        private void awaitNote(DockerWorkload of) throws LaunchException {
            long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
            while (true) {
                boolean running = of.running(); // asked before its notes are read: what has ended has written them all
                if (DockerWorkload.noted(folder, "running").isPresent()) {
                    return;
                }
                var failed = DockerWorkload.noted(folder, "failed");
                if (failed.isPresent() || !running || System.nanoTime() > deadline) {
                    throw new LaunchException(failed.orElse("the container ended before its program started"));
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }

        void undo() throws LaunchException {
            try {
                if (workload != null) {
                    workload.close();
                    return;
                }
                for (var listener : listeners) {
                    listener.close();
                }
                if (container != null) {
                    with.api().kill(container, "KILL");
                    with.api().remove(container);
                }
                FileTrees.delete(folder);
            } catch (IOException e) {
                throw new LaunchException("a failed launch left " + folder, e);
            }
        }
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    }

    private void watch(long first, DockerWorkload workload) throws IOException {
        synchronized (this) {
            if (exits == null) {
                exits = new ProcessExits();
            }
            try {
                exits.watch(Linux.pidfdOpen(first), workload::ended);
            } catch (ErrnoException e) {
                workload.ended(); // it has just gone
            }
        }
    }

    @Override
    public String resolve(String id, List<Mount> mounts, String path) {
        return path;
    }

    @Override
    public boolean mountsLater() {
        return Daemon.root();
    }

    @Override
    public List<Workload> recover() {
        if (!probe().usable()) {
            return List.of(); // haneul status says why
        }
        try {
            var with = daemon();
            var containers = new HashMap<String, String>();
            for (var one : with.api().list(HOME_LABEL + "=" + with.host().home())) {
                containers.put(one.id(), one.labels().getOrDefault(ID_LABEL, ""));
            }
            running.values().forEach(workload -> containers.values().remove(workload.id()));
            var found = new ArrayList<Workload>();
            for (var folder : Folders.within(workloads)) {
                if (running.containsKey(folder.getFileName().toString())) {
                    continue;
                }
                var workload = adopt(with, folder);
                if (workload.isPresent()) {
                    containers.values().remove(workload.get().id());
                    found.add(workload.get());
                } else {
                    FileTrees.delete(folder);
                }
            }
            for (var left : containers.keySet()) {
                with.api().kill(left, "KILL");
                with.api().remove(left);
            }
            return found;
        } catch (LaunchException e) {
            return List.of(); // it has just been closed
        } catch (IOException e) {
            throw new UncheckedIOException("containers cannot be recovered", e);
        }
    }

    /** One that was let loose; empty where it still waits at its gate, or its container is gone. */
    private Optional<Workload> adopt(Daemon with, Path folder) throws IOException {
        var state = StateFile.read(folder);
        if (state.isEmpty() || DockerWorkload.noted(folder, "running").isEmpty()) {
            return Optional.empty();
        }
        var id = state.get().id();
        var container = Optional.ofNullable(state.get().facts().get(DockerWorkload.CONTAINER));
        if (container.isEmpty()) {
            return Optional.empty();
        }
        long first = with.api().pid(container.get()).orElse(0L);
        var workload = new DockerWorkload(
                state.get(), folder, with.api(), first, with.privateNetwork(), () -> running.remove(id));
        running.put(id, workload);
        if (first == 0) {
            workload.ended();
        } else {
            workload.started();
            watch(first, workload);
            janitor.start();
        }
        return Optional.of(workload);
    }

    @Override
    public void close() {
        janitor.close();
        running.values().forEach(DockerWorkload::letGo);
        running.clear();
        synchronized (this) {
            if (exits != null) {
                exits.close();
                exits = null;
            }
        }
    }
}
