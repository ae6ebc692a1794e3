package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.GroupIdentifier;
import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.ec2.NetworkInterfaceAssociation;
import dev.haneul.api.ec2.NetworkInterfaceAttachment;
import dev.haneul.api.ec2.NetworkInterfaceIpv6Address;
import dev.haneul.api.ec2.NetworkInterfacePrivateIpAddress;
import dev.haneul.api.ec2.SecurityGroup;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.runtime.Fault;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Network interfaces: made, attached, addressed. Whoever puts something on a network (instances, NAT gateways, load
 * balancers) does it through these, in a transaction of its own.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html">Elastic network interfaces</a>
 */
public final class Interfaces {
    /** What has interfaces that send in others' names. */
    private static final Set<String> FORWARDING = Set.of("nat_gateway", "network_load_balancer");

    private static final String IN_USE = "in-use";
    private static final String AVAILABLE = "available";

    private final Network network;
    private final SecureRandom random = new SecureRandom();

    Interfaces(Network network) {
        this.network = network;
    }

    /**
     * An interface to be made.
     *
     * @param description null for none
     * @param groups security groups; empty for the network's default one
     * @param address its private address, null for any free one
     * @param secondary further private addresses
     * @param secondaryCount how many more of those, of any free ones
     * @param ipv6 its IPv6 addresses
     * @param ipv6Count how many more of those
     * @param type e.g. {@code interface}, {@code nat_gateway}
     * @param requester the service that makes it for itself, null for the account
     * @param autoPublic whether it gets a public address whenever its instance starts
     */
    public record Spec(
            String subnet,
            @Nullable String description,
            List<String> groups,
            @Nullable String address,
            List<String> secondary,
            int secondaryCount,
            List<String> ipv6,
            int ipv6Count,
            String type,
            @Nullable String requester,
            boolean autoPublic) {
        /** An ordinary one with one address, in these groups. */
        public static Spec of(String subnet, List<String> groups) {
            return new Spec(subnet, null, groups, null, List.of(), 0, List.of(), 0, "interface", null, false);
        }

        /** The same for a service's own purposes. */
        Spec managed(String text, String by, String as, @Nullable String at) {
            return new Spec(subnet, text, groups, at, secondary, secondaryCount, ipv6, ipv6Count, as, by, false);
        }
    }

    /**
     * Makes an interface.
     *
     * @throws Fault in AWS's words, for unknown subnets and groups, and addresses that are taken, reserved or elsewhere
     */
    public InterfaceRow create(WriteTx tx, Scope scope, Spec spec) {
        Subnet subnet = Nets.SUBNETS.require(tx, scope, spec.subnet());
        VpcRow vpc = Network.vpc(tx, scope, known(subnet.vpcId()));
        // A Network Load Balancer may have no groups at all; then nothing is filtered.
        boolean open =
                spec.type().equals("network_load_balancer") && spec.groups().isEmpty();
        List<GroupIdentifier> groups = open ? List.of() : groups(tx, scope, vpc, spec.groups());
        SubnetSpace space = SubnetSpace.of(tx, scope, subnet);
        List<String> addresses = new ArrayList<>();
        addresses.add(spec.address() == null ? space.take(random) : space.take(spec.address()));
        spec.secondary().forEach(each -> addresses.add(space.take(each)));
        for (int i = 0; i < spec.secondaryCount(); i++) {
            addresses.add(space.take(random));
        }
        List<NetworkInterfaceIpv6Address> six = new ArrayList<>();
        spec.ipv6().forEach(each -> six.add(new NetworkInterfaceIpv6Address().ipv6Address(space.takeV6(each))));
        for (int i = 0; i < spec.ipv6Count(); i++) {
            six.add(new NetworkInterfaceIpv6Address().ipv6Address(space.takeV6(random)));
        }
        NetworkInterface made = new NetworkInterface()
                .networkInterfaceId(network.id("eni"))
                .subnetId(spec.subnet())
                .vpcId(vpc.id())
                .availabilityZone(subnet.availabilityZone())
                .availabilityZoneId(subnet.availabilityZoneId())
                .description(spec.description() == null ? "" : spec.description())
                .ownerId(scope.account())
                .interfaceType(spec.type())
                .requesterManaged(spec.requester() != null)
                .requesterId(spec.requester())
                .status(AVAILABLE)
                .macAddress(mac())
                .sourceDestCheck(!FORWARDING.contains(spec.type()))
                .groups(groups)
                .ipv6Addresses(six)
                .ipv6Address(six.isEmpty() ? null : six.getFirst().ipv6Address());
        return write(tx, scope, new InterfaceRow(addressed(vpc, scope, made, addresses), spec.autoPublic()));
    }

