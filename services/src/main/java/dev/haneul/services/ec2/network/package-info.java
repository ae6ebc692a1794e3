/**
 * Virtual networks: their subnets, routes, gateways, interfaces, filters and addresses.
 *
 * <p>{@link dev.haneul.services.ec2.network.Nets} says what is kept: mostly the API's own structures. Each story of the
 * API is an interface ({@code VpcOperations}, {@code GroupOperations} …) beside a class that knows its records ({@code
 * Vpcs}, {@code Groups} …). An account finds a default network in a region from its first call on. {@link
 * dev.haneul.services.ec2.network.NetworkPlans} derives from all records what the machine should look like, and a
 * reconciler makes it so whenever one of them changes. Networks in which nothing is attached are left out, so that
 * records alone change nothing in the host. Who puts something on a network (instances, load balancers) does it through
 * {@link dev.haneul.services.ec2.network.Interfaces}, in a transaction of its own.
 *
 * <p>Recorded and not carried: IPv6 beyond this host and at load balancers, endpoints (the region's services answer inside every network without one, and
 * nothing answers at an endpoint's interface), DHCP options but for the resolver's, reverse names of elastic IPs, the DNS options of peerings.
 *
 * <p>Missing, and refused by name: address pools and IPAM, prefixes on interfaces, secondary and regional NAT addresses,
 * route tables of gateways, routes more specific than the local one, IPv6-only subnets, transit and VPN gateways, Gateway
 * Load Balancer and resource endpoints, flow logs in Parquet or to Firehose.
 *
 * <p>Followed: the Amazon VPC user guide, the peering and PrivateLink guides, and the EC2 API reference.
 */
@NullMarked
package dev.haneul.services.ec2.network;

import org.jspecify.annotations.NullMarked;
