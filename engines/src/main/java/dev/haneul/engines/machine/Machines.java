package dev.haneul.engines.machine;

import dev.haneul.engines.LaunchException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs servers. They outlive our process: each has a folder on disk with what is needed to adopt it and is known by pid
 * plus start time, never by pid alone.
 *
 * <p>All methods block; call them on virtual threads. Thread-safe.
 */
public interface Machines extends AutoCloseable {
    /** What really works here, found by doing. A second at most; the answer does not change while we run. */
    MachineProbe probe();

    /**
     * Why no machine can run in this way; empty where one can. For virtual machines the first call finds out by booting
     * one, which takes half a minute at most beside a download.
     */
    default Optional<String> obstacle(MachineWay way) throws InterruptedException {
        return way == MachineWay.VIRTUAL
                ? Optional.of("there are none in this version")
                : probe().usable() ? Optional.empty() : Optional.of(probe().reason());
    }

    /** Whether a virtual machine is known to run here at full speed; asks nobody and tries nothing. */
    default boolean virtualMachinesProven() {
        return false;
    }

    /** What machines boot from. */
    Images images();

    /** The volumes machines have. */
    Disks disks();

    /**
     * Makes a machine up to the moment before its init runs: its disks are mounted and its network namespace is there,
     * empty but for a loopback interface that is up. Whoever prepares must {@linkplain PreparedMachine#start start} or
     * close it; were our process to die first, {@link #recover()} of the next one clears it away.
     *
     * @throws LaunchException where it cannot be made, with a reason for the user; nothing is left behind then
     */
    PreparedMachine prepare(MachineSpec spec) throws LaunchException, InterruptedException;

    /**
     * Prepares, wires and starts a machine. Returns when its init runs, which is before it answers: see
     * {@link Machine#booted()}.
     *
     * @param wiring attaches its network interfaces, before init runs
     * @throws LaunchException where it cannot be started; nothing is left behind then (what {@code wiring} made outside
     *     the namespace is the caller's)
     */
    default Machine launch(MachineSpec spec, Wiring wiring) throws LaunchException, InterruptedException {
        try (var prepared = prepare(spec)) {
            wiring.attach(prepared.netns());
            return prepared.start();
        } catch (IOException e) {
            throw new LaunchException("the network of " + spec.id() + " cannot be made: " + e.getMessage(), e);
        }
    }

    /**
     * Finds the machines that an earlier server of this folder started: those that still run (their network namespaces
     * and interfaces with them), and those that have ended since, whose end and console are there until they are closed.
     * Whatever else it left (half-made machines, mounts, processes, cgroups) is cleared away.
     */
    List<Machine> recover();

    /**
     * Tells the id of a machine whenever something happened to it: it has booted, rebooted from within, or ended. The
     * listener is called on one thread and must be quick: it looks nothing up but wakes somebody. Machines that
     * {@link #recover()} finds are told of as well.
     */
    void watch(Consumer<String> changed);

    /** Lets go of what we hold. Running machines are left running for the next server. */
    @Override
    void close();

    /** Puts network interfaces into a machine that does not run yet. */
    @FunctionalInterface
    interface Wiring {
        /** @param netns the machine's network namespace, as a path for {@code nsenter --net=} or setns(2) */
        void attach(Path netns) throws IOException;
    }
}
