package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Elastic IPs. */
interface AddressOperations extends NetworkStory {
    int MOST_NAME_CHARS = 255;

    Listing<Address> ADDRESSES = Listing.of(
            "DescribeAddresses",
            Filters.<Address>tagged()
                    .one("allocation-id", Address::allocationId)
                    .one("association-id", Address::associationId)
                    .one("domain", Address::domain)
                    .one("instance-id", Address::instanceId)
                    .one("network-border-group", Address::networkBorderGroup)
                    .one("network-interface-id", Address::networkInterfaceId)
                    .one("network-interface-owner-id", Address::networkInterfaceOwnerId)
                    .one("private-ip-address", Address::privateIpAddress)
                    .one("public-ip", Address::publicIp));

    Listing<AddressAttribute> ATTRIBUTES = Listing.of("DescribeAddressesAttribute", Filters.<AddressAttribute>plain());

    @Override
    default AllocateAddressResult allocateAddress(AllocateAddressRequest in, Call call) {
        if (in.domain() != null && !in.domain().isEmpty() && !in.domain().equals("vpc")) {
            throw Ec2Faults.invalid("domain", in.domain(), "The domain must be vpc.");
        }
        if (in.customerOwnedIpv4Pool() != null || in.ipamPoolId() != null) {
            throw Ec2Faults.unbuilt("An address from a pool of one's own");
        }
        if (in.publicIpv4Pool() != null && !in.publicIpv4Pool().equals("amazon")) {
            throw Ec2Faults.of(
                    "InvalidPublicIpv4PoolID.NotFound", "The pool ID '" + in.publicIpv4Pool() + "' does not exist");
        }
        String border = in.networkBorderGroup();
        if (border != null && !border.equals(call.region())) {
            throw Ec2Faults.invalid("networkBorderGroup", border, "The network border group is not of this region.");
        }
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "elastic-ip");
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            if (Nets.ADDRESSES.all(tx, scope).size() >= Quotas.ELASTIC_IPS) {
                throw Ec2Faults.of("AddressLimitExceeded", "The maximum number of addresses has been reached.");
            }
            String id = network().id("eipalloc");
            String wanted = in.address();
            String taken = wanted;
            if (wanted == null) {
                taken = network()
                        .publicAddresses()
                        .take(tx, scope, id, network().interfaces().random());
            } else if (!network().publicAddresses().take(tx, scope, id, wanted)) {
                throw Ec2Faults.of("InvalidAddress.NotFound", "Address '" + wanted + "' not found.");
            }
            Nets.ADDRESSES.put(
                    tx,
                    scope,
                    new Address()
                            .allocationId(id)
                            .publicIp(taken)
                            .domain("vpc")
                            .publicIpv4Pool("amazon")
                            .networkBorderGroup(call.region()));
            Tags.put(tx, scope, Nets.ADDRESSES, id, tags);
            return new AllocateAddressResult()
                    .allocationId(id)
                    .publicIp(taken)
                    .domain("vpc")
                    .publicIpv4Pool("amazon")
                    .networkBorderGroup(call.region());
        });
    }

    @Override
    default AssociateAddressResult associateAddress(AssociateAddressRequest in, Call call) {
        if (in.allocationId() != null && in.publicIp() != null) {
            throw Ec2Faults.combination("You may specify public IP or allocation id, but not both in the same call");
        }
        if (in.allocationId() == null && in.publicIp() == null) {
            throw Ec2Faults.missing("AllocationId");
        }
        if (in.instanceId() == null && in.networkInterfaceId() == null) {
            throw Ec2Faults.missing("InstanceId");
        }
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            Address address = Addresses.require(tx, scope, in.allocationId(), in.publicIp());
            InterfaceRow target = target(tx, scope, in, call);
            String own = in.privateIpAddress() == null ? target.shape().privateIpAddress() : in.privateIpAddress();
            if (address.associationId() != null) {
                boolean same = target.id().equals(address.networkInterfaceId())
                        && known(own).equals(address.privateIpAddress());
                if (same) {
                    return new AssociateAddressResult().associationId(address.associationId());
                }
                if (Boolean.FALSE.equals(in.allowReassociation()) || Nats.owns(tx, scope, address)) {
                    throw Ec2Faults.of(
                            "Resource.AlreadyAssociated",
                            "resource " + address.allocationId() + " is already associated with associate-id "
                                    + address.associationId());
                }
                Addresses.disassociate(network(), tx, scope, address);
            }
            InterfaceRow fresh = Nets.INTERFACES.require(tx, scope, target.id());
            return new AssociateAddressResult()
                    .associationId(Addresses.associate(network(), tx, scope, address, fresh, in.privateIpAddress()));
        });
    }

    private static InterfaceRow target(ReadTx tx, Scope scope, AssociateAddressRequest in, Call call) {
        if (in.networkInterfaceId() != null) {
            InterfaceRow row = Nets.INTERFACES.require(tx, scope, in.networkInterfaceId());
            if (in.instanceId() != null && !in.instanceId().equals(row.instance())) {
                throw Ec2Faults.combination("The interface " + row.id() + " is not attached to " + in.instanceId());
            }
            if (Boolean.TRUE.equals(row.shape().requesterManaged()) && !ServiceInterfaces.own(row, call)) {
                throw Ec2Faults.of("OperationNotPermitted", "You are not allowed to manage 'ela-attach' attachments.");
            }
            return row;
        }
        String instance = known(in.instanceId());
        List<InterfaceRow> all = Nets.INTERFACES.find(tx, scope, Nets.INSTANCE, instance);
        if (all.isEmpty()) {
            throw Ec2Faults.of("InvalidInstanceID.NotFound", "The instance ID '" + instance + "' does not exist");
        }
        if (all.size() > 1) {
            throw Ec2Faults.of(
                    "InvalidInstanceID",
                    "There are multiple interfaces attached to instance '" + instance
                            + "'. Please specify an interface ID for the operation instead.");
        }
        return all.getFirst();
    }

    @Override
    default DisassociateAddressResult disassociateAddress(DisassociateAddressRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            Address address;
            if (in.associationId() != null) {
                address = Nets.ADDRESSES.find(tx, scope, Nets.ASSOCIATION, in.associationId()).stream()
                        .findFirst()
                        .orElseThrow(() -> Ec2Faults.of(
                                "InvalidAssociationID.NotFound",
                                "The association ID '" + in.associationId() + "' does not exist"));
            } else {
                address = Addresses.require(tx, scope, null, in.publicIp());
                if (address.associationId() == null) {
                    throw Ec2Faults.of("InvalidAddress.NotFound", "Address '" + in.publicIp() + "' is not associated.");
                }
            }
            if (Nats.owns(tx, scope, address)) {
                throw dev.haneul.api.runtime.Fault.client(
                        "AuthFailure", 400, "You do not have permission to access the specified resource.");
            }
            Addresses.disassociate(network(), tx, scope, address);
            return new DisassociateAddressResult();
        });
    }

    @Override
    default ReleaseAddressResult releaseAddress(ReleaseAddressRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            Address address = Addresses.require(tx, scope, in.allocationId(), in.publicIp());
            if (address.associationId() != null) {
                throw Ec2Faults.of("InvalidIPAddress.InUse", "Address " + address.publicIp() + " is in use.");
            }
            PublicAddresses.give(tx, scope, known(address.publicIp()));
            Addresses.name(tx, scope, known(address.allocationId()), null);
            Nets.ADDRESSES.delete(tx, scope, known(address.allocationId()));
            return new ReleaseAddressResult();
        });
    }

    @Override
    default DescribeAddressesResult describeAddresses(DescribeAddressesRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().read(tx -> {
            List<Address> found = new ArrayList<>();
            List<String> missing = new ArrayList<>();
            for (String id : in.allocationIds()) {
                Nets.ADDRESSES.find(tx, scope, id).ifPresentOrElse(found::add, () -> missing.add(id));
            }
            if (!missing.isEmpty()) {
                throw Nets.ADDRESSES.missing(missing);
            }
            in.publicIps().forEach(ip -> found.add(Addresses.require(tx, scope, null, ip)));
            boolean named = !in.allocationIds().isEmpty() || !in.publicIps().isEmpty();
            if (!named) {
                found.addAll(Nets.ADDRESSES.all(tx, scope));
            }
            found.forEach(each -> Addresses.told(tx, scope, each));
            Page<Tagged<Address>> page =
                    ADDRESSES.page(network().room(), tx, found, Nets.ADDRESSES.id(), in, named, call);
            return new DescribeAddressesResult()
                    .addresses(page.items().stream()
                            .map(each -> each.record().tags(Tags.told(each.tags())))
                            .toList());
        });
    }

    private static AddressAttribute attribute(Address address, @Nullable String name) {
        return new AddressAttribute()
                .allocationId(address.allocationId())
                .publicIp(address.publicIp())
                .ptrRecord(name);
    }

    /** The reverse name is recorded; whether the name leads to the address is not looked up. */
    @Override
    default ModifyAddressAttributeResult modifyAddressAttribute(ModifyAddressAttributeRequest in, Call call) {
        String name = in.domainName();
        if (name == null || name.isEmpty()) {
            throw Ec2Faults.missing("DomainName");
        }
        String whole = name.endsWith(".") ? name : name + ".";
        if (!whole.matches("([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.){2,}")
                || whole.length() > MOST_NAME_CHARS) {
            throw Ec2Faults.invalid("DomainName", name, "It must be a fully qualified domain name.");
        }
        return new ModifyAddressAttributeResult().address(named(in, call, in.allocationId(), whole));
    }

    @Override
    default ResetAddressAttributeResult resetAddressAttribute(ResetAddressAttributeRequest in, Call call) {
        if (!"domain-name".equals(in.attribute())) {
            throw Ec2Faults.invalid("Attribute", in.attribute(), "It must be domain-name.");
        }
        return new ResetAddressAttributeResult().address(named(in, call, in.allocationId(), null));
    }

    private AddressAttribute named(Struct in, Call call, String allocation, @Nullable String name) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            Address address = Nets.ADDRESSES.require(tx, scope, allocation);
            Addresses.name(tx, scope, allocation, name);
            return attribute(address, name);
        });
    }

    @Override
    default DescribeAddressesAttributeResult describeAddressesAttribute(
            DescribeAddressesAttributeRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().read(tx -> {
            List<Address> found = in.allocationIds().isEmpty()
                    ? Nets.ADDRESSES.all(tx, scope)
                    : in.allocationIds().stream()
                            .map(id -> Nets.ADDRESSES.require(tx, scope, id))
                            .toList();
            List<AddressAttribute> all = found.stream()
                    .map(each -> attribute(each, Addresses.name(tx, scope, known(each.allocationId()))))
                    .toList();
            Ec2Room.refuseDryRun(in);
            Page<Tagged<AddressAttribute>> page = ATTRIBUTES.page(
                    network().room(),
                    tx,
                    all,
                    each -> known(each.allocationId()),
                    in,
                    !in.allocationIds().isEmpty(),
                    call);
            return new DescribeAddressesAttributeResult()
                    .addresses(page.items().stream().map(Tagged::record).toList())
                    .nextToken(page.next());
        });
    }
}
