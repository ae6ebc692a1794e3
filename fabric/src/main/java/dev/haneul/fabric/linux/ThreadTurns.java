package dev.haneul.fabric.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How long threads of this process keep a processor before they are asked to share it (sched_setattr(2)). A thread with
 * long turns gets as much of a processor as before, in longer pieces: whoever has short turns and wakes up goes first.
 */
public final class ThreadTurns {
    private static final Path THREADS = Path.of("/proc/self/task");
    private static final int ATTRIBUTES_BYTES = 48;
    private static final int POLICY_OFFSET = 4;
    private static final int RUNTIME_OFFSET = 24;
    private static final int NORMAL = 0;
    /** As normal, but waking up takes nobody's turn away. */
    private static final int BATCH = 3;
    /** The longest there are. Kernels before 6.12 do not look at it. */
    private static final long LONG_TURN_NANOS = 100_000_000;

    private ThreadTurns() {}

    /**
     * Gives the threads whose names begin so long turns; those they start have them too. Does nothing where that is not
     * possible, and to threads that somebody has scheduled otherwise.
     *
     * @param names as {@code /proc} has them: 15 characters at most
     */
    public static void lengthen(List<String> names) {
        if (!Linux.available()) {
            return;
        }
        try (var threads = Files.newDirectoryStream(THREADS)) {
            for (var thread : threads) {
                String name = Files.readString(thread.resolve("comm"));
                if (names.stream().anyMatch(name::startsWith)) {
                    lengthen(Integer.parseInt(thread.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            System.getLogger(ThreadTurns.class.getName())
                    .log(System.Logger.Level.DEBUG, "threads keep their turns as they are", e);
        }
    }

    private static void lengthen(int tid) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var attributes = arena.allocate(ATTRIBUTES_BYTES, 8);
            Linux.call(Syscall.SCHED_GETATTR, tid, attributes.address(), ATTRIBUTES_BYTES, 0, 0, 0);
            if (attributes.get(ValueLayout.JAVA_INT, POLICY_OFFSET) != NORMAL) {
                return;
            }
            attributes.set(ValueLayout.JAVA_INT, POLICY_OFFSET, BATCH);
            attributes.set(ValueLayout.JAVA_LONG, RUNTIME_OFFSET, LONG_TURN_NANOS);
            Linux.call(Syscall.SCHED_SETATTR, tid, attributes.address(), 0, 0, 0, 0);
        }
    }
}
