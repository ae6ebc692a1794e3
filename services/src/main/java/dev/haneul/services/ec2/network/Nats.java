package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.Address;
import dev.haneul.api.ec2.NatGateway;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import java.util.List;

/** NAT gateways as records. */
final class Nats {
    static final String PENDING = "pending";
    static final String AVAILABLE = "available";
    static final String FAILED = "failed";
    static final String DELETING = "deleting";
    static final String DELETED = "deleted";

    private Nats() {}

    static NatGateway require(ReadTx tx, Scope scope, String id) {
        return Nets.NAT_GATEWAYS
                .find(tx, scope, id)
                .orElseThrow(() -> Ec2Faults.of("NatGatewayNotFound", "NAT gateway " + id + " was not found"));
    }

    /** Whether it is there or about to be. */
    static boolean alive(NatGateway gateway) {
        return List.of(PENDING, AVAILABLE).contains(known(gateway.state()));
    }

    /** Whether an elastic IP is a NAT gateway's, which alone gives it up. */
    static boolean owns(ReadTx tx, Scope scope, Address address) {
        String at = address.networkInterfaceId();
        return at != null
                && Nets.INTERFACES
                        .find(tx, scope, at)
                        .filter(row -> "nat_gateway".equals(row.shape().interfaceType()))
                        .isPresent();
    }
}
