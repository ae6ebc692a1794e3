package dev.haneul.services.ec2.compute;

import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.machine.DiskAttachment;
import dev.haneul.engines.machine.Disks;
import dev.haneul.engines.machine.Images;
import dev.haneul.engines.machine.MachineWay;
import dev.haneul.engines.machine.Machines.Wiring;
import dev.haneul.engines.machine.Seed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What runs instances. Methods block; a server is known by its instance's id. */
public interface Servers {
    /** Why none can run here, as a sentence for the user; empty where they can. */
    Optional<String> obstacle();

    /**
     * Why none can run in this way; empty where they can. For virtual machines the first call finds out by booting one:
     * not in a transaction.
     */
    default Optional<String> obstacle(MachineWay way) throws InterruptedException {
        return way == MachineWay.CONTAINER ? obstacle() : Optional.of("there are no virtual machines");
    }

    /** Whether virtual machines are known to run here at full speed. */
    default boolean virtualMachinesProven() {
        return false;
    }

    /** How they run here, in a few words. */
    String how();

    /** What the host has. */
    Host host();

    /**
     * What the host has.
     *
     * @param architecture {@code x86_64} or {@code arm64}
     * @param cpus how many of them
     * @param memoryMib all of it
     * @param freeMib what nobody needs now
     */
    record Host(String architecture, int cpus, int memoryMib, int freeMib) {}

    /** Every server there is, those that ended among them. */
    Set<String> ids();

    /** What is seen of a server. */
    ServerView view(String id);

    /**
     * A server to start.
     *
     * @param disks beside the root disk
     * @param way whether it is a virtual machine
     */
    record Boot(
            String id,
            String hostname,
            String rootDisk,
            List<DiskAttachment> disks,
            Limits limits,
            Seed seed,
            MachineWay way,
            Wiring wiring) {
        public Boot {
            disks = List.copyOf(disks);
        }
    }

    /**
     * Starts a server. Returns when its init runs.
     *
     * @throws IOException with a reason for the user; nothing is left behind then
     */
    void boot(Boot boot) throws IOException, InterruptedException;

    /** Brings a server's system down, hard where it does not go within the grace; does nothing where it is down. */
    void shutdown(String id, Duration grace) throws InterruptedException;

    /** Reboots a server; returns when its new init runs. */
    void reboot(String id, Duration grace) throws IOException, InterruptedException;

    /** Clears away what is left of a server; its console is kept. Running ones are killed. */
    void clear(String id);

    /** Forgets a server's console. */
    void forget(String id);

    /** Whether a running server has a disk plugged in. */
    boolean plugged(String id, String disk);

    /** Plugs a disk into a running server. */
    void plug(String id, DiskAttachment disk) throws IOException;

    /** Pulls a disk out of a running server; false where it is in use and nothing was forced. */
    boolean unplug(String id, String disk, boolean force) throws IOException;

    /** The newest 64 KiB a server printed on its console, also after its end. */
    Console console(String id);

    /** What was printed, and when the last of it. */
    record Console(byte[] output, Instant at) {}

    /** Whether a server's system answers from within. */
    boolean answers(String id);

    /** Lets a user log in with a key for a while. */
    void authorize(String id, String user, String key, Duration life) throws IOException, InterruptedException;

    /** The network namespace of a running server, null where it does not run. */
    @Nullable
    Path netns(String id);

    /** Whether a server is a virtual machine: nobody but its own kernel can use its network namespace then. */
    default boolean virtual(String id) {
        return false;
    }

    /** Tells a running server that its interfaces have changed. */
    default void rewired(String id) throws IOException, InterruptedException {}

    /** The volumes. */
    Disks disks();

    /** The systems. */
    Images images();

    /** Tells ids of servers to which something happened; the listener is quick. */
    void watch(Consumer<String> changed);
}
