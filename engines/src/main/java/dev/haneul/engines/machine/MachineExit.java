package dev.haneul.engines.machine;

/**
 * How a machine ended.
 *
 * @param kind in what way
 * @param detail in words, for a state-change reason
 */
public record MachineExit(Kind kind, String detail) {
    /** The ways to end. */
    public enum Kind {
        /** Its init powered off: asked by us, or by somebody inside ({@code shutdown -h now}). */
        POWERED_OFF,
        /** We killed it. */
        KILLED,
        /** Its init died by itself. */
        CRASHED,
        /** The kernel killed its init for want of memory. */
        OUT_OF_MEMORY,
        /** The host went down under it. */
        HOST_LOST
    }
}
