package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Cidrs;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a network tells its members by DHCP.
 *
 * @see <a href="https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html">DHCP option sets</a>
 */
interface DhcpOperations extends NetworkStory {
    Map<String, Integer> MOST_VALUES = Map.of(
            "domain-name", 1,
            "domain-name-servers", 4,
            "ntp-servers", 4,
            "netbios-name-servers", 4,
            "netbios-node-type", 1,
            "ipv6-address-preferred-lease-time", 1);

    Listing<DhcpOptions> DHCP_OPTIONS = Listing.of(
            "DescribeDhcpOptions",
            Filters.<DhcpOptions>tagged()
                    .one("dhcp-options-id", DhcpOptions::dhcpOptionsId)
                    .many(
                            "key",
                            each -> each.dhcpConfigurations().stream()
                                    .map(one -> known(one.key()))
                                    .toList())
                    .many(
                            "value",
                            each -> each.dhcpConfigurations().stream()
                                    .flatMap(one -> one.values().stream())
                                    .map(value -> known(value.value()))
                                    .toList())
                    .one("owner-id", DhcpOptions::ownerId));

    @Override
    default CreateDhcpOptionsResult createDhcpOptions(CreateDhcpOptionsRequest in, Call call) {
        List<DhcpConfiguration> configurations = new ArrayList<>();
        for (NewDhcpConfiguration each : in.dhcpConfigurations()) {
            configurations.add(checked(each));
        }
        if (configurations.isEmpty()) {
            throw Ec2Faults.missing("dhcpConfiguration");
        }
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "dhcp-options");
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            String id = network().id("dopt");
            DhcpOptions made = Nets.DHCP_OPTIONS.put(
                    tx,
                    scope,
                    new DhcpOptions().dhcpOptionsId(id).ownerId(scope.account()).dhcpConfigurations(configurations));
            Tags.put(tx, scope, Nets.DHCP_OPTIONS, id, tags);
            return new CreateDhcpOptionsResult().dhcpOptions(made.tags(Tags.told(tx, scope, id)));
        });
    }

    private static DhcpConfiguration checked(NewDhcpConfiguration given) {
        String key = String.valueOf(given.key());
        Integer most = MOST_VALUES.get(key);
        if (most == null) {
            throw Ec2Faults.invalid("Value (" + key + ") for parameter name is invalid. Unknown DHCP option");
        }
        List<String> values = given.values().stream()
                .flatMap(value ->
                        key.endsWith("servers") ? List.of(value.split("\\s*,\\s*")).stream() : List.of(value).stream())
                .toList();
        if (values.isEmpty() || values.size() > most) {
            throw Ec2Faults.invalid("Value (" + String.join(",", values) + ") for parameter " + key
                    + " is invalid. Between 1 and " + most + " values are required.");
        }
        for (String value : values) {
            boolean server = key.endsWith("servers") && !value.equals("AmazonProvidedDNS");
            boolean node = key.equals("netbios-node-type");
            if ((server && Cidrs.address(value).isEmpty()) || (node && !value.matches("[1248]"))) {
                throw Ec2Faults.invalid("Value (" + value + ") for parameter " + key + " is invalid.");
            }
        }
        return DefaultNetwork.configuration(key, values.toArray(String[]::new));
    }

    @Override
    default DeleteDhcpOptionsResult deleteDhcpOptions(DeleteDhcpOptionsRequest in, Call call) {
        Scope scope = network().scope(call);
        String id = in.dhcpOptionsId();
        return network().room().change(in, tx -> {
            Nets.DHCP_OPTIONS.require(tx, scope, id);
            boolean used = Nets.VPCS.all(tx, scope).stream()
                    .anyMatch(row -> id.equals(row.vpc().dhcpOptionsId()));
            if (used) {
                throw Ec2Faults.dependents("dhcpOptions", id);
            }
            Nets.DHCP_OPTIONS.delete(tx, scope, id);
            return new DeleteDhcpOptionsResult();
        });
    }

    @Override
    default AssociateDhcpOptionsResult associateDhcpOptions(AssociateDhcpOptionsRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            VpcRow row = Network.vpc(tx, scope, in.vpcId());
            if (!in.dhcpOptionsId().equals("default")) {
                Nets.DHCP_OPTIONS.require(tx, scope, in.dhcpOptionsId());
            }
            row.vpc().dhcpOptionsId(in.dhcpOptionsId());
            Nets.VPCS.put(tx, scope, row);
            return new AssociateDhcpOptionsResult();
        });
    }

    @Override
    default DescribeDhcpOptionsResult describeDhcpOptions(DescribeDhcpOptionsRequest in, Call call) {
        network().scope(call);
        Page<Tagged<DhcpOptions>> page =
                DHCP_OPTIONS.page(network().room(), Nets.DHCP_OPTIONS, in, in.dhcpOptionsIds(), call);
        return new DescribeDhcpOptionsResult()
                .dhcpOptions(page.items().stream()
                        .map(each -> each.record().tags(Tags.told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }
}
