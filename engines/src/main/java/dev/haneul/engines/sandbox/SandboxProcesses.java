package dev.haneul.engines.sandbox;

import dev.haneul.engines.work.HostProcesses;
import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** Finding and ending processes without ever hitting a stranger's. */
final class SandboxProcesses {
    private static final int ROUNDS = 1000;
    private static final long PAUSE_NANOS = 2_000_000;

    private SandboxProcesses() {}

    /** Kills the sandbox processes of one workload until there are none; with its init goes all within. */
    static void killMarked(String marker) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            var left = HostProcesses.named(marker::equals);
            if (left.isEmpty()) {
                return;
            }
            for (var process : left) {
                HostProcesses.signal(process, Linux.SIGKILL);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new IOException("processes of " + marker + " do not end");
    }

    /** Waits for a killed child and takes it off the books. */
    static void reap(long child) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            if (Linux.reapChild(child)) {
                return;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new IOException("a killed child does not end");
    }
}
