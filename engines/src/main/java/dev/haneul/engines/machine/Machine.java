package dev.haneul.engines.machine;

import dev.haneul.engines.Workload.Usage;
import dev.haneul.engines.WorkloadSpec.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A running (or just ended) server. Closing it kills what is left of it and clears everything but its disks. */
public interface Machine extends AutoCloseable {
    String id();

    Map<String, String> labels();

    /** How it runs. */
    default MachineWay way() {
        return MachineWay.CONTAINER;
    }

    /** The host's pid of its init; changes with every boot. Zero between two boots and after the end. */
    long pid();

    /** Its network namespace, as a path for {@code nsenter --net=} or setns(2); reboots keep it. */
    Path netns();

    /** When it was launched. */
    Instant startedAt();

    /** How often its init was started: 1 before any reboot, whether from inside or by {@link #reboot}. */
    int boots();

    /** Whether it runs, a reboot included. */
    boolean running();

    /** Whether the present boot is through: sshd answers, and user data has run where it had to. */
    boolean booted();

    /** Waits until {@link #booted()}; false where the time is over or it has ended first. */
    boolean awaitBooted(Duration timeout) throws InterruptedException;

    /** Waits for its end, at most so long; empty where it still runs. */
    Optional<MachineExit> await(Duration timeout) throws InterruptedException;

    /**
     * Asks its init to power off, waits, and kills what is not down by then.
     *
     * @return how it ended; {@link MachineExit.Kind#KILLED} where the grace did not suffice
     */
    MachineExit shutdown(Duration grace) throws InterruptedException;

    /** Pulls the plug. Returns when it is down; its disks are as after a power failure. */
    void kill() throws InterruptedException;

    /**
     * Reboots it: clean if it goes down within the grace, otherwise as by the reset button. Same disks, same network.
     * Returns when the new init runs.
     *
     * @throws IOException where it does not come up again
     */
    void reboot(Duration grace) throws IOException, InterruptedException;

    /** What it printed on its console, as a file that only grows; see {@link #consoleStart()}. */
    Path console();

    /** The offset of the first byte of {@link #console()} that is still kept. */
    long consoleStart();

    /**
     * Runs a command in it as root and waits.
     *
     * @throws IOException where it cannot be run or takes longer than the timeout (it is killed then)
     */
    Execution exec(List<String> command, Duration timeout) throws IOException, InterruptedException;

    /** Stops all its processes from using the CPU until {@link #thaw()}. */
    void freeze() throws IOException;

    void thaw() throws IOException;

    /** Changes its limits from now on. */
    void limit(Limits limits) throws IOException;

    /** What it has used since its launch; network bytes are not counted here and zero. */
    Usage usage();

    /** The disks it has now, the root disk first. */
    List<DiskAttachment> disks();

    /**
     * Plugs a disk in while it runs: a block device appears under its name.
     *
     * @throws IOException where it cannot be plugged in, e.g. because the name is taken or another machine has it
     */
    void attach(DiskAttachment disk) throws IOException;

    /**
     * Unplugs a disk other than the root disk.
     *
     * @param force also where it is still mounted: the mounts are torn off
     * @return false where it is still in use and nothing was forced: it stays, as a disk whose file system is mounted does
     */
    boolean detach(String diskId, boolean force) throws IOException;

    /**
     * Tells it that interfaces were put into its network namespace, or taken out, or have other addresses. A system
     * container sees that by itself.
     */
    default void rewired() throws IOException, InterruptedException {}

    /** Kills it, waits for that, and removes its namespaces, mounts, cgroups, processes and folder. Disks stay. */
    @Override
    void close();

    /**
     * What a command did.
     *
     * @param code its exit code, 128 + signal for one that was killed
     * @param output both outputs, in order, at most 1 MiB
     */
    record Execution(int code, String output) {}
}