    /** Names an interface's private addresses; the first is the primary one. */
    static NetworkInterface addressed(VpcRow vpc, Scope scope, NetworkInterface made, List<String> addresses) {
        List<NetworkInterfacePrivateIpAddress> all = new ArrayList<>();
        for (String address : addresses) {
            NetworkInterfacePrivateIpAddress known = made.privateIpAddresses().stream()
                    .filter(each -> address.equals(each.privateIpAddress()))
                    .findFirst()
                    .orElseGet(() -> new NetworkInterfacePrivateIpAddress()
                            .privateIpAddress(address)
                            .primary(address.equals(addresses.getFirst()))
                            .privateDnsName(vpc.dnsSupport() ? Network.privateDns(scope, address) : null));
            all.add(known);
        }
        return made.privateIpAddress(addresses.getFirst())
                .privateDnsName(vpc.dnsSupport() ? Network.privateDns(scope, addresses.getFirst()) : null)
                .privateIpAddresses(all);
    }

    private String mac() {
        byte[] bytes = new byte[5];
        random.nextBytes(bytes);
        StringBuilder out = new StringBuilder("0e");
        for (byte each : bytes) {
            out.append(String.format(":%02x", each));
        }
        return out.toString();
    }

    /**
     * The groups of an interface: those named, or the network's default one.
     *
     * @throws Fault where one is not there or in another network, or there are too many
     */
    static List<GroupIdentifier> groups(ReadTx tx, Scope scope, VpcRow vpc, List<String> ids) {
        if (ids.size() > Quotas.GROUPS_PER_INTERFACE) {
            throw Ec2Faults.of(
                    "SecurityGroupsPerInterfaceLimitExceeded",
                    "The maximum number of security groups per interface has been reached.");
        }
        if (ids.isEmpty()) {
            return List.of(named(Groups.defaultOf(tx, scope, vpc.id())));
        }
        return ids.stream()
                .distinct()
                .map(id -> Nets.GROUPS
                        .find(tx, scope, id)
                        .filter(group -> vpc.id().equals(group.vpcId()))
                        .orElseThrow(() -> Ec2Faults.of(
                                "InvalidGroup.NotFound",
                                "The security group '" + id + "' does not exist in VPC '" + vpc.id() + "'")))
                .map(Interfaces::named)
                .toList();
    }

    private static GroupIdentifier named(SecurityGroup group) {
        return new GroupIdentifier().groupId(group.groupId()).groupName(group.groupName());
    }

    /**
     * Attaches an interface to an instance.
     *
     * @return the attachment's id
     * @throws Fault where it is attached already, or the device is taken
     */
    public String attach(WriteTx tx, Scope scope, String id, String instance, int device, boolean deleteOnTermination) {
        InterfaceRow row = Nets.INTERFACES.require(tx, scope, id);
        if (row.shape().attachment() != null) {
            throw Ec2Faults.of("InvalidNetworkInterface.InUse", "Interface: [" + id + "] in use.");
        }
        for (InterfaceRow other : ofInstance(tx, scope, instance)) {
            if (Integer.valueOf(device).equals(known(other.shape().attachment()).deviceIndex())) {
                throw Ec2Faults.invalid("Instance '" + instance
                        + "' already has an interface attached at device index '" + device + "'.");
            }
        }
        String attachment = network.id("eni-attach");
        NetworkInterface shape = row.shape()
                .status(IN_USE)
                .attachment(new NetworkInterfaceAttachment()
                        .attachmentId(attachment)
                        .attachTime(network.room().now())
                        .deleteOnTermination(deleteOnTermination)
                        .deviceIndex(device)
                        .networkCardIndex(0)
                        .instanceId(instance)
                        .instanceOwnerId(scope.account())
                        .status("attached"));
        write(tx, scope, new InterfaceRow(shape, row.autoPublic()));
        return attachment;
    }

    /** Attaches an interface to something of a service's own, e.g. a NAT gateway. */
    void attachTo(WriteTx tx, Scope scope, InterfaceRow row, String owner) {
        NetworkInterface shape = row.shape()
                .status(IN_USE)
                .attachment(new NetworkInterfaceAttachment()
                        .attachmentId("ela-attach-" + network.room().ids().hex(17))
                        .deleteOnTermination(false)
                        .deviceIndex(1)
                        .networkCardIndex(0)
                        .instanceOwnerId(owner)
                        .status("attached"));
        write(tx, scope, new InterfaceRow(shape, row.autoPublic()));
    }

