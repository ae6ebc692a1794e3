package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Probe;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Runs pods. Closing it lets go of them: they go on, and {@link #recover()} of a later engine finds them. */
public interface Containers extends AutoCloseable {
    /** What works on this host; found out once, by trying. */
    Probe probe();

    /**
     * Makes a pod in which nothing runs yet: its network namespace exists, with loopback up, for the caller to wire.
     *
     * @throws LaunchException where it cannot be made; nothing is left behind then
     */
    Pod prepare(PodSpec spec) throws LaunchException, InterruptedException;

    /**
     * What an earlier engine of the same home left, whether its containers run or have ended since. What it had only half
     * made is cleared away. Call it once, before {@link #prepare}.
     */
    List<Pod> recover();

    /** A pod that is known and not closed. */
    Optional<Pod> find(String id);

    /** Whom to tell, by a pod's id, that one of its containers has ended. Told on a virtual thread. */
    void watch(Consumer<String> changed);

    /** What runs, or why nothing can, in one line for {@code haneul status}. */
    String status();

    /** The unpacked images. */
    ImageRoots images();

    @Override
    void close();
}
