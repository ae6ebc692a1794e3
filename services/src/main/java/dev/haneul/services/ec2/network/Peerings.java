package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.ReferencedSecurityGroup;
import dev.haneul.api.ec2.SecurityGroup;
import dev.haneul.api.ec2.VpcPeeringConnection;
import dev.haneul.api.ec2.VpcPeeringConnectionVpcInfo;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Peerings as records: one beside the networks of each side, always the same. */
final class Peerings {
    static final String PENDING = "pending-acceptance";
    static final String ACTIVE = "active";

    /** What is over and only remembered for a while. */
    static final Set<String> OVER = Set.of("deleted", "rejected", "failed", "expired");

    private Peerings() {}

    static String state(VpcPeeringConnection peering) {
        return known(known(peering.status()).code());
    }

    static boolean isActive(VpcPeeringConnection peering) {
        return ACTIVE.equals(state(peering));
    }

    /** Both sides, or the one there is where both are in the same account and region. */
    static List<Scope> sides(VpcPeeringConnection peering) {
        return Stream.of(known(peering.requesterVpcInfo()), known(peering.accepterVpcInfo()))
                .map(each -> new Scope(known(each.ownerId()), known(each.region())))
                .distinct()
                .toList();
    }

    /** Writes a peering beside both its networks. */
    static void put(WriteTx tx, VpcPeeringConnection peering) {
        sides(peering).forEach(side -> Nets.PEERINGS.put(tx, side, peering));
    }

    /** Whether a network has a peering that packets pass. */
    static boolean active(ReadTx tx, Scope scope, String vpc) {
        return Nets.PEERINGS.all(tx, scope).stream().filter(Peerings::isActive).anyMatch(each -> has(each, vpc));
    }

    static boolean has(VpcPeeringConnection peering, String vpc) {
        return vpc.equals(known(peering.requesterVpcInfo()).vpcId())
                || vpc.equals(known(peering.accepterVpcInfo()).vpcId());
    }

    /** A group of a network that is peered with this one, as a rule names it. */
    static Optional<ReferencedSecurityGroup> groups(ReadTx tx, Scope scope, String vpc, String group) {
        for (VpcPeeringConnection peering : Nets.PEERINGS.all(tx, scope)) {
            if (!isActive(peering) || !has(peering, vpc)) {
                continue;
            }
            VpcPeeringConnectionVpcInfo requester = known(peering.requesterVpcInfo());
            VpcPeeringConnectionVpcInfo other =
                    vpc.equals(requester.vpcId()) ? known(peering.accepterVpcInfo()) : requester;
            Scope there = new Scope(known(other.ownerId()), known(other.region()));
            Optional<SecurityGroup> found = Nets.GROUPS
                    .find(tx, there, group)
                    .filter(each -> known(other.vpcId()).equals(each.vpcId()));
            if (found.isPresent() && there.region().equals(scope.region())) {
                return Optional.of(new ReferencedSecurityGroup()
                        .groupId(group)
                        .userId(other.ownerId())
                        .vpcId(other.vpcId())
                        .vpcPeeringConnectionId(peering.vpcPeeringConnectionId())
                        .peeringStatus(ACTIVE));
            }
        }
        return Optional.empty();
    }

    /** As it stands now: one that nobody accepted in time has expired; when it will is told of waiting ones only. */
    static VpcPeeringConnection told(VpcPeeringConnection peering, Instant now) {
        Instant until = peering.expirationTime();
        if (PENDING.equals(state(peering)) && until != null && !now.isBefore(until)) {
            known(peering.status()).code("expired").message("Expired");
        }
        return PENDING.equals(state(peering)) ? peering : peering.expirationTime(null);
    }
}
