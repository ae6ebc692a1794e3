/**
 * What Haneul adds to AWS's own Java runtime interface client inside a function's environment: the waiting of a JVM that
 * was booted before its function was known, and patience with a server that went away. Everything else of a Java
 * function is served by that client, unmodified.
 */
@NullMarked
package dev.haneul.runtime;

import org.jspecify.annotations.NullMarked;
