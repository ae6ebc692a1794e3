package dev.haneul.engines.docker;

import dev.haneul.engines.Door;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.work.LogFile;
import dev.haneul.engines.work.LoggedWorkload;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import dev.haneul.fabric.MountNamespace;
import dev.haneul.fabric.NetworkNamespace;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A container that runs or has ended. */
final class DockerWorkload extends LoggedWorkload {
    static final String CONTAINER = "container";
    static final String PORT = "port.";

    private static final Logger LOG = System.getLogger(DockerWorkload.class.getName());
    private static final int KILLED = 128 + 9;
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

    private final Path folder;
    private final DockerApi api;
    private final boolean privateNetwork;
    private final LogFile status;
    private final Runnable onClosed;
    /** The wrapper's number on the host. */
    private final long first;

    private volatile long pid;
    private final @Nullable Cgroup cgroup;
    private Usage lastUsage = new Usage(Duration.ZERO, 0, 0, 0);
    private boolean over;

    /** @param first the host's number of the container's first process, 0 where it has ended */
    DockerWorkload(StateFile state, Path folder, DockerApi api, long first, boolean privateNetwork, Runnable onClosed)
            throws IOException {
        super(state, folder.resolve("stdout"), folder.resolve("stderr"));
        this.folder = folder;
        this.api = api;
        this.first = first;
        this.pid = first;
        this.privateNetwork = privateNetwork;
        this.status = new LogFile(folder.resolve("status"));
        this.onClosed = onClosed;
        this.cgroup = first == 0 ? null : Cgroups.around(first).orElse(null);
    }

    private String container() {
        return Optional.ofNullable(state().facts().get(CONTAINER)).orElseThrow();
    }

    /** What the wrapper has noted under a word; empty where it has not. */
    static Optional<String> noted(Path folder, String word) {
        try (var lines = Files.lines(folder.resolve("status"))) {
            return lines.limit(100)
                    .filter(line -> line.equals(word) || line.startsWith(word + " "))
                    .map(line -> line.substring(word.length()).strip())
                    .reduce((_, last) -> last);
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private long figure(String word) {
        try {
            return Long.parseLong(noted(folder, word).orElse("0"));
        } catch (NumberFormatException e) {
            return 0; // the workload wrote into it itself
        }
    }

    /** The program is let loose: its number is known from now on. */
    void started() {
        var children = ProcessIdentity.children(first);
        pid = children.isEmpty() ? first : children.getFirst();
    }

    /** Called once the container's first process has ended; quick. */
    void ended() {
        boolean known = noted(folder, "exit").isPresent();
        int code = known ? (int) figure("exit") : KILLED;
        synchronized (this) {
            over = true;
            lastUsage = new Usage(
                    Duration.ofNanos(Math.max(lastUsage.cpu().toNanos(), figure("cpu"))),
                    Math.max(lastUsage.peakMemoryBytes(), figure("peak")),
                    0,
                    0);
        }
        ended(new Exit(code, code == KILLED && figure("oom") > 0));
    }

    /** Its log files, and the one its wrapper writes: it could fill the disk too. */
    Stream<LogFile> files() {
        return Stream.concat(logs(), Stream.of(status));
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
            if (signal == Signal.KILL) {
                var _ = usage(); // the wrapper will not tell any more
            }
            api.kill(container(), signal.name());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void freeze() {
        try {
            if (running() && (cgroup == null || !cgroup.freeze())) {
                api.pause(container(), true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void thaw() {
        try {
            if (cgroup != null) {
                cgroup.thaw();
            } else if (running()) {
                api.pause(container(), false);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, id() + " was not frozen", e);
        }
    }

    @Override
    public void mount(Mount.Bind mount) throws IOException {
        MountNamespace.attach(first, mount.source(), mount.target(), mount.readOnly());
    }

    /** Straight into the container's cgroup: not every daemon can update a container. */
    @Override
    public void limit(Limits limits) throws IOException {
        if (cgroup == null) {
            throw new IOException("the cgroup of " + id() + " is out of reach");
        }
        int pids = limits.pids() == 0 ? 0 : limits.pids() + ContainerSpec.OVERHEAD_PIDS;
        cgroup.limitSpace(new Limits(limits.memoryMib(), limits.cpuMilli(), pids, limits.openFiles()));
        cgroup.limitCpu(limits.cpuMilli());
    }

    @Override
    public void reopen(List<Door> spec) throws IOException {
        var addresses = new ArrayList<InetSocketAddress>();
        for (var door : spec) {
            addresses.add(DockerEngine.loopback(launchedPort(PORT, door)));
        }
        keep(spec, privateNetwork ? NetworkNamespace.listen(first, addresses) : NetworkNamespace.listenHere(addresses));
    }

    @Override
    public synchronized Usage usage() {
        if (!over && cgroup != null) {
            var now = cgroup.usage();
            if (now.cpu().compareTo(lastUsage.cpu()) > 0) { // its group goes with its last process
                lastUsage = now;
            }
        }
        return withTraffic(lastUsage);
    }

    @Override
    public void close() {
        if (!shut()) {
            return;
        }
        try {
            if (running()) {
                thaw();
                var _ = usage();
                api.kill(container(), "KILL");
                await(END_TIMEOUT);
            }
            api.remove(container());
            FileTrees.delete(folder);
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
