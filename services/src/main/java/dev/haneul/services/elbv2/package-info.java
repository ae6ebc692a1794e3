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
 * <p>Missing: Gateway Load Balancers, IPv6, UDP listeners' traffic (they are kept, and carry nothing), preservation of
 * client addresses towards targets (they see the balancer's), login at identity providers (such requests are answered 500),
 * JWT validation, resource policies, capacity reservations, IPAM pools, connection and health check logs, WAF. Followed: the
 * Elastic Load Balancing API reference 2015-12-01 and the user guides for both kinds.
 */
@NullMarked
package dev.haneul.services.elbv2;

import org.jspecify.annotations.NullMarked;
