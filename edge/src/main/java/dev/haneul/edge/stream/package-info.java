/**
 * Connections as bytes: plain or encrypted, with deadlines, and pumped into each other. Blocking code on virtual threads.
 */
@NullMarked
package dev.haneul.edge.stream;

import org.jspecify.annotations.NullMarked;
