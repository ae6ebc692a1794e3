package dev.haneul.fabric.linux;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Runs a few steps on a platform thread that is thrown away afterwards, because they change what the thread
 * <em>is</em>: its network namespace or its cgroups.
 *
 * <p>Threads inherit both from the thread that starts them, and the virtual-thread scheduler starts its carriers from
 * whichever thread wakes a virtual thread. So a step must start no thread and must wake nobody itself: the result goes
 * to the waiting caller through a monitor, whose waiters the JVM wakes from a thread of its own (JEP 491).
 */
public final class NamespaceThread {
    /** What to do there. */
    @FunctionalInterface
    public interface Step<T> {
        T run() throws IOException;
    }

    private NamespaceThread() {}

    /** Runs the step on a fresh thread and waits for it. */
    public static <T> T call(String name, Step<T> step) throws IOException {
        var handover = new Handover<T>();
        Thread.ofPlatform().daemon().name(name).start(() -> handover.run(step));
        return handover.await();
    }

    /** One result, passed from one thread to another. */
    public static final class Handover<T> {
        private @Nullable T result;
        private @Nullable Throwable failure;
        private boolean done;

        /** Runs the step on the calling thread and hands its outcome over. */
        public void run(Step<T> step) {
            T value = null;
            Throwable problem = null;
            try {
                value = step.run();
            } catch (IOException | RuntimeException | Error e) {
                problem = e;
            }
            synchronized (this) {
                result = value;
                failure = problem;
                done = true;
                notifyAll();
            }
        }

        /**
         * Waits for the outcome, also through interrupts: what the step made must not be lost. Steps are short.
         */
        public synchronized T await() throws IOException {
            boolean interrupted = false;
            while (!done) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            switch (failure) {
                case null -> {}
                case IOException e -> throw e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalStateException(failure);
            }
            if (result == null) {
                throw new IllegalStateException("the step gave no result");
            }
            return result;
        }
    }
}
