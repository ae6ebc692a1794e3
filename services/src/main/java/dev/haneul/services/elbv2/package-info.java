/**
 * Elastic Load Balancing version 2: Application and Network Load Balancers as records, carried by {@code dev.haneul.edge}.
 * {@code Tables} makes a routing table of the records, {@code BalancerReconciler} makes network interfaces for a balancer's
 * zones through EC2's API, listens behind them in the VPC, and swaps each new table in. What health checks find out is kept
 * beside the targets, so that a restarted server goes on with it.
 *
 * <p>The host reaches a balancer at its nodes' public addresses, or at {@code NAME-ID.REGION.elb.localhost} through the
 * region's own port, as the listener at port 80 (or the one named by X-Forwarded-Port). Where the machine has no VPC
 * networks, the latter is the only way, and targets are dialled from the host.
 *
 * <p>Targets of flows see their clients' addresses by AWS's defaults, where they are in the balancer's own network; those
 * in a peered one see the balancer's. A target that is its own client is not reached so, as in AWS.
 *
 * <p>Clients log in at OpenID Connect providers by {@code OidcLogins}: what a login and a session need goes round with the
 * client, sealed; targets are told who it is in headers, signed by a key that the plane publishes. Providers on this
 * machine may be spoken to without TLS, which AWS refuses.
 *
 * <p>Tokens that requests bear are checked by {@code BearerTokens}, against the keys that {@code PublishedKeys} fetches
 * from a JWKS endpoint and keeps for a while. An endpoint on this machine may be asked without TLS too. AWS does not tell
 * how long it keeps keys (ten minutes here), whether all of a claim's values are asked for (here they are), which metrics
 * count, nor the log's words for endpoints that fail.
 *
 * <p>Classic Load Balancers ({@code Classic}, the API of 2012) are records beside these, over the same data plane: their
 * rows lead to interfaces by the same reconciler, and {@code ClassicTable} makes their routing tables.
 *
 * <p>Missing: Gateway Load Balancers, IPv6, Cognito logins (refused where they are
 * asked for, by name), resource policies, capacity
 * reservations, IPAM pools, health check logs, WAF, metrics by Availability Zone. Followed: the Elastic Load Balancing API
 * references 2012-06-01 and 2015-12-01 and the user guides for all three kinds.
 */
@NullMarked
package dev.haneul.services.elbv2;

import org.jspecify.annotations.NullMarked;