    /** Detaches an interface; its automatic public address goes back. */
    public void detach(WriteTx tx, Scope scope, String id) {
        InterfaceRow row = Nets.INTERFACES.require(tx, scope, id);
        row = withoutAutomatic(tx, scope, row);
        write(tx, scope, new InterfaceRow(row.shape().status(AVAILABLE).attachment(null), row.autoPublic()));
    }

    /** Removes an interface that is in use no more: elastic IPs stay with the account, groups and tags go. */
    public void delete(WriteTx tx, Scope scope, String id) {
        InterfaceRow row = Nets.INTERFACES.require(tx, scope, id);
        withoutAutomatic(tx, scope, row);
        Addresses.release(tx, scope, id);
        Nets.INTERFACES.delete(tx, scope, id);
    }

    /** The interfaces of an instance, in order of device. */
    public List<InterfaceRow> ofInstance(ReadTx tx, Scope scope, String instance) {
        return Nets.INTERFACES.find(tx, scope, Nets.INSTANCE, instance).stream()
                .sorted(Comparator.comparing(row -> Optional.ofNullable(
                                known(row.shape().attachment()).deviceIndex())
                        .orElse(0)))
                .toList();
    }

    /**
     * An instance starts: its first interface gets a public address where it shall have one and has none, unless more
     * interfaces are attached.
     */
    public void started(WriteTx tx, Scope scope, String instance) {
        List<InterfaceRow> all = ofInstance(tx, scope, instance);
        if (all.size() == 1 && all.getFirst().autoPublic()) {
            givePublic(tx, scope, all.getFirst());
        }
    }

    /** An instance stopped: automatic public addresses go back, elastic IPs stay. */
    public void stopped(WriteTx tx, Scope scope, String instance) {
        ofInstance(tx, scope, instance).forEach(row -> write(tx, scope, withoutAutomatic(tx, scope, row)));
    }

    /** Gives an interface's primary address a public one, where it has none. */
    InterfaceRow givePublic(WriteTx tx, Scope scope, InterfaceRow row) {
        NetworkInterface shape = row.shape();
        if (shape.association() != null) {
            return row;
        }
        VpcRow vpc = Network.vpc(tx, scope, known(shape.vpcId()));
        String address = network.publicAddresses().take(tx, scope, row.id(), random);
        NetworkInterfaceAssociation association = new NetworkInterfaceAssociation()
                .ipOwnerId("amazon")
                .publicIp(address)
                .publicDnsName(vpc.dnsHostnames() ? Network.publicDns(scope, address) : "");
        return write(tx, scope, associated(row, known(shape.privateIpAddress()), association));
    }

    /** The interface without its automatic public address, which goes back. Not written yet. */
    InterfaceRow withoutAutomatic(WriteTx tx, Scope scope, InterfaceRow row) {
        NetworkInterfaceAssociation association = row.shape().association();
        if (association == null || association.allocationId() != null) {
            return row;
        }
        PublicAddresses.give(tx, scope, known(association.publicIp()));
        return associated(row, known(row.shape().privateIpAddress()), null);
    }

    /** The interface with a public address (or, null, none) on one of its private ones. Not written yet. */
    static InterfaceRow associated(
            InterfaceRow row, String privateAddress, @Nullable NetworkInterfaceAssociation association) {
        NetworkInterface shape = row.shape();
        shape.privateIpAddresses().stream()
                .filter(each -> privateAddress.equals(each.privateIpAddress()))
                .forEach(each -> each.association(association));
        if (privateAddress.equals(shape.privateIpAddress())) {
            shape.association(association).publicDnsName(association == null ? null : association.publicDnsName());
        }
        return row;
    }

    /** An interface's elastic IP is gone: a started instance's only interface gets an automatic address again. */
    void disassociated(WriteTx tx, Scope scope, InterfaceRow row) {
        String instance = row.instance();
        if (instance != null
                && row.autoPublic()
                && ofInstance(tx, scope, instance).size() == 1) {
            givePublic(tx, scope, row);
        }
    }

    InterfaceRow write(WriteTx tx, Scope scope, InterfaceRow row) {
        return Nets.INTERFACES.put(tx, scope, row);
    }

    /** Whether an address lies in a subnet's block. */
    static boolean inside(Subnet subnet, String address) {
        return Cidr.parse(known(subnet.cidrBlock())).contains(address);
    }

    SecureRandom random() {
        return random;
    }
}
