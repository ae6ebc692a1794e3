package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Peerings between networks, of one account or two.
 *
 * @see <a href="https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html">How VPC peering works</a>
 */
interface PeeringOperations extends NetworkStory {
    Duration ACCEPTANCE = Duration.ofDays(7);

    Listing<VpcPeeringConnection> PEERINGS = Listing.of(
            "DescribeVpcPeeringConnections",
            Filters.<VpcPeeringConnection>tagged()
                    .one(
                            "accepter-vpc-info.cidr-block",
                            each -> known(each.accepterVpcInfo()).cidrBlock())
                    .one(
                            "accepter-vpc-info.owner-id",
                            each -> known(each.accepterVpcInfo()).ownerId())
                    .one(
                            "accepter-vpc-info.vpc-id",
                            each -> known(each.accepterVpcInfo()).vpcId())
                    .one("expiration-time", VpcPeeringConnection::expirationTime)
                    .one(
                            "requester-vpc-info.cidr-block",
                            each -> known(each.requesterVpcInfo()).cidrBlock())
                    .one(
                            "requester-vpc-info.owner-id",
                            each -> known(each.requesterVpcInfo()).ownerId())
                    .one(
                            "requester-vpc-info.vpc-id",
                            each -> known(each.requesterVpcInfo()).vpcId())
                    .one("status-code", Peerings::state)
                    .one("status-message", each -> known(each.status()).message())
                    .one("vpc-peering-connection-id", VpcPeeringConnection::vpcPeeringConnectionId));

