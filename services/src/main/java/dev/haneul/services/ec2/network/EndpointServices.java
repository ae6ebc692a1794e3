package dev.haneul.services.ec2.network;

import dev.haneul.api.Catalog;
import dev.haneul.api.ec2.DnsEntry;
import dev.haneul.api.ec2.ServiceDetail;
import dev.haneul.api.ec2.ServiceTypeDetail;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Zones;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The services that endpoints can be for: the region's own. */
final class EndpointServices {
    private EndpointServices() {}

    static List<ServiceDetail> all(String region) {
        List<ServiceDetail> found = new ArrayList<>();
        Catalog.SERVICES.stream()
                .map(service -> service.facts().endpointPrefix())
                .filter(prefix -> !prefix.isEmpty())
                .distinct()
                .sorted()
                .forEach(prefix -> found.add(detail(region, "com.amazonaws." + region + "." + prefix, "Interface")));
        AwsPrefixLists.services(region).forEach(name -> found.add(detail(region, name, "Gateway")));
        return found;
    }

    private static ServiceDetail detail(String region, String name, String type) {
        String id = "vpce-svc-" + new Ids(new SplittableRandom((name + type).hashCode())).hex(17);
        String service = name.substring(name.lastIndexOf('.') + 1);
        return new ServiceDetail()
                .serviceName(name)
                .serviceId(id)
                .serviceRegion(region)
                .serviceType(List.of(new ServiceTypeDetail().serviceType(type)))
                .availabilityZones(
                        Zones.of(region).stream().map(Zones.Zone::name).toList())
                .availabilityZoneIds(
                        Zones.of(region).stream().map(Zones.Zone::id).toList())
                .owner("amazon")
                .baseEndpointDnsNames(List.of(service + "." + region + ".vpce.amazonaws.com"))
                .privateDnsName(type.equals("Interface") ? service + "." + region + ".amazonaws.com" : null)
                .vpcEndpointPolicySupported(true)
                .acceptanceRequired(false)
                .managesVpcEndpoints(false)
                .supportedIpAddressTypes(List.of("ipv4"));
    }

    static boolean exists(String region, String name, String type) {
        return all(region).stream()
                .anyMatch(each -> name.equals(each.serviceName())
                        && type.equals(each.serviceType().getFirst().serviceType()));
    }

    /** The names an interface endpoint has. */
    static List<DnsEntry> names(String id, String service, String region, boolean own) {
        String label = service.substring(service.lastIndexOf('.') + 1);
        List<DnsEntry> names = new ArrayList<>();
        names.add(new DnsEntry()
                .dnsName(id + "-" + id.substring(id.length() - 8) + "." + label + "." + region + ".vpce.amazonaws.com")
                .hostedZoneId("Z7HUB22UULQXV"));
        if (own) {
            names.add(new DnsEntry()
                    .dnsName(label + "." + region + ".amazonaws.com")
                    .hostedZoneId("ZONEIDPENDING"));
        }
        return names;
    }

    static void checkQuota(ReadTx tx, Scope scope, String vpc, boolean gateway) {
        long count = gateway
                ? Nets.ENDPOINTS.all(tx, scope).stream()
                        .filter(each -> "Gateway".equals(each.vpcEndpointType()))
                        .count()
                : Nets.ENDPOINTS.find(tx, scope, Nets.VPC, vpc).stream()
                        .filter(each -> "Interface".equals(each.vpcEndpointType()))
                        .count();
        if (count >= (gateway ? Quotas.GATEWAY_ENDPOINTS : Quotas.INTERFACE_ENDPOINTS_PER_VPC)) {
            throw Ec2Faults.of("VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached.");
        }
    }

    static void checkPolicy(String document) {
        try {
            PolicyDocument.parse(document, PolicyKind.RESOURCE);
        } catch (MalformedPolicyException e) {
            throw Ec2Faults.of("InvalidPolicyDocument", "The policy document is invalid: " + e.getMessage());
        }
    }
}
