package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.ec2.NetworkInterfaceIpv6Address;
import dev.haneul.api.ec2.NetworkInterfacePrivateIpAddress;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.runtime.Fault;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Cidrs;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The free addresses of a subnet, within one transaction. AWS keeps the first four of each block and the last. */
final class SubnetSpace {
    /** Addresses of a block that nobody gets. */
    static final int RESERVED = 5;

    private static final int FIRST = 4;

    private final String id;
    private final Cidr block;
    private final @Nullable Cidr six;
    private final Set<String> taken;
    /** What is given only to who asks for it by address. */
    private final List<Cidr> reserved;

    private SubnetSpace(String id, Cidr block, @Nullable Cidr six, Set<String> taken, List<Cidr> reserved) {
        this.id = id;
        this.block = block;
        this.six = six;
        this.taken = taken;
        this.reserved = reserved;
    }

    static SubnetSpace of(ReadTx tx, Scope scope, Subnet subnet) {
        String id = known(subnet.subnetId());
        Set<String> taken = new HashSet<>();
        for (InterfaceRow row : Nets.INTERFACES.find(tx, scope, Nets.SUBNET, id)) {
            taken.addAll(addresses(row.shape()));
            row.shape().ipv6Addresses().stream()
                    .map(NetworkInterfaceIpv6Address::ipv6Address)
                    .filter(Objects::nonNull)
                    .forEach(taken::add);
        }
        Cidr six = subnet.ipv6CidrBlockAssociationSet().stream()
                .map(each -> Cidr.parse(known(each.ipv6CidrBlock())))
                .findFirst()
                .orElse(null);
        List<Cidr> reserved = Nets.RESERVATIONS.find(tx, scope, Nets.SUBNET, id).stream()
                .map(each -> Cidr.parse(known(each.cidr())))
                .toList();
        return new SubnetSpace(id, Cidr.parse(known(subnet.cidrBlock())), six, taken, reserved);
    }

    /** The private addresses of an interface. */
    static List<String> addresses(NetworkInterface shape) {
        return shape.privateIpAddresses().stream()
                .map(NetworkInterfacePrivateIpAddress::privateIpAddress)
                .map(Nets::known)
                .toList();
    }

    /** How many are free, where so many of its addresses are taken. */
    static int free(Cidr block, int taken) {
        return (int) Math.max(0, block.size() - RESERVED - taken);
    }

    /**
     * Takes any free address.
     *
     * @throws Fault InsufficientFreeAddressesInSubnet
     */
    String take(RandomGenerator random) {
        long count = block.size() - RESERVED;
        long start = random.nextLong(count);
        for (long i = 0; i < count; i++) {
            String address = block.at(FIRST + (start + i) % count);
            if (reserved.stream().noneMatch(each -> each.contains(address)) && taken.add(address)) {
                return address;
            }
        }
        throw Ec2Faults.of(
                "InsufficientFreeAddressesInSubnet",
                "There are not enough free addresses in subnet '" + id
                        + "' to satisfy the requested number of instances.");
    }

    /**
     * Takes this address.
     *
     * @throws Fault where it is another subnet's, reserved or taken
     */
    String take(String address) {
        Cidr number = Cidrs.v4Address("privateIpAddress", address);
        if (!block.contains(number)) {
            throw Ec2Faults.invalid("Address " + address + " does not fall within the subnet's address range");
        }
        long place = number.low() - block.low();
        if (place < FIRST || place == block.size() - 1) {
            throw Ec2Faults.invalid("Address " + address + " is in subnet's reserved address range");
        }
        if (!taken.add(address)) {
            throw Ec2Faults.of("InvalidIPAddress.InUse", "Address " + address + " is in use.");
        }
        return address;
    }

    /** Takes any free IPv6 address. */
    String takeV6(RandomGenerator random) {
        Cidr range = requireV6();
        while (true) {
            String address = new Cidr(true, range.high(), random.nextLong(), 128).address();
            if (taken.add(address)) {
                return address;
            }
        }
    }

    /** Takes this IPv6 address. */
    String takeV6(String text) {
        Cidr number = Cidrs.v6Address("ipv6Addresses", text);
        if (!requireV6().contains(number)) {
            throw Ec2Faults.invalid("Address " + text + " does not fall within the subnet's address range");
        }
        String address = number.address();
        if (!taken.add(address)) {
            throw Ec2Faults.of("InvalidIPAddress.InUse", "Address " + address + " is in use.");
        }
        return address;
    }

    private Cidr requireV6() {
        if (six == null) {
            throw Ec2Faults.invalid("The subnet '" + id + "' does not have an IPv6 CIDR block");
        }
        return six;
    }
}
