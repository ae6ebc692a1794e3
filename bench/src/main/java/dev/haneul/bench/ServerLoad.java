package dev.haneul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * What a process takes while it is left alone, by proc_pid_status(5) and proc_pid_stat(5).
 *
 * @param residentMib its resident memory
 * @param processor of one processor, 1 is all of it
 */
record ServerLoad(double residentMib, int threads, int files, double processor) {
    private static final double KIB_PER_MIB = 1024;
    /** USER_HZ, which is 100 on every Linux that Java runs on. */
    private static final double TICKS_PER_SECOND = 100;

    /** Looks at it for so long. */
    static ServerLoad of(long pid, long nanos) throws IOException {
        long before = ticks(pid);
        long started = System.nanoTime();
        LockSupport.parkNanos(nanos);
        double seconds = (System.nanoTime() - started) / 1e9;
        double used = (ticks(pid) - before) / TICKS_PER_SECOND;
        try (var open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return new ServerLoad(
                    status(pid, "VmRSS:") / KIB_PER_MIB,
                    (int) status(pid, "Threads:"),
                    (int) open.count(),
                    used / seconds);
        }
    }

    private static long ticks(long pid) throws IOException {
        String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] words = line.substring(line.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(words[11]) + Long.parseLong(words[12]);
    }

    private static long status(long pid, String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.0f MiB resident, %d threads, %d open files, %.1f ms of a processor per second",
                residentMib,
                threads,
                files,
                processor * 1000);
    }
}
