/**
 * The default engine on Linux: bubblewrap, no daemon. Every workload has mount, pid, ipc, uts, cgroup and network
 * namespaces of its own, no capabilities, no way to gain any, and runs as an unprivileged user that exists nowhere
 * else.
 *
 * <p>How a launch goes, because the order is what makes it quick and leak-free: a thread that already sits in a fresh
 * cgroup spawns {@code bwrap}, which is born there. It reports its child's pid and builds the sandbox while the same
 * thread enters the child's network namespace and opens the doors. The state file is written, and only then a byte
 * through the gate lets the program start. If we die before, the gate stays shut (the sandbox itself holds its other
 * end) and {@link dev.haneul.engines.sandbox.SandboxEngine#recover()} finds and kills what waits there.
 */
@NullMarked
package dev.haneul.engines.sandbox;

import org.jspecify.annotations.NullMarked;
