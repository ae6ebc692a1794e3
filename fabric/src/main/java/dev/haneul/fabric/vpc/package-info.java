/**
 * The data plane of Amazon VPC: a {@link dev.haneul.fabric.vpc.NetworkPlan} says which networks should exist, a
 * {@link dev.haneul.fabric.vpc.VpcFabric} makes this machine's kernel look like it and keeps it so. Followed: the
 * Amazon VPC user guide on route tables, security groups, network ACLs, NAT gateways, peering and DNS.
 *
 * <p>On Linux, as root, each VPC is a router of its own: a network namespace, so that address ranges may overlap. Each
 * attached interface is a veth pair between its workload and that router with the route of one address, so that also
 * what stays inside a subnet passes the router and is filtered. The router's nftables hold the security groups
 * (stateful) and the network ACLs (stateless); policy routing by where a packet came in holds the route tables. An
 * internet gateway is a veth pair into the host's own network with one-to-one address translation, a NAT gateway a
 * namespace that translates to its private address, a peering a veth pair between two routers. All of it lives in the
 * kernel: it goes on when the server is killed, and the next one finds and adopts it by its names. Names are answered from
 * the plan and from what rooms publish ({@link dev.haneul.fabric.vpc.NameSource}).
 *
 * <p>Otherwise than in AWS: the region's own services ({@link dev.haneul.fabric.vpc.VpcFabric#serve}) are reached without
 * a route or an endpoint; every change of rules leaves connections alone that were let through before; public addresses
 * come from 198.18.0.0/15 and are reached from this host only, which instances see under its address in that block; new
 * connections from instances to the host's own ports are dropped.
 *
 * <p>IPv6 needs no translation: the blocks of a VPC with an internet gateway or an egress-only one are led to it. It
 * reaches from instance to instance of a VPC and of peered ones, and to and from this host; not beyond it, nor by the
 * gateways from one VPC to another, for the host is made no router of IPv6. The region's own services, load balancers,
 * and functions have IPv4 alone.
 *
 * <p>Missing: NAT64, and routes more specific than the local one. A firewall of the host's that drops forwarded packets
 * (other than Docker's, which is told) cuts instances off from the outside, not from each other.
 */
@NullMarked
package dev.haneul.fabric.vpc;

import org.jspecify.annotations.NullMarked;
