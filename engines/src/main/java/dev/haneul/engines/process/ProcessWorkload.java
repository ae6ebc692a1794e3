package dev.haneul.engines.process;

import dev.haneul.engines.Door;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.engines.work.LoggedWorkload;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A plain process, with the shell that watches it. */
final class ProcessWorkload extends LoggedWorkload {
    static final String WRAPPER = "wrapper";
    static final String PORT = "port.";
    /**
     * Waits for the word to go, which comes once our state is on disk; where we die before, its standard input ends
     * and so does it. Then it starts the program in the background, notes its pid, waits and notes how it ended.
     * Signals to the server's group do not reach the program: the shell ignores them, and the program is in another
     * group.
     */
    static final String SCRIPT = """
            trap '' INT HUP PIPE
            folder=$1; files=$2; errors=$3; shift 3
            read -r go || exit 1
            exec </dev/null
            command -v "$1" >/dev/null || { echo "$1: not found" >&2; exit 127; }
            [ "$files" = 0 ] || ulimit -n "$files"
            (trap - INT HUP PIPE; unset folder files errors go OLDPWD
            exec "$@") >>"$folder/stdout" 2>>"$folder/$errors" &
            echo $! >"$folder/pid"
            echo $!
            exec >&- 2>&-
            wait $!
            echo $? >"$folder/exit"
            """;

    private static final Logger LOG = System.getLogger(ProcessWorkload.class.getName());
    private static final int KILLED = 128 + 9;
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);
    private static final int DEATH_POLLS = 1000;
    private static final long DEATH_POLL_NANOS = 1_000_000;

    private final ProcessIdentity program;
    private final Path folder;
    private final boolean session;
    private final Runnable onClosed;
    private Usage lastUsage = new Usage(Duration.ZERO, 0, 0, 0);

    /** @param session whether the wrapper leads a session, and the group is its; otherwise the program leads a group */
    ProcessWorkload(StateFile state, ProcessIdentity program, Path folder, boolean session, Runnable onClosed)
            throws IOException {
        super(state, folder.resolve("stdout"), folder.resolve("stderr"));
        this.program = program;
        this.folder = folder;
        this.session = session;
        this.onClosed = onClosed;
    }

    /** Called once the wrapper has ended. */
    void ended() {
        int code = KILLED;
        try {
            code = Integer.parseInt(Files.readString(folder.resolve("exit")).strip());
        } catch (IOException | NumberFormatException e) {
            LOG.log(Level.DEBUG, id() + " was killed together with its watcher", e);
        }
        ended(new Exit(code, false));
    }

    @Override
    public long pid() {
        return program.pid();
    }

    @Override
    public void signal(Signal signal) {
        if (program.alive()) {
            kill(signal.name(), Long.toString(pid()));
        }
    }

    /** It sees all of the host's files anyway. */
    @Override
    public void mount(Mount.Bind mount) {}

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
        var leader = session ? state().process(WRAPPER) : program;
        if (leader.alive()) {
            kill(signal, "-" + leader.pid());
        }
    }

    /** Ends a wrapper and all that descends from it or is in its session's group. */
    static void killFamily(ProcessIdentity wrapper, boolean session) {
        var handle = ProcessHandle.of(wrapper.pid());
        var below = handle.stream().flatMap(ProcessHandle::descendants).toList();
        if (session) {
            kill("KILL", "-" + wrapper.pid());
        }
        below.forEach(ProcessHandle::destroyForcibly);
        handle.ifPresent(ProcessHandle::destroyForcibly);
        below.forEach(ProcessWorkload::awaitDeath);
    }

    /** The dying take a moment. A zombie counts as dead; whoever is its parent by now reaps it. */
    private static void awaitDeath(ProcessHandle handle) {
        for (int i = 0; i < DEATH_POLLS && ProcessIdentity.of(handle.pid()).isPresent(); i++) {
            LockSupport.parkNanos(DEATH_POLL_NANOS);
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
            listeners.add(ProcessEngine.listen(launchedPort(PORT, door)));
        }
        keep(spec, listeners);
    }

    @Override
    public synchronized Usage usage() {
        if (running() && program.alive()) {
            var cpu = ProcessHandle.of(pid())
                    .flatMap(handle -> handle.info().totalCpuDuration())
                    .orElse(lastUsage.cpu());
            lastUsage =
                    new Usage(cpu, Math.max(lastUsage.peakMemoryBytes(), ProcessIdentity.peakMemoryBytes(pid())), 0, 0);
        }
        return withTraffic(lastUsage);
    }

    @Override
    public void close() {
        if (!shut()) {
            return;
        }
        try {
            if (state().process(WRAPPER).alive()) {
                killFamily(state().process(WRAPPER), session);
            }
            await(END_TIMEOUT);
            FileTrees.delete(folder);
        } catch (IOException e) {
            LOG.log(Level.WARNING, id() + " is not cleared away whole; the next start will", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            onClosed.run();
        }
    }
}
