package dev.haneul.runtime;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Stack traces as a function's author knows them: they end where the runtime called the function. */
final class Traces {
    private static final String OURS = Traces.class.getPackage().getName() + ".";

    private Traces() {}

    /** Cuts the runtime's own frames off, of what caused this too; answers the same. */
    static <T extends Throwable> T ofFunction(T thrown) {
        cut(thrown, Collections.newSetFromMap(new IdentityHashMap<>()));
        return thrown;
    }

    private static void cut(@Nullable Throwable thrown, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown)) {
            return;
        }
        StackTraceElement[] frames = thrown.getStackTrace();
        for (int i = 0; i < frames.length; i++) {
            if (frames[i].getClassName().startsWith(OURS)) {
                thrown.setStackTrace(Arrays.copyOf(frames, i));
                break;
            }
        }
        cut(thrown.getCause(), seen);
        for (Throwable each : thrown.getSuppressed()) {
            cut(each, seen);
        }
    }
}
