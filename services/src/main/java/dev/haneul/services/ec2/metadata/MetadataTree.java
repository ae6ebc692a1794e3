package dev.haneul.services.ec2.metadata;

import dev.haneul.services.ec2.metadata.InstanceFacts.Interface;
import dev.haneul.services.ec2.metadata.InstanceFacts.Interruption;
import dev.haneul.services.ec2.metadata.InstanceFacts.Place;
import dev.haneul.services.ec2.metadata.InstanceFacts.Profile;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The paths under {@code /latest/} and what lies there. Names that lead further are listed with a slash.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html">Categories</a>
 */
final class MetadataTree {
    private final SortedMap<String, Supplier<String>> leaves = new TreeMap<>();
    /** Listings that are not the names below. */
    private final Map<String, String> listings = new TreeMap<>();

    /** What lies there for this instance; signatures and credentials are made when asked for. */
    static MetadataTree of(InstanceFacts facts, IdentityDocuments identity, RoleCredentials credentials) {
        MetadataTree tree = new MetadataTree();
        tree.instance(facts);
        tree.place(facts.place());
        tree.network(facts);
        tree.events(facts);
        tree.keys(facts.keys());
        Profile profile = facts.profile();
        if (profile != null) {
            tree.profile(facts, profile, credentials);
        }
        tree.dynamic(facts, identity);
        return tree;
    }

    /** What lies at a path: a leaf's text or a listing; empty where nothing is. */
    Optional<String> at(String path) {
        String plain = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        Supplier<String> leaf = leaves.get(plain);
        if (leaf != null) {
            return Optional.of(leaf.get());
        }
        String given = listings.get(plain);
        return given == null ? listing(plain) : Optional.of(given);
    }

    private Optional<String> listing(String path) {
        String prefix = path.isEmpty() ? "" : path + "/";
        SortedSet<String> names = new TreeSet<>();
        for (String leaf : leaves.tailMap(prefix).keySet()) {
            if (!leaf.startsWith(prefix)) {
                break;
            }
            String rest = leaf.substring(prefix.length());
            int slash = rest.indexOf('/');
            names.add(slash < 0 ? rest : rest.substring(0, slash + 1));
        }
        return names.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", names));
    }

    private void put(String path, @Nullable String value) {
        if (value != null) {
            leaves.put(path, () -> value);
        }
    }

    private void lines(String path, Collection<String> values) {
        if (!values.isEmpty()) {
            put(path, String.join("\n", values));
        }
    }

