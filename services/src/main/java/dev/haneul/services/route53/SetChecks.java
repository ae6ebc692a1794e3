package dev.haneul.services.route53;

import dev.haneul.api.route53.*;
import dev.haneul.services.route53.Route53Tables.ZoneRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** What Route 53 asks of record sets, in its words. */
final class SetChecks {
    private static final int MOST_VALUES = 400;
    private static final Set<String> ONE_VALUE = Set.of("CNAME", "SOA");

    private SetChecks() {}

    /** Refuses a change that says too little or too much, before anything is looked up. */
    static void form(Change change) {
        ResourceRecordSet set = change.resourceRecordSet();
        if (set.trafficPolicyInstanceId() != null) {
            throw Route53Faults.unbuilt("A record set of a traffic policy");
        }
        if (set.cidrRoutingConfig() != null || set.geoProximityLocation() != null) {
            throw Route53Faults.unbuilt("Routing by CIDR or geoproximity");
        }
        boolean alias = set.aliasTarget() != null;
        boolean values = set.ttl() != null && !set.resourceRecords().isEmpty();
        if (alias && (set.ttl() != null || !set.resourceRecords().isEmpty())) {
            throw expected(change, "more than one");
        }
        if (!alias && !values) {
            throw expected(change, "none");
        }
        if (set.healthCheckId() != null) {
            throw dev.haneul.api.runtime.Fault.of(
                    new NoSuchHealthCheck(), "No health check found with ID: " + set.healthCheckId());
        }
        long policies = List.of(
                        set.weight() != null,
                        set.region() != null,
                        set.geoLocation() != null,
                        set.failover() != null,
                        Boolean.TRUE.equals(set.multiValueAnswer()))
                .stream()
                .filter(each -> each)
                .count();
        if (policies > 1 || policies == 1 != (set.setIdentifier() != null)) {
            throw Route53Faults.invalid(
                    "Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation,"
                            + " MultiValueAnswer] with SetIdentifier, or none of them, in " + told(change));
        }
    }

    private static dev.haneul.api.runtime.Fault expected(Change change, String found) {
        return Route53Faults.invalid(
                "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or"
                        + " TrafficPolicyInstanceId], but found " + found + " in " + told(change));
    }

    private static String told(Change change) {
        ResourceRecordSet set = change.resourceRecordSet();
        return "Change with [Action=" + change.action() + ", Name=" + set.name() + ", Type=" + set.type()
                + ", SetIdentifier=" + set.setIdentifier() + "]";
    }

    /** The set with its names in their form; null, and a message, where one is none. */
    static @Nullable ResourceRecordSet canonical(ResourceRecordSet set, List<String> wrong) {
        String name = DnsNames.canonical(set.name()).orElse(null);
        if (name == null) {
            wrong.add("DomainLabelEmpty (Domain label is empty) or too long, encountered with '" + set.name() + "'");
            return null;
        }
        AliasTarget alias = set.aliasTarget();
        if (alias == null) {
            return set.name(name);
        }
        String target = DnsNames.canonical(alias.dnsName()).orElse(null);
        if (target == null) {
            wrong.add("Invalid alias target '" + alias.dnsName() + "'");
            return null;
        }
        return set.name(name).aliasTarget(alias.dnsName(target).hostedZoneId(Zones.bare(alias.hostedZoneId())));
    }

    /** How messages name a set. */
    static String named(ResourceRecordSet set) {
        String identifier = set.setIdentifier() == null ? "" : ", set-identifier='" + set.setIdentifier() + "'";
        return "[name='" + set.name() + "', type='" + set.type() + "'" + identifier + "]";
    }

