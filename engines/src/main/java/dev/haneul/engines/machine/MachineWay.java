package dev.haneul.engines.machine;

/** The two ways to be a server. */
public enum MachineWay {
    /** A system container: an init of its own on the host's kernel. */
    CONTAINER,
    /** A virtual machine: a kernel of its own on devices of its own. */
    VIRTUAL
}
