package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Cidrs;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import java.util.ArrayList;
import java.util.List;

/** Further addresses of network interfaces. */
interface InterfaceAddressOperations extends NetworkStory {
    int MOST_ADDRESSES = 50;

    private static SubnetSpace space(ReadTx tx, Scope scope, InterfaceRow row) {
        return SubnetSpace.of(
                tx, scope, Nets.SUBNETS.require(tx, scope, known(row.shape().subnetId())));
    }

    @Override
    default AssignPrivateIpAddressesResult assignPrivateIpAddresses(AssignPrivateIpAddressesRequest in, Call call) {
        if (!in.ipv4Prefixes().isEmpty() || in.ipv4PrefixCount() != null) {
            throw Ec2Faults.unbuilt("A prefix of a network interface");
        }
        int count = in.secondaryPrivateIpAddressCount() == null ? 0 : in.secondaryPrivateIpAddressCount();
        if (in.privateIpAddresses().isEmpty() == (count == 0)) {
            throw count == 0
                    ? Ec2Faults.missing("privateIpAddress")
                    : Ec2Faults.combination("privateIpAddress", "secondaryPrivateIpAddressCount");
        }
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            InterfaceRow row = Nets.INTERFACES.require(tx, scope, in.networkInterfaceId());
            List<String> all = new ArrayList<>(SubnetSpace.addresses(row.shape()));
            if (count < 0 || all.size() + in.privateIpAddresses().size() + count > MOST_ADDRESSES) {
                throw Ec2Faults.of(
                        "PrivateIpAddressLimitExceeded",
                        "Number of private addresses will exceed limit for this interface.");
            }
            if (Boolean.TRUE.equals(in.allowReassignment())) {
                in.privateIpAddresses().forEach(address -> takeFromOther(tx, scope, row, address));
            }
            SubnetSpace space = space(tx, scope, row);
            List<String> made = new ArrayList<>();
            in.privateIpAddresses().stream()
                    .filter(address -> !all.contains(address))
                    .forEach(address -> made.add(space.take(address)));
            for (int i = 0; i < count; i++) {
                made.add(space.take(network().interfaces().random()));
            }
            all.addAll(made);
            write(tx, scope, row, all);
            return new AssignPrivateIpAddressesResult()
                    .networkInterfaceId(row.id())
                    .assignedPrivateIpAddresses(made.stream()
                            .map(each -> new AssignedPrivateIpAddress().privateIpAddress(each))
                            .toList());
        });
    }

    /** Takes a secondary address away from the interface that has it. */
    private void takeFromOther(WriteTx tx, Scope scope, InterfaceRow row, String address) {
        for (InterfaceRow other :
                Nets.INTERFACES.find(tx, scope, Nets.SUBNET, known(row.shape().subnetId()))) {
            List<String> theirs = new ArrayList<>(SubnetSpace.addresses(other.shape()));
            boolean primary = address.equals(other.shape().privateIpAddress());
            if (!other.id().equals(row.id()) && !primary && theirs.remove(address)) {
                freeElastic(tx, scope, other, address);
                write(tx, scope, other, theirs);
            }
        }
    }

    private void write(WriteTx tx, Scope scope, InterfaceRow row, List<String> addresses) {
        Interfaces.addressed(Network.vpc(tx, scope, known(row.shape().vpcId())), scope, row.shape(), addresses);
        network().interfaces().write(tx, scope, row);
    }

    /** An elastic IP does not outlive the private address it was on. */
    private void freeElastic(WriteTx tx, Scope scope, InterfaceRow row, String address) {
        Nets.ADDRESSES.find(tx, scope, Nets.INTERFACE, row.id()).stream()
                .filter(each -> address.equals(each.privateIpAddress()))
                .forEach(each -> Addresses.disassociate(network(), tx, scope, each));
    }

    @Override
    default UnassignPrivateIpAddressesResult unassignPrivateIpAddresses(
            UnassignPrivateIpAddressesRequest in, Call call) {
        if (in.privateIpAddresses().isEmpty()) {
            throw Ec2Faults.missing("privateIpAddress");
        }
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            InterfaceRow row = Nets.INTERFACES.require(tx, scope, in.networkInterfaceId());
            for (String address : in.privateIpAddresses()) {
                boolean secondary = SubnetSpace.addresses(row.shape()).contains(address)
                        && !address.equals(row.shape().privateIpAddress());
                if (!secondary) {
                    throw Ec2Faults.invalid("Some of the addresses could not be unassigned: " + address
                            + " is no secondary address of " + row.id());
                }
                freeElastic(tx, scope, row, address);
            }
            InterfaceRow fresh = Nets.INTERFACES.require(tx, scope, in.networkInterfaceId());
            List<String> left = new ArrayList<>(SubnetSpace.addresses(fresh.shape()));
            left.removeAll(in.privateIpAddresses());
            write(tx, scope, fresh, left);
            return new UnassignPrivateIpAddressesResult();
        });
    }

    @Override
    default AssignIpv6AddressesResult assignIpv6Addresses(AssignIpv6AddressesRequest in, Call call) {
        if (!in.ipv6Prefixes().isEmpty() || in.ipv6PrefixCount() != null) {
            throw Ec2Faults.unbuilt("A prefix of a network interface");
        }
        int count = in.ipv6AddressCount() == null ? 0 : in.ipv6AddressCount();
        if (in.ipv6Addresses().isEmpty() == (count == 0)) {
            throw count == 0
                    ? Ec2Faults.missing("ipv6Addresses")
                    : Ec2Faults.combination("ipv6Addresses", "ipv6AddressCount");
        }
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            InterfaceRow row = Nets.INTERFACES.require(tx, scope, in.networkInterfaceId());
            List<NetworkInterfaceIpv6Address> all = new ArrayList<>(row.shape().ipv6Addresses());
            if (count < 0 || all.size() + in.ipv6Addresses().size() + count > MOST_ADDRESSES) {
                throw Ec2Faults.of(
                        "Ipv6AddressLimitExceeded", "Number of IPv6 addresses will exceed limit for this interface.");
            }
            SubnetSpace space = space(tx, scope, row);
            List<String> made = new ArrayList<>();
            in.ipv6Addresses().forEach(each -> made.add(space.takeV6(each)));
            for (int i = 0; i < count; i++) {
                made.add(space.takeV6(network().interfaces().random()));
            }
            made.forEach(each -> all.add(new NetworkInterfaceIpv6Address().ipv6Address(each)));
            row.shape().ipv6Addresses(all).ipv6Address(all.getFirst().ipv6Address());
            network().interfaces().write(tx, scope, row);
            return new AssignIpv6AddressesResult().networkInterfaceId(row.id()).assignedIpv6Addresses(made);
        });
    }

    @Override
    default UnassignIpv6AddressesResult unassignIpv6Addresses(UnassignIpv6AddressesRequest in, Call call) {
        if (in.ipv6Addresses().isEmpty()) {
            throw Ec2Faults.missing("ipv6Addresses");
        }
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            InterfaceRow row = Nets.INTERFACES.require(tx, scope, in.networkInterfaceId());
            List<NetworkInterfaceIpv6Address> left = new ArrayList<>(row.shape().ipv6Addresses());
            for (String text : in.ipv6Addresses()) {
                String address = Cidrs.v6Address("ipv6Addresses", text).address();
                if (!left.removeIf(each -> address.equals(each.ipv6Address()))) {
                    throw Ec2Faults.invalid("Some of the IPv6 addresses are not assigned to interface " + row.id());
                }
            }
            row.shape()
                    .ipv6Addresses(left)
                    .ipv6Address(left.isEmpty() ? null : left.getFirst().ipv6Address());
            network().interfaces().write(tx, scope, row);
            return new UnassignIpv6AddressesResult()
                    .networkInterfaceId(row.id())
                    .unassignedIpv6Addresses(in.ipv6Addresses());
        });
    }
}
