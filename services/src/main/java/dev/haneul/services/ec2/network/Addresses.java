package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.Address;
import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.ec2.NetworkInterfaceAssociation;
import dev.haneul.api.ec2.NetworkInterfacePrivateIpAddress;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Elastic IPs on interfaces. */
final class Addresses {
    private Addresses() {}

    /** An address by its allocation or as such. */
    static Address require(ReadTx tx, Scope scope, @Nullable String allocation, @Nullable String publicIp) {
        if (allocation != null) {
            return Nets.ADDRESSES.require(tx, scope, allocation);
        }
        if (publicIp == null) {
            throw Ec2Faults.missing("allocationId");
        }
        return byAddress(tx, scope, publicIp)
                .orElseThrow(() -> Ec2Faults.of("InvalidAddress.NotFound", "Address '" + publicIp + "' not found."));
    }

    static Optional<Address> byAddress(ReadTx tx, Scope scope, String publicIp) {
        return Nets.ADDRESSES.find(tx, scope, Nets.ADDRESS, publicIp).stream().findFirst();
    }

    /**
     * Puts an elastic IP on a private address of an interface; what public address it had before goes.
     *
     * @param privateIp null for the primary one
     * @return the association's id
     */
    static String associate(
            Network network,
            WriteTx tx,
            Scope scope,
            Address address,
            InterfaceRow target,
            @Nullable String privateIp) {
        NetworkInterface shape = target.shape();
        String vpc = known(shape.vpcId());
        if (Nets.INTERNET_GATEWAYS.find(tx, scope, Nets.VPC, vpc).isEmpty()) {
            throw Ec2Faults.of("Gateway.NotAttached", "Network " + vpc + " is not attached to any internet gateway");
        }
        String at = privateIp == null ? known(shape.privateIpAddress()) : privateIp;
        NetworkInterfacePrivateIpAddress place = shape.privateIpAddresses().stream()
                .filter(each -> at.equals(each.privateIpAddress()))
                .findFirst()
                .orElseThrow(() -> Ec2Faults.invalid(
                        "privateIpAddress", at, "The interface " + target.id() + " does not have this address."));
        NetworkInterfaceAssociation before = place.association();
        if (before != null && before.allocationId() != null) {
            Nets.ADDRESSES
                    .find(tx, scope, before.allocationId())
                    .ifPresent(each -> Nets.ADDRESSES.put(tx, scope, free(each)));
        }
        InterfaceRow row =
                at.equals(shape.privateIpAddress()) ? network.interfaces().withoutAutomatic(tx, scope, target) : target;
        String association = network.id("eipassoc");
        boolean names = Network.vpc(tx, scope, vpc).dnsHostnames();
        network.interfaces()
                .write(
                        tx,
                        scope,
                        Interfaces.associated(
                                row,
                                at,
                                new NetworkInterfaceAssociation()
                                        .allocationId(address.allocationId())
                                        .associationId(association)
                                        .ipOwnerId(scope.account())
                                        .publicIp(address.publicIp())
                                        .publicDnsName(
                                                names ? Network.publicDns(scope, known(address.publicIp())) : "")));
        Nets.ADDRESSES.put(
                tx,
                scope,
                address.associationId(association)
                        .networkInterfaceId(target.id())
                        .networkInterfaceOwnerId(scope.account())
                        .privateIpAddress(at)
                        .instanceId(target.instance()));
        return association;
    }

    /** Takes an elastic IP off its interface. */
    static void disassociate(Network network, WriteTx tx, Scope scope, Address address) {
        String id = address.networkInterfaceId();
        String at = address.privateIpAddress();
        Nets.ADDRESSES.put(tx, scope, free(address));
        if (id == null || at == null) {
            return;
        }
        Nets.INTERFACES.find(tx, scope, id).ifPresent(row -> {
            InterfaceRow bare = network.interfaces().write(tx, scope, Interfaces.associated(row, at, null));
            network.interfaces().disassociated(tx, scope, bare);
        });
    }

    /** An interface is gone: its elastic IPs are free again. */
    static void release(WriteTx tx, Scope scope, String networkInterface) {
        List<Address> all = Nets.ADDRESSES.find(tx, scope, Nets.INTERFACE, networkInterface);
        all.forEach(each -> Nets.ADDRESSES.put(tx, scope, free(each)));
    }

    private static Address free(Address address) {
        return address.associationId(null)
                .networkInterfaceId(null)
                .networkInterfaceOwnerId(null)
                .privateIpAddress(null)
                .instanceId(null);
    }

    /** The address with the instance it is at now: its interface may have moved. */
    static Address told(ReadTx tx, Scope scope, Address address) {
        String id = address.networkInterfaceId();
        return id == null
                ? address
                : address.instanceId(Nets.INTERFACES
                        .find(tx, scope, id)
                        .map(InterfaceRow::instance)
                        .orElse(null));
    }

    /** The reverse name of an elastic IP; null for none. */
    static @Nullable String name(ReadTx tx, Scope scope, String allocation) {
        return tx.get(Nets.REVERSE, scope.key(allocation))
                .map(row -> row.value().name())
                .orElse(null);
    }

    /** Gives an elastic IP a reverse name, or, null, takes it away. */
    static void name(WriteTx tx, Scope scope, String allocation, @Nullable String name) {
        if (name == null) {
            tx.delete(Nets.REVERSE, scope.key(allocation));
        } else {
            tx.put(Nets.REVERSE, scope.key(allocation), new Nets.ReverseName(name));
        }
    }
}
