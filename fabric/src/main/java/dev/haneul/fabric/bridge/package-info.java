/**
 * A bridge inside a server's network namespace, as container runtimes make it: 172.17.0.0/16 behind the server's address,
 * with ports of the server that lead to ports of containers. Everything known about it is kept by the kernel, in the
 * namespace itself: it outlives us, and goes with the server. IPv4 only.
 */
@NullMarked
package dev.haneul.fabric.bridge;

import org.jspecify.annotations.NullMarked;
