package dev.haneul.services.ec2.compute;

import dev.haneul.engines.machine.MachineExit;

/** What is seen of an instance's server. */
public sealed interface ServerView {
    /** There is none. */
    record Absent() implements ServerView {}

    /**
     * It runs.
     *
     * @param boots how often its system was started
     * @param booted whether its present boot is through
     */
    record Up(int boots, boolean booted) implements ServerView {}

    /** It has ended, and its remains are there. */
    record Ended(MachineExit exit) implements ServerView {}
}
