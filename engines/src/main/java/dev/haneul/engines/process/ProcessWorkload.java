package dev.haneul.engines.process;

import dev.haneul.engines.Door;
import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.work.Folders;
import dev.haneul.engines.work.LogFile;
import dev.haneul.engines.work.OpenDoors;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A plain process, with the shell that watches it. */
final class ProcessWorkload implements Workload {
    static final String WRAPPER = "wrapper";
    static final String PROGRAM = "program";
    static final String PORT = "port.";
    /**
     * Starts the program in the background, tells its pid, waits and writes down how it ended. Signals to the server's
     * group do not reach the program: the shell ignores them, and the program is in another group.
     */
    static final String SCRIPT = """
            trap '' INT HUP PIPE
            folder=$1; files=$2; errors=$3; shift 3
            command -v "$1" >/dev/null || { echo "$1: not found" >&2; exit 127; }
            [ "$files" = 0 ] || ulimit -n "$files"
            (trap - INT HUP PIPE; unset folder files errors OLDPWD; exec "$@") >>"$folder/stdout" 2>>"$folder/$errors" &
            echo $!
            exec >&-
            wait $!
            echo $? >"$folder/exit"
            """;

    private static final Logger LOG = System.getLogger(ProcessWorkload.class.getName());
    private static final int KILLED = 128 + 9;
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

    private final StateFile state;
    private final Path folder;
    private final boolean session;
    private final Runnable onClosed;
    private final LogFile stdout;
    private final LogFile stderr;
    private final OpenDoors doors;
    private @Nullable Exit exit;
    private Usage lastUsage = new Usage(Duration.ZERO, 0, 0, 0);
    private boolean closed;

    /** @param session whether the wrapper leads a session, and the group is its; otherwise the program leads a group */
    ProcessWorkload(StateFile state, Path folder, boolean session, Runnable onClosed) throws IOException {
        this.state = state;
        this.folder = folder;
        this.session = session;
        this.onClosed = onClosed;
        this.stdout = LogFile.adopted(folder.resolve("stdout"));
        this.stderr = state.joinedOutput() ? stdout : LogFile.adopted(folder.resolve("stderr"));
        this.doors = new OpenDoors(state.id());
    }

    void watch(ProcessHandle wrapper) {
        var _ = wrapper.onExit().thenRun(this::ended);
    }

    void keep(List<Door> spec, List<ServerSocketChannel> listeners) throws IOException {
        doors.keep(spec, listeners);
    }

    private void ended() {
        int code = KILLED;
        try {
            code = Integer.parseInt(Files.readString(folder.resolve("exit")).strip());
        } catch (IOException | NumberFormatException e) {
            LOG.log(Level.DEBUG, id() + " was killed together with its watcher", e);
        }
        synchronized (this) {
            exit = new Exit(code, false);
            notifyAll();
        }
    }

    @Override
    public String id() {
        return state.id();
    }

    @Override
    public Map<String, String> labels() {
        return state.labels();
    }

    @Override
    public long pid() {
        return state.process(PROGRAM).pid();
    }

    @Override
    public Instant startedAt() {
        return state.startedAt();
    }

    @Override
    public Path stdout() {
        return stdout.path();
    }

    @Override
    public Path stderr() {
        return stderr.path();
    }

    @Override
    public long stdoutStart() {
        return stdout.start();
    }

    @Override
    public long stderrStart() {
        return stderr.start();
    }

    @Override
    public void forgetLogs(long stdoutOffset, long stderrOffset) throws IOException {
        stdout.forget(stdoutOffset);
        stderr.forget(stderrOffset);
    }

    @Override
    public synchronized boolean running() {
        return exit == null;
    }

    @Override
    public synchronized Optional<Exit> await(Duration timeout) throws InterruptedException {
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
    public void signal(Signal signal) {
        if (state.process(PROGRAM).alive()) {
            kill(signal.name(), Long.toString(pid()));
        }
    }

    @Override
    public void freeze() {
        signalAll("STOP");
    }

    @Override
    public void thaw() {
        signalAll("CONT");
    }

    /** The whole group; members that made a session of their own get away, which the probe does not hide. */
    private void signalAll(String signal) {
        var leader = session ? state.process(WRAPPER) : state.process(PROGRAM);
        if (leader.alive()) {
            kill(signal, "-" + leader.pid());
        }
    }

    private static void kill(String signal, String target) {
        try {
            var kill = new ProcessBuilder("kill", "-s", signal, "--", target)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            kill.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void limit(Limits limits) {
        // Nothing bites here, as the probe says.
    }

    @Override
    public void reopen(List<Door> spec) throws IOException {
        var listeners = new ArrayList<ServerSocketChannel>();
        for (var door : spec) {
            var port = state.facts().get(PORT + door.variable());
            if (port == null) {
                throw new IOException(id() + " has no door " + door.variable());
            }
            listeners.add(ProcessEngine.listen(Integer.parseInt(port)));
        }
        doors.keep(spec, listeners);
    }

    @Override
    public synchronized Usage usage() {
        if (exit == null && state.process(PROGRAM).alive()) {
            var cpu = ProcessHandle.of(pid())
                    .flatMap(handle -> handle.info().totalCpuDuration())
                    .orElse(lastUsage.cpu());
            lastUsage =
                    new Usage(cpu, Math.max(lastUsage.peakMemoryBytes(), ProcessIdentity.peakMemoryBytes(pid())), 0, 0);
        }
        return lastUsage;
    }

    /** The engine is closed: the process goes on without us. */
    synchronized void letGo() {
        closed = true;
        doors.close();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        doors.close();
        try {
            if (state.process(WRAPPER).alive()) {
                var below = ProcessHandle.of(state.process(WRAPPER).pid()).stream()
                        .flatMap(ProcessHandle::descendants)
                        .toList();
                signalAll("KILL");
                below.forEach(ProcessHandle::destroyForcibly);
                ProcessHandle.of(state.process(WRAPPER).pid()).ifPresent(ProcessHandle::destroyForcibly);
            }
            await(END_TIMEOUT);
            Folders.delete(folder);
        } catch (IOException e) {
            LOG.log(Level.WARNING, id() + " is not cleared away whole; the next start will", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            onClosed.run();
        }
    }
}
