/**
 * Workloads as containers of any Docker API on this machine: Docker, Podman, Colima on Linux. For hosts where no sandbox
 * can be had, and for those who prefer their daemon.
 *
 * <p>The API is spoken over its Unix socket by a client of our own, {@link dev.haneul.engines.docker.DockerSocket}: eight
 * calls need no library of twenty jars. Nothing is pulled: the image is an empty tree of folders, imported once, into
 * which the host's runtimes are bound read-only as in a sandbox.
 *
 * <p>In each container a small {@code sh} is the first process. It waits at a gate, a named pipe, until its doors are
 * open and the workload's state is on disk; then it starts the program, hands signals on to it, and notes how it ended
 * and what it used in a file of the workload's folder: so nothing is lost while no server is there. The program's output
 * goes to files as in every engine, never through the daemon.
 *
 * <p>Followed: Docker Engine API v1.40, which Podman serves too.
 */
@NullMarked
package dev.haneul.engines.docker;

import org.jspecify.annotations.NullMarked;
