/**
 * HTTP/2, both ways: frames, streams and windows over a {@link dev.haneul.edge.stream.Wire}; header compression is
 * Jetty's. One virtual thread reads a connection, whoever has something to say writes. No push, no priorities. What a
 * peer may make us hold or do is bounded: streams, buffers by windows, heads, resets and control frames. Followed: RFC
 * 9113.
 */
@NullMarked
package dev.haneul.edge.h2;

import org.jspecify.annotations.NullMarked;
