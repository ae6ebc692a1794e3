package dev.haneul.engines.session;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.container.Exec;
import java.nio.file.Path;

/** Somewhere a session's program can run. */
public interface SessionTarget {
    /**
     * A program to start.
     *
     * @param command as the user wrote it; empty for a shell
     * @param terminal whether it gets one
     */
    record Opening(String command, boolean terminal) {}

    /**
     * Starts the program.
     *
     * @throws LaunchException with the reason the user reads
     */
    Exec open(Opening opening) throws LaunchException, InterruptedException;

    /** Whether what the session prints is to be kept. */
    boolean recorded();

    /**
     * The session is over; called where it was recorded.
     *
     * @param session its id
     * @param transcript what it printed; gone when this returns
     */
    void ended(String session, Path transcript);
}
