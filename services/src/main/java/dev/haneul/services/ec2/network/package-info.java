/** Virtual networks: their subnets, routes, gateways, interfaces, filters and addresses. */
@NullMarked
package dev.haneul.services.ec2.network;

import org.jspecify.annotations.NullMarked;