    @Override
    default CreateVpcPeeringConnectionResult createVpcPeeringConnection(
            CreateVpcPeeringConnectionRequest in, Call call) {
        String peer = in.peerVpcId();
        if (peer == null) {
            throw Ec2Faults.missing("peerVpcId");
        }
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "vpc-peering-connection");
        Scope scope = network().scope(call);
        Scope there = new Scope(
                in.peerOwnerId() == null ? scope.account() : in.peerOwnerId(),
                in.peerRegion() == null ? scope.region() : in.peerRegion());
        return network().room().change(in, tx -> {
            VpcRow own = Network.vpc(tx, scope, in.vpcId());
            Optional<VpcRow> other = Nets.VPCS.find(tx, there, peer);
            List<VpcPeeringConnection> all = Nets.PEERINGS.all(tx, scope);
            refuse(all, own.id(), peer);
            boolean fails =
                    other.isEmpty() || overlap(own, other.get()) || own.id().equals(peer);
            String id = network().id("pcx");
            VpcPeeringConnection made = new VpcPeeringConnection()
                    .vpcPeeringConnectionId(id)
                    .requesterVpcInfo(info(scope, own.id(), own))
                    .accepterVpcInfo(info(there, peer, other.orElse(null)))
                    .status(
                            fails
                                    ? status(
                                            "failed",
                                            "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR"
                                                    + " range")
                                    : status(Peerings.PENDING, "Pending Acceptance by " + there.account()))
                    .expirationTime(network().room().now().plus(ACCEPTANCE));
            if (fails) {
                Nets.PEERINGS.put(tx, scope, made);
            } else {
                Peerings.put(tx, made);
            }
            Tags.put(tx, scope, Nets.PEERINGS, id, tags);
            return new CreateVpcPeeringConnectionResult()
                    .vpcPeeringConnection(made.tags(Tags.told(tx, scope, id))
                            .status(
                                    fails
                                            ? made.status()
                                            : status(
                                                    "initiating-request", "Initiating Request to " + there.account())));
        });
    }

    private void refuse(List<VpcPeeringConnection> all, String own, String peer) {
        List<VpcPeeringConnection> live = all.stream()
                .map(each -> Peerings.told(each, network().room().now()))
                .filter(each -> !Peerings.OVER.contains(Peerings.state(each)))
                .filter(each -> Peerings.has(each, own))
                .toList();
        long waiting = live.stream().filter(each -> !Peerings.isActive(each)).count();
        if (waiting >= Quotas.PENDING_PEERINGS || live.size() >= Quotas.PEERINGS_PER_VPC) {
            throw Ec2Faults.of(
                    waiting >= Quotas.PENDING_PEERINGS
                            ? "OutstandingVpcPeeringConnectionLimitExceeded"
                            : "VpcPeeringConnectionsPerVpcLimitExceeded",
                    "The maximum number of VPC peering connections has been reached.");
        }
        if (live.stream().anyMatch(each -> Peerings.has(each, peer) && !own.equals(peer))) {
            throw Ec2Faults.of(
                    "VpcPeeringConnectionAlreadyExists",
                    "A VPC peering connection between " + own + " and " + peer + " already exists.");
        }
    }

    private static boolean overlap(VpcRow one, VpcRow other) {
        List<Cidr> theirs = Vpcs.blocks(other);
        return Vpcs.blocks(one).stream().anyMatch(own -> theirs.stream().anyMatch(own::overlaps));
    }

    private static VpcPeeringConnectionStateReason status(String code, String message) {
        return new VpcPeeringConnectionStateReason().code(code).message(message);
    }

    private static VpcPeeringConnectionVpcInfo info(Scope scope, String id, @Nullable VpcRow row) {
        VpcPeeringConnectionVpcInfo info = new VpcPeeringConnectionVpcInfo()
                .vpcId(id)
                .ownerId(scope.account())
                .region(scope.region())
                .peeringOptions(new VpcPeeringConnectionOptionsDescription()
                        .allowDnsResolutionFromRemoteVpc(false)
                        .allowEgressFromLocalClassicLinkToRemoteVpc(false)
                        .allowEgressFromLocalVpcToRemoteClassicLink(false));
        return row == null
                ? info
                : info.cidrBlock(row.vpc().cidrBlock())
                        .cidrBlockSet(Vpcs.blocks(row).stream()
                                .map(each -> new CidrBlock().cidrBlock(each.toString()))
                                .toList())
                        .ipv6CidrBlockSet(Vpcs.sixBlocks(row).stream()
                                .map(each -> new Ipv6CidrBlock().ipv6CidrBlock(each.toString()))
                                .toList());
    }

    private VpcPeeringConnection current(ReadTx tx, Scope scope, String id) {
        return Peerings.told(
                Nets.PEERINGS.require(tx, scope, id), network().room().now());
    }

    private static Fault wrongState(VpcPeeringConnection peering, String wanted) {
        return Ec2Faults.of(
                "InvalidStateTransition",
                "Invalid state transition for " + peering.vpcPeeringConnectionId() + ", attempted to transition from "
                        + Peerings.state(peering) + " to " + wanted);
    }

    /** Refuses to all but the side whose turn it is. */
    private static void requireAccepter(VpcPeeringConnection peering, Scope scope) {
        VpcPeeringConnectionVpcInfo info = known(peering.accepterVpcInfo());
        if (!scope.account().equals(info.ownerId()) || !scope.region().equals(info.region())) {
            throw Ec2Faults.of(
                    "OperationNotPermitted",
                    "User " + scope.account() + " cannot accept or reject peering " + peering.vpcPeeringConnectionId()
                            + " in " + scope.region());
        }
    }

    @Override
    default AcceptVpcPeeringConnectionResult acceptVpcPeeringConnection(
            AcceptVpcPeeringConnectionRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            VpcPeeringConnection peering = current(tx, scope, in.vpcPeeringConnectionId());
            requireAccepter(peering, scope);
            if (Peerings.isActive(peering)) {
                return new AcceptVpcPeeringConnectionResult().vpcPeeringConnection(peering);
            }
            if (!Peerings.state(peering).equals(Peerings.PENDING)) {
                throw wrongState(peering, "active");
            }
            VpcPeeringConnectionVpcInfo from = known(peering.requesterVpcInfo());
            Scope there = new Scope(known(from.ownerId()), known(from.region()));
            VpcRow own = Network.vpc(
                    tx, scope, known(known(peering.accepterVpcInfo()).vpcId()));
            VpcRow other = Network.vpc(tx, there, known(from.vpcId()));
            peering.accepterVpcInfo(info(scope, own.id(), own))
                    .requesterVpcInfo(info(there, other.id(), other))
                    .expirationTime(null)
                    .status(status(Peerings.ACTIVE, "Active"));
            Peerings.put(tx, peering);
            return new AcceptVpcPeeringConnectionResult()
                    .vpcPeeringConnection(peering.tags(Tags.told(tx, scope, in.vpcPeeringConnectionId())));
        });
    }

    @Override
    default RejectVpcPeeringConnectionResult rejectVpcPeeringConnection(
            RejectVpcPeeringConnectionRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            VpcPeeringConnection peering = current(tx, scope, in.vpcPeeringConnectionId());
            requireAccepter(peering, scope);
            if (!Peerings.state(peering).equals(Peerings.PENDING)) {
                throw wrongState(peering, "rejected");
            }
            Peerings.put(
                    tx,
                    peering.status(status("rejected", "Rejected by " + scope.account()))
                            .expirationTime(network().room().now()));
            return new RejectVpcPeeringConnectionResult().return_(true);
        });
    }

    @Override
    default DeleteVpcPeeringConnectionResult deleteVpcPeeringConnection(
            DeleteVpcPeeringConnectionRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            VpcPeeringConnection peering = current(tx, scope, in.vpcPeeringConnectionId());
            if (Peerings.OVER.contains(Peerings.state(peering))) {
                throw wrongState(peering, "deleted");
            }
            Peerings.put(
                    tx,
                    peering.status(status("deleted", "Deleted by " + scope.account()))
                            .expirationTime(network().room().now()));
            return new DeleteVpcPeeringConnectionResult().return_(true);
        });
    }

    @Override
    default DescribeVpcPeeringConnectionsResult describeVpcPeeringConnections(
            DescribeVpcPeeringConnectionsRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().read(tx -> {
            boolean named = !in.vpcPeeringConnectionIds().isEmpty();
            List<VpcPeeringConnection> found = new ArrayList<>();
            in.vpcPeeringConnectionIds().forEach(id -> found.add(Nets.PEERINGS.require(tx, scope, id)));
            if (!named) {
                found.addAll(Nets.PEERINGS.all(tx, scope));
            }
            found.forEach(each -> Peerings.told(each, network().room().now()));
            Page<Tagged<VpcPeeringConnection>> page =
                    PEERINGS.page(network().room(), tx, found, Nets.PEERINGS.id(), in, named, call);
            return new DescribeVpcPeeringConnectionsResult()
                    .vpcPeeringConnections(page.items().stream()
                            .map(each -> each.record().tags(Tags.told(each.tags())))
                            .toList())
                    .nextToken(page.next());
        });
    }

    @Override
    default ModifyVpcPeeringConnectionOptionsResult modifyVpcPeeringConnectionOptions(
            ModifyVpcPeeringConnectionOptionsRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            VpcPeeringConnection peering = current(tx, scope, in.vpcPeeringConnectionId());
            if (!Peerings.isActive(peering)) {
                throw Ec2Faults.of(
                        "OperationNotPermitted",
                        "Peering " + in.vpcPeeringConnectionId()
                                + " is not active. Peering options can be added only to active peerings.");
            }
            PeeringConnectionOptions requester =
                    changed(in.requesterPeeringConnectionOptions(), known(peering.requesterVpcInfo()), scope);
            PeeringConnectionOptions accepter =
                    changed(in.accepterPeeringConnectionOptions(), known(peering.accepterVpcInfo()), scope);
            Peerings.put(tx, peering);
            return new ModifyVpcPeeringConnectionOptionsResult()
                    .requesterPeeringConnectionOptions(requester)
                    .accepterPeeringConnectionOptions(accepter);
        });
    }

    private static @Nullable PeeringConnectionOptions changed(
            @Nullable PeeringConnectionOptionsRequest wanted, VpcPeeringConnectionVpcInfo side, Scope scope) {
        if (wanted == null) {
            return null;
        }
        if (!scope.account().equals(side.ownerId()) || !scope.region().equals(side.region())) {
            throw Ec2Faults.of("OperationNotPermitted", "You may only modify the options of your own VPC.");
        }
        VpcPeeringConnectionOptionsDescription options = known(side.peeringOptions());
        if (wanted.allowDnsResolutionFromRemoteVpc() != null) {
            options.allowDnsResolutionFromRemoteVpc(wanted.allowDnsResolutionFromRemoteVpc());
        }
        return new PeeringConnectionOptions()
                .allowDnsResolutionFromRemoteVpc(options.allowDnsResolutionFromRemoteVpc());
    }
}