    private void instance(InstanceFacts facts) {
        put("meta-data/ami-id", facts.imageId());
        put("meta-data/ami-launch-index", Integer.toString(facts.launchIndex()));
        put("meta-data/ami-manifest-path", "(unknown)");
        put("meta-data/instance-action", "none");
        put("meta-data/instance-id", facts.instanceId());
        put("meta-data/instance-life-cycle", facts.lifecycle());
        put("meta-data/instance-type", facts.instanceType());
        put("meta-data/hibernation/configured", Boolean.toString(facts.hibernation()));
        put("meta-data/metrics/vhostmd", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        put("meta-data/profile", "default-hvm");
        put("meta-data/reservation-id", facts.reservationId());
        put("meta-data/system", facts.nitro() ? "nitro" : "xen");
        facts.blockDevices().forEach((virtual, device) -> put("meta-data/block-device-mapping/" + virtual, device));
        if (facts.options().tags()) {
            facts.tags().forEach((key, value) -> put("meta-data/tags/instance/" + key, value));
        }
    }

    private void place(Place place) {
        put("meta-data/placement/availability-zone", place.zone());
        put("meta-data/placement/availability-zone-id", place.zoneId());
        put("meta-data/placement/group-name", place.group());
        put("meta-data/placement/region", place.region());
        put("meta-data/services/domain", place.domain());
        put("meta-data/services/partition", place.partition());
    }

    private void network(InstanceFacts facts) {
        Interface primary = facts.primary();
        String publicAddress = primary.publicAddresses().get(primary.addresses().getFirst());
        put("meta-data/hostname", primary.privateName());
        put("meta-data/local-hostname", primary.privateName());
        put("meta-data/local-ipv4", primary.addresses().getFirst());
        put("meta-data/mac", primary.mac());
        put("meta-data/public-ipv4", publicAddress);
        put("meta-data/public-hostname", publicAddress == null ? null : primary.publicName());
        lines("meta-data/security-groups", primary.groups().values());
        lines("meta-data/ipv6", primary.ipv6Addresses());
        for (Interface each : facts.interfaces()) {
            network("meta-data/network/interfaces/macs/" + each.mac() + "/", each);
        }
    }

    private void network(String at, Interface each) {
        put(at + "device-number", Integer.toString(each.deviceIndex()));
        put(at + "interface-id", each.id());
        put(at + "local-hostname", each.privateName());
        lines(at + "local-ipv4s", each.addresses());
        put(at + "mac", each.mac());
        put(at + "network-card", "0");
        put(at + "owner-id", each.owner());
        each.publicAddresses().forEach((own, open) -> put(at + "ipv4-associations/" + open, own));
        put(at + "public-hostname", each.publicAddresses().isEmpty() ? null : each.publicName());
        lines(at + "public-ipv4s", each.publicAddresses().values());
        lines(at + "ipv6s", each.ipv6Addresses());
        lines(at + "security-groups", each.groups().values());
        lines(at + "security-group-ids", each.groups().keySet());
        put(at + "subnet-id", each.subnetId());
        put(at + "subnet-ipv4-cidr-block", each.subnetCidr());
        lines(at + "subnet-ipv6-cidr-blocks", each.subnetIpv6Cidrs());
        put(at + "vpc-id", each.vpcId());
        put(
                at + "vpc-ipv4-cidr-block",
                each.vpcCidrs().isEmpty() ? null : each.vpcCidrs().getFirst());
        lines(at + "vpc-ipv4-cidr-blocks", each.vpcCidrs());
        lines(at + "vpc-ipv6-cidr-blocks", each.vpcIpv6Cidrs());
    }

    private void events(InstanceFacts facts) {
        put("meta-data/events/maintenance/history", "[]");
        put("meta-data/events/maintenance/scheduled", "[]");
        Instant rebalance = facts.rebalance();
        if (rebalance != null) {
            put("meta-data/events/recommendations/rebalance", "{\"noticeTime\":\"" + seconds(rebalance) + "\"}");
        }
        Interruption interruption = facts.interruption();
        if (interruption != null) {
            put(
                    "meta-data/spot/instance-action",
                    "{\"action\":\"" + interruption.action() + "\",\"time\":\"" + seconds(interruption.at()) + "\"}");
            if (interruption.action().equals("terminate")) {
                put("meta-data/spot/termination-time", seconds(interruption.at()));
            }
        }
    }

    private static String seconds(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private void keys(Map<String, String> keys) {
        List<String> names = new ArrayList<>();
        keys.forEach((name, line) -> {
            put("meta-data/public-keys/" + names.size() + "/openssh-key", line + "\n");
            names.add(names.size() + "=" + name);
        });
        if (!names.isEmpty()) {
            listings.put("meta-data/public-keys", String.join("\n", names));
        }
    }

    private void profile(InstanceFacts facts, Profile profile, RoleCredentials credentials) {
        leaves.put("meta-data/iam/info", () -> credentials.info(profile));
        String role = profile.role();
        if (role != null) {
            leaves.put("meta-data/iam/security-credentials/" + role, () -> credentials.of(facts, role));
        }
    }

    private void dynamic(InstanceFacts facts, IdentityDocuments identity) {
        put("dynamic/instance-identity/document", IdentityDocuments.document(facts));
        leaves.put("dynamic/instance-identity/pkcs7", () -> identity.pkcs7(facts));
        leaves.put("dynamic/instance-identity/rsa2048", () -> identity.pkcs7(facts));
        leaves.put("dynamic/instance-identity/signature", () -> identity.signature(facts));
        put("dynamic/fws/instance-monitoring", facts.monitored() ? "enabled" : "disabled");
    }
}
