package dev.haneul.engines.sandbox;

import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.fabric.linux.ErrnoException;
import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Finding and ending processes without ever hitting a stranger's. */
final class SandboxProcesses {
    private static final int ROUNDS = 1000;
    private static final long PAUSE_NANOS = 2_000_000;

    private SandboxProcesses() {}

    /** Signals a process if it is still the one that is meant. */
    static void signal(ProcessIdentity process, int signal) throws IOException {
        int pidfd;
        try {
            pidfd = Linux.pidfdOpen(process.pid());
        } catch (ErrnoException e) {
            return; // ended
        }
        try {
            // The descriptor stands for whoever had the number when it was opened; now see that it is ours.
            if (process.alive()) {
                Linux.pidfdSignal(pidfd, signal);
            }
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.ESRCH) {
                throw e;
            }
        } finally {
            Linux.close(pidfd);
        }
    }

    /** Processes whose name, the first word of the command line, is accepted. */
    static List<ProcessIdentity> named(Predicate<String> name) throws IOException {
        var found = new ArrayList<ProcessIdentity>();
        try (var folders = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var folder : folders) {
                long pid = Long.parseLong(folder.getFileName().toString());
                var identity = ProcessIdentity.of(pid);
                if (identity.isPresent() && name.test(firstWord(folder))) {
                    found.add(identity.get());
                }
            }
        }
        return found;
    }

    private static String firstWord(Path folder) {
        try {
            var line = Files.readString(folder.resolve("cmdline"), StandardCharsets.ISO_8859_1);
            int end = line.indexOf('\0');
            var word = end < 0 ? line : line.substring(0, end);
            return new String(word.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // ended
        }
    }

    /** Kills the sandbox processes of one workload until there are none; with its init goes all within. */
    static void killMarked(String marker) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            var left = named(marker::equals);
            if (left.isEmpty()) {
                return;
            }
            for (var process : left) {
                signal(process, Linux.SIGKILL);
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
