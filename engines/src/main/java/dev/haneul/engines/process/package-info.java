/**
 * What is left where no sandbox can be had: plain processes, in a session of their own. They see the host's files and
 * network as the server's user does; the probe says so. Runs on every POSIX system.
 *
 * <p>A small {@code sh} stands between us and each workload: it keeps signals meant for the server away and writes
 * down the exit code, also when we are not there to see it.
 */
@NullMarked
package dev.haneul.engines.process;

import org.jspecify.annotations.NullMarked;
