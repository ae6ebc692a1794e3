package dev.haneul.engines.work;

import dev.haneul.engines.Door;
import dev.haneul.engines.Workload;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What every engine's workload has in common: its state on disk, its log files, its doors, and an end that others wait
 * for. How it is signalled, limited, measured and killed is the engine's own.
 */
public abstract class LoggedWorkload implements Workload {
    private final StateFile state;
    private final LogFile stdout;
    private final LogFile stderr;
    private final OpenDoors doors;
    private @Nullable Exit exit;
    private boolean closed;

    /**
     * Takes the workload's log files over as they are.
     *
     * @param stderr not looked at where the state says that both outputs go to one file
     */
    protected LoggedWorkload(StateFile state, Path stdout, Path stderr) throws IOException {
        this.state = state;
        this.stdout = LogFile.adopted(stdout);
        this.stderr = state.joinedOutput() ? this.stdout : LogFile.adopted(stderr);
        this.doors = new OpenDoors(state.id());
    }

    protected final StateFile state() {
        return state;
    }

    /** Answers at these doors from now on. */
    public final void keep(List<Door> spec, List<ServerSocketChannel> listeners) throws IOException {
        doors.keep(spec, listeners);
    }

    /**
     * The port a door had when the workload was launched.
     *
     * @param prefix what the engine puts before a door's variable among the state's facts
     */
    protected final int launchedPort(String prefix, Door door) throws IOException {
        String port = state.facts().get(prefix + door.variable());
        if (port == null) {
            throw new IOException(id() + " has no door " + door.variable());
        }
        return Integer.parseInt(port);
    }

    /** Tells those who wait how it ended. */
    protected final synchronized void ended(Exit how) {
        exit = how;
        notifyAll();
    }

    /** Shuts the doors for good; answers false where that was done before. */
    protected final boolean shut() {
        synchronized (this) {
            if (closed) {
                return false;
            }
            closed = true;
        }
        doors.close();
        return true;
    }

    /** Usage with what has gone through the doors; what went through an earlier server's is not known. */
    protected final Usage withTraffic(Usage usage) {
        return new Usage(
                usage.cpu(),
                usage.peakMemoryBytes(),
                doors.traffic().bytesIn(),
                doors.traffic().bytesOut());
    }

    /** The engine is closed: the workload goes on without us. */
    public final synchronized void letGo() {
        closed = true;
        doors.close();
    }

    /** Its log files, each once. */
    public final Stream<LogFile> logs() {
        return stdout == stderr ? Stream.of(stdout) : Stream.of(stdout, stderr);
    }

    @Override
    public final String id() {
        return state.id();
    }

    @Override
    public final Map<String, String> labels() {
        return state.labels();
    }

    @Override
    public final Instant startedAt() {
        return state.startedAt();
    }

    @Override
    public final Path stdout() {
        return stdout.path();
    }

    @Override
    public final Path stderr() {
        return stderr.path();
    }

    @Override
    public final long stdoutStart() {
        return stdout.start();
    }

    @Override
    public final long stderrStart() {
        return stderr.start();
    }

    @Override
    public final void forgetLogs(long stdoutOffset, long stderrOffset) throws IOException {
        stdout.forget(stdoutOffset);
        stderr.forget(stderrOffset);
    }

    @Override
    public final synchronized boolean running() {
        return exit == null;
    }

    @Override
    public final synchronized Optional<Exit> await(Duration timeout) throws InterruptedException {
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
}
