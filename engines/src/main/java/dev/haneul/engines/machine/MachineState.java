package dev.haneul.engines.machine;

import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Who a machine is: what stands in its state file, and which process is its init at present. */
final class MachineState {
    static final String WATCHER = "watcher";
    static final String CGROUP = "cgroup";
    static final String ROOT_DISK = "rootDisk";
    static final String ROOT_LOOP = "rootLoop";
    static final String HOSTNAME = "hostname";
    static final String STARTED = "started";
    static final String WAY = "way";
    /** Of virtual machines: the image as a disk, how the emulator runs, what the guest has. */
    static final String IMAGE_DISK = "imageDisk";

    static final String ACCELERATOR = "accelerator";
    static final String CPUS = "cpus";
    static final String MEMORY = "memoryMib";
    static final String DEVICES = "devices";

    /** The root disk of a virtual machine is no block device of the host's. */
    static final String NO_LOOP = "-";

    private final MachineFolder folder;
    private StateFile state;

    MachineState(MachineFolder folder, StateFile state) {
        this.folder = folder;
        this.state = state;
    }

    MachineFolder folder() {
        return folder;
    }

    synchronized StateFile file() {
        return state;
    }

    String id() {
        return file().id();
    }

    String fact(String name) {
        var value = file().facts().get(name);
        if (value == null) {
            throw new IllegalStateException(id() + " has no " + name);
        }
        return value;
    }

    ProcessIdentity watcher() {
        return file().process(WATCHER);
    }

    /** A path that leads into its network namespace. */
    Path netns() {
        return Path.of("/proc/" + watcher().pid() + "/ns/net");
    }

    /** The option of {@code nsenter} that leads to where its disks are mounted. */
    String mountNamespaceOption() {
        return "--mount=/proc/" + watcher().pid() + "/ns/mnt";
    }

    /** Its init, unless it is between two boots or has ended: a process with the number noted, in its network. */
    Optional<ProcessIdentity> init() {
        var pid = folder.init();
        return pid.isEmpty()
                ? Optional.empty()
                : ProcessIdentity.of(pid.getAsInt())
                        .filter(it ->
                                HostProcesses.sameNetwork(it.pid(), watcher().pid()));
    }

    /** Writes the state file anew: what stands about disks is replaced. */
    synchronized void note(Map<String, String> disks, Map<String, String> more) throws IOException {
        var facts = new TreeMap<>(state.facts());
        facts.keySet().removeIf(name -> name.startsWith("disk."));
        facts.putAll(disks);
        facts.putAll(more);
        state = new StateFile(state.id(), state.startedAt(), state.processes(), facts, state.labels());
        state.write(folder.path());
    }
}
