package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.cgroup.GroupStats;
import dev.haneul.engines.work.LogFile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A container that runs or has ended; it goes with its pod. */
public interface Container {
    String name();

    Map<String, String> labels();

    /** The host's pid of its first process; zero after the end. */
    long pid();

    /** When it was started last. */
    Instant startedAt();

    /** How often it was started. */
    int starts();

    boolean running();

    /** How it ended, if it has. */
    Optional<Exit> exit();

    /** Waits for the end, at most so long; empty where it still runs. */
    Optional<Exit> await(Duration timeout) throws InterruptedException;

    /**
     * Sends a signal to its first process; does nothing where it has ended.
     *
     * @param name e.g. {@code SIGHUP}, {@code HUP} or a number
     */
    void signal(String name) throws IOException;

    /** Sends its stop signal, waits, and kills what is still there. */
    Exit stop(Duration grace) throws InterruptedException;

    /**
     * Starts it again after its end, as it was: what it wrote is there still, and its logs go on.
     *
     * @throws IllegalStateException where it runs
     */
    void restart() throws LaunchException, InterruptedException;

    /** Runs one more program in it. */
    Exec exec(ExecSpec spec) throws LaunchException, InterruptedException;

    /** What it printed; a file that only grows. */
    LogFile stdout();

    /** What it printed as errors. */
    LogFile stderr();

    /** What it uses; after its end, what it had used. */
    GroupStats stats();

    /**
     * How it ended.
     *
     * @param code the exit code, 128 + signal for a first process that was killed
     * @param outOfMemory whether the kernel killed a process of it for its memory limit
     * @param at when
     * @param reason in words where the code does not tell, e.g. that the program could not be executed; mostly empty
     */
    record Exit(int code, boolean outOfMemory, Instant at, String reason) {}
}
