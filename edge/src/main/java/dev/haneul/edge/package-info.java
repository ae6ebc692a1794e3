/**
 * Data planes for load balancers: an immutable {@link dev.haneul.edge.table.RoutingTable} in, health and access facts
 * out. Knows no service and no network: it listens through an {@link dev.haneul.edge.stream.Acceptor} and reaches targets
 * through a {@link dev.haneul.edge.stream.Dialer}. A new table is swapped in between two requests: those on their way
 * end as they began, connections stay, no request is dropped.
 *
 * <p>Built: HTTP/1.1 and HTTP/2 from clients, plain and over TLS with certificates by name and clients' certificates, both
 * to targets, WebSocket and other upgrades, gRPC with trailers, functions; rules, weighted groups, stickiness, slow start,
 * health checks, logins behind a seam; TCP and TLS flows with half-close and proxy protocol version 2, datagrams.
 *
 * <p>Missing: desync mitigation in the finer grades of AWS's
 * classification (what is ambiguous ends its connection, what is severe is refused), anomaly mitigation of weighted random
 * routing, HTTP/2 without TLS from clients.
 */
@NullMarked
package dev.haneul.edge;

import org.jspecify.annotations.NullMarked;
