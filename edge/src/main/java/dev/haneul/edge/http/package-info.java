/**
 * HTTP as a load balancer handles it: requests in from whichever protocol, out to whichever, in constant memory. {@link
 * dev.haneul.edge.http.H1Server} reads HTTP/1.1 from clients, {@link dev.haneul.edge.http.H1Link} speaks it to targets,
 * {@link dev.haneul.edge.http.Proxy} is what lies between. Followed: RFC 9110, RFC 9112.
 */
@NullMarked
package dev.haneul.edge.http;

import org.jspecify.annotations.NullMarked;
