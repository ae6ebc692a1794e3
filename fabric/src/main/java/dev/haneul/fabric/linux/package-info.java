/**
 * The few Linux system calls that the JDK does not offer, through the foreign function interface: spawning a process
 * with chosen file descriptors, waiting for processes that are not our children, entering namespaces. Nothing here is
 * touched on other systems.
 */
@NullMarked
package dev.haneul.fabric.linux;

import org.jspecify.annotations.NullMarked;
