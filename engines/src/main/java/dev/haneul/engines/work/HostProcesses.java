package dev.haneul.engines.work;

import dev.haneul.fabric.linux.ErrnoException;
import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Signalling and finding processes of machines, never a stranger's. */
public final class HostProcesses {
    private static final long FIRST_PAUSE_NANOS = 200_000;
    private static final long LAST_PAUSE_NANOS = 10_000_000;

    private HostProcesses() {}

    /** Signals a process if it is still the one that is meant. */
    public static void signal(ProcessIdentity process, int signal) throws IOException {
        int pidfd;
        try {
            pidfd = Linux.pidfdOpen(process.pid());
        } catch (ErrnoException e) {
            return; // ended
        }
        try {
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

    /** Whether a process is in the network namespace of another: a machine's init is in its watcher's. */
    public static boolean sameNetwork(long one, long other) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + one + "/ns/net"))
                    .equals(Files.readSymbolicLink(Path.of("/proc/" + other + "/ns/net")));
        } catch (IOException e) {
            return false; // one of them has ended
        }
    }

    /** Processes whose name, the first word of the command line, is accepted. */
    public static List<ProcessIdentity> named(Predicate<String> name) throws IOException {
        var found = new ArrayList<ProcessIdentity>();
        try (var folders = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var folder : folders) {
                if (name.test(firstWord(folder))) {
                    ProcessIdentity.of(Long.parseLong(folder.getFileName().toString()))
                            .ifPresent(found::add);
                }
            }
        }
        return found;
    }

    private static String firstWord(Path folder) {
        try {
            var line = Files.readString(folder.resolve("cmdline"), StandardCharsets.UTF_8);
            int end = line.indexOf('\0');
            return end < 0 ? line : line.substring(0, end);
        } catch (IOException e) {
            return ""; // ended, or not text
        }
    }

    /** A process and all that descend from it. */
    public static List<ProcessIdentity> family(ProcessIdentity eldest) {
        var all = new ArrayList<ProcessIdentity>();
        all.add(eldest);
        for (int i = 0; i < all.size(); i++) {
            for (long child : ProcessIdentity.children(all.get(i).pid())) {
                ProcessIdentity.of(child).ifPresent(all::add);
            }
        }
        return all;
    }

    /** Waits for something that nobody tells of, at most so long. */
    public static boolean await(long nanos, BooleanSupplier done) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        for (long pause = FIRST_PAUSE_NANOS; !done.getAsBoolean(); pause = Math.min(pause * 3 / 2, LAST_PAUSE_NANOS)) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(pause);
        }
        return true;
    }
}
