/**
 * Runtimes: what {@code python3.12} or {@code java21} means on this host.
 *
 * <p>Functions run on the interpreters the host has, bound read-only into their sandbox. AWS's runtime names ask for a
 * version; {@link dev.haneul.services.lambda.runtimes.Interpreters} finds what there is, and
 * {@link dev.haneul.services.lambda.runtimes.Runtimes} chooses: the version asked for where it is installed, else (unless
 * the region was started to insist on exact versions) the nearest one that is, which the function's log then says in its
 * first line. Python and Node.js functions are served by runtimes of our own, Java functions by AWS's runtime interface
 * client, {@code provided} functions by their own {@code bootstrap}.
 *
 * <p>AWS pages followed: "Lambda runtimes", "Using Lambda environment variables".
 */
@NullMarked
package dev.haneul.services.lambda.runtimes;

import org.jspecify.annotations.NullMarked;