    /** Whether two sets say the same, whatever the order of their values. */
    static boolean same(ResourceRecordSet one, ResourceRecordSet other) {
        AliasTarget alias = one.aliasTarget();
        AliasTarget theirs = other.aliasTarget();
        boolean aliases = alias == null
                ? theirs == null
                : theirs != null
                        && alias.dnsName().equals(theirs.dnsName())
                        && alias.hostedZoneId().equals(theirs.hostedZoneId());
        return aliases
                && Objects.equals(one.ttl(), other.ttl())
                && Objects.equals(one.weight(), other.weight())
                && Objects.equals(one.region(), other.region())
                && Objects.equals(one.failover(), other.failover())
                && valuesOf(one).equals(valuesOf(other));
    }

    private static Set<String> valuesOf(ResourceRecordSet set) {
        return new HashSet<>(
                set.resourceRecords().stream().map(ResourceRecord::value).toList());
    }

    /** Whether each value is one of its type. */
    static void values(ResourceRecordSet set, List<String> wrong) {
        List<ResourceRecord> values = set.resourceRecords();
        if (values.size() > MOST_VALUES) {
            wrong.add("Number of values limit of " + MOST_VALUES + " exceeded for " + named(set));
        }
        if (ONE_VALUE.contains(set.type()) && values.size() > 1) {
            wrong.add("Only one value is permitted in a " + set.type() + " record set: " + named(set));
        }
        if (valuesOf(set).size() < values.size()) {
            wrong.add("Duplicate Resource Record: '" + values.getFirst().value() + "'");
        }
        for (ResourceRecord each : values) {
            String problem = problem(set.type(), each.value());
            if (problem != null) {
                wrong.add("Invalid Resource Record: 'FATAL problem: " + problem + " encountered with '" + each.value()
                        + "''");
            }
        }
    }

    private static @Nullable String problem(String type, String value) {
        if ((type.equals("TXT") || type.equals("SPF")) && !value.strip().matches("\".*\"")) {
            return "InvalidCharacterString (Value should be enclosed in quotation marks)";
        }
        try {
            Record.fromString(Name.root, Type.value(type), DClass.IN, 0, value, Name.root);
            return null;
        } catch (IOException | RuntimeException e) {
            return switch (type) {
                case "A" -> "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)";
                case "AAAA" -> "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)";
                default -> "UnparseableRecord (Value cannot be parsed as " + type + ")";
            };
        }
    }

    /** Whether the sets of a name may stand beside each other, and at the top of the zone what must be there. */
    static void together(List<ResourceRecordSet> sets, ZoneRow zone, String name, List<String> wrong) {
        boolean apex = name.equals(zone.name());
        List<String> types =
                sets.stream().map(ResourceRecordSet::type).distinct().toList();
        if (types.contains("CNAME") && apex) {
            wrong.add("RRSet of type CNAME with DNS name " + name + " is not permitted at apex in zone " + zone.name());
        } else if (types.contains("CNAME") && types.size() > 1) {
            wrong.add("RRSet of type CNAME with DNS name " + name
                    + " is not permitted as it conflicts with other records with the same DNS name in zone "
                    + zone.name());
        }
        if (apex && !types.contains("NS")) {
            wrong.add("A HostedZone must contain at least one NS record for the zone itself.");
        }
        if (apex && !types.contains("SOA")) {
            wrong.add("A HostedZone must contain exactly one SOA record.");
        }
        for (String type : types) {
            List<String> kinds = new ArrayList<>();
            sets.stream()
                    .filter(set -> set.type().equals(type))
                    .map(SetChecks::policy)
                    .distinct()
                    .forEach(kinds::add);
            if (kinds.size() > 1) {
                wrong.add("RRSet with DNS name " + name + ", type " + type
                        + " cannot be created as a set of another routing policy exists with the same name and type");
            }
        }
    }

    /** Which routing a set is part of. */
    static String policy(ResourceRecordSet set) {
        if (set.weight() != null) {
            return "weighted";
        }
        if (set.region() != null) {
            return "latency";
        }
        if (set.failover() != null) {
            return "failover";
        }
        if (set.geoLocation() != null) {
            return "geolocation";
        }
        return Boolean.TRUE.equals(set.multiValueAnswer()) ? "multivalue" : "simple";
    }
}
