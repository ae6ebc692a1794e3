package dev.haneul.engines.machine;

import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.machine.MachineExit.Kind;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.Sparse;
import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.nio.file.Path;

/** What there is to find out and to do once a machine's watcher has ended. */
final class MachineEnd {
    private static final int CODE_POWERED_OFF = 130;
    private static final int CODE_KILLED = 137;
    private static final long RELEASE_NANOS = 20_000_000_000L;

    private MachineEnd() {}

    /** How it ended, by what the watcher and we have noted. */
    static MachineExit of(MachineFolder folder, ProcessIdentity watcher, Cgroup cgroup) {
        if (folder.killed()) {
            return new MachineExit(Kind.KILLED, "killed");
        }
        var code = folder.exit();
        if (code.isEmpty()) {
            return bootOf(watcher)
                            .equals(ProcessIdentity.of(ProcessHandle.current().pid())
                                    .map(MachineEnd::bootOf)
                                    .orElse(""))
                    ? new MachineExit(Kind.CRASHED, "its watcher was killed")
                    : new MachineExit(Kind.HOST_LOST, "the host was restarted");
        }
        if (code.getAsInt() == CODE_POWERED_OFF || code.getAsInt() == 0) {
            return new MachineExit(Kind.POWERED_OFF, "init powered off");
        }
        if (code.getAsInt() == CODE_KILLED && cgroup.outOfMemoryKills() > 0) {
            return new MachineExit(Kind.OUT_OF_MEMORY, "init was killed for want of memory");
        }
        return new MachineExit(Kind.CRASHED, "init ended with " + code.getAsInt());
    }

    /** The host's boot that a process belongs to. */
    private static String bootOf(ProcessIdentity process) {
        return process.birth().split(":")[0];
    }

    /** Kills what is left in a group, whoever started it. */
    static void killRest(Cgroup cgroup) throws IOException {
        for (long pid : cgroup.processes()) {
            var process = ProcessIdentity.of(pid);
            if (process.isPresent() && pid != ProcessHandle.current().pid()) {
                HostProcesses.signal(process.get(), Linux.SIGKILL);
            }
        }
    }

    /** The kernel unmounts a moment after the last process; before that nobody else may have the disk. */
    static void awaitReleased(String loop, Path image) throws IOException, InterruptedException {
        boolean free = HostProcesses.await(RELEASE_NANOS, () -> {
            try {
                return !Sparse.attached(loop, image);
            } catch (IOException e) {
                return true;
            }
        });
        if (!free) {
            throw new IOException(loop + " is still mounted");
        }
    }
}
