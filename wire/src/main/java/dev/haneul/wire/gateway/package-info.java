/**
 * The front door: one port for TLS and plain text, HTTP/1.1 and HTTP/2, signed calls of AWS operations and the data
 * planes' own hosts.
 *
 * <p>{@link dev.haneul.wire.gateway.Gateway} is the server, {@code FrontHandler} takes each request on a virtual
 * thread of its own, {@code OperationPath} is an operation's way on one page: route, authenticate, decode, validate,
 * dispatch, encode. Everything hostile is bounded: connections, concurrent requests, header sections, bodies that are
 * held as a whole (each, and all together), what compressed ones become, idle times. {@code Cors} lets browsers call. Data planes
 * may go on with a WebSocket ({@code WebSockets}), over HTTP/1.1 and HTTP/2.
 *
 * <p>Not here yet: event streams from clients whose messages are signed one by one are read, their signatures are not
 * checked; none of the region's services takes any.
 */
@NullMarked
package dev.haneul.wire.gateway;

import org.jspecify.annotations.NullMarked;
