package dev.haneul.engines;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A running (or just ended) workload. Closing it kills what is left of it and clears everything it had. */
public interface Workload extends AutoCloseable {
    String id();

    Map<String, String> labels();

    /** The host's pid of its first process. */
    long pid();

    Instant startedAt();

    /** Where its standard output is written, as a file that only grows; see {@link #stdoutStart()}. */
    Path stdout();

    /** Where its standard error is written; may be the same file as {@link #stdout()}. */
    Path stderr();

    boolean running();

    /** Waits for the end, at most so long; empty where it still runs. */
    Optional<Exit> await(Duration timeout) throws InterruptedException;

    /** Sends a signal to its first process; does nothing where it has ended. */
    void signal(Signal signal);

    /** Stops all its processes from using the CPU until {@link #thaw()}. */
    void freeze();

    void thaw();

    /**
     * Shows it a host folder that it did not see before, at a place where its spec mounted a folder. Engines without file
     * systems of their own do nothing: {@link Engine#resolve} tells where it is.
     *
     * @throws IOException where that cannot be done here; see {@link Engine#mountsLater()}
     */
    void mount(WorkloadSpec.Mount.Bind mount) throws IOException;

    /** As {@link #mount}, only begun: for who has other things to do meanwhile. */
    default Mounting mounting(List<WorkloadSpec.Mount.Bind> mounts) throws IOException {
        var making = new FutureTask<>(() -> {
            for (var mount : mounts) {
                mount(mount);
            }
            return true;
        });
        Thread.ofVirtual().name("mount-" + id()).start(making);
        return () -> {
            try {
                making.get();
            } catch (ExecutionException e) {
                throw new IOException(e.getCause());
            }
        };
    }

    /** Mounts that are being made. */
    @FunctionalInterface
    interface Mounting {
        /** Waits until they are. @throws IOException where that cannot be done here */
        void await() throws IOException, InterruptedException;
    }

    /** Changes its limits from now on; descriptors' limit stays. */
    void limit(WorkloadSpec.Limits limits) throws IOException;

    /**
     * Opens doors again, at the addresses they had, after {@link Engine#recover()}: until then nobody answers there.
     * Their variables must be those it was launched with.
     */
    void reopen(List<Door> doors) throws IOException;

    /** The offset of the first byte of {@link #stdout()} that is still kept: a workload that prints without end loses the oldest. */
    long stdoutStart();

    /** As {@link #stdoutStart()}, of {@link #stderr()}. */
    long stderrStart();

    /** Gives the disk back what lies before these offsets, once they are read and stored elsewhere. */
    void forgetLogs(long stdoutOffset, long stderrOffset) throws IOException;

    /** What it has used so far; the last known figures after its end. */
    Usage usage();

    /** Of {@link #usage}, the most memory it has held; engines that can tell it sooner do. */
    default long peakMemoryBytes() {
        return usage().peakMemoryBytes();
    }

    /** Kills every process of it, waits for that, and removes its cgroups, mounts, network and folder. */
    @Override
    void close();

    /** Signals the seam knows. */
    enum Signal {
        TERM,
        KILL,
        INT,
        HUP,
        USR1,
        USR2
    }

    /**
     * How it ended.
     *
     * @param code the exit code, 128 + signal for one that was killed
     * @param outOfMemory whether the kernel killed it for its memory limit
     */
    record Exit(int code, boolean outOfMemory) {}

    /**
     * What it has used.
     *
     * @param cpu user and system time of all its processes
     * @param peakMemoryBytes the most it held at once
     * @param bytesIn what it was sent through its doors
     * @param bytesOut what it sent through them
     */
    record Usage(Duration cpu, long peakMemoryBytes, long bytesIn, long bytesOut) {}
}
