package dev.haneul.engines.machine;

import dev.haneul.engines.LaunchException;
import java.nio.file.Path;

/** A machine whose init waits behind a gate. */
public interface PreparedMachine extends AutoCloseable {
    String id();

    /**
     * Its network namespace, as a path for {@code nsenter --net=} or setns(2): the same one for as long as the machine
     * runs, reboots included.
     */
    Path netns();

    /**
     * Opens the gate. Returns when init runs.
     *
     * @throws LaunchException where init does not come up; nothing is left behind then
     */
    Machine start() throws LaunchException, InterruptedException;

    /** Clears everything away unless it was started. */
    @Override
    void close();
}
