package dev.haneul.services.ec2.metadata;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an instance may know of itself.
 *
 * @param lifecycle {@code on-demand} or {@code spot}
 * @param blockDevices device names by their virtual names, e.g. {@code root} to {@code /dev/xvda}
 * @param interfaces the primary one first
 * @param keys names of key pairs with their {@code authorized_keys} lines
 * @param profile null where it has no instance profile
 * @param userData null where there is none
 * @param interruption null until its spot capacity is wanted back
 * @param rebalance when a rebalance was recommended, null where it was not
 */
public record InstanceFacts(
        Place place,
        String instanceId,
        String imageId,
        String instanceType,
        String architecture,
        String reservationId,
        int launchIndex,
        Instant pendingTime,
        String lifecycle,
        boolean nitro,
        boolean hibernation,
        boolean monitored,
        Map<String, String> blockDevices,
        List<Interface> interfaces,
        Map<String, String> keys,
        @Nullable Profile profile,
        byte @Nullable [] userData,
        Map<String, String> tags,
        Options options,
        @Nullable Interruption interruption,
        @Nullable Instant rebalance) {

    /**
     * Where it runs.
     *
     * @param zoneId e.g. {@code use1-az1}
     * @param domain of the partition, e.g. {@code amazonaws.com}
     * @param group its placement group, null where none
     */
    public record Place(
            String account,
            String partition,
            String region,
            String zone,
            String zoneId,
            String domain,
            @Nullable String group) {}

    /**
     * A network interface.
     *
     * @param addresses private IPv4 addresses, the primary one first
     * @param publicAddresses public addresses by the private ones they stand for
     * @param groups names of security groups by their ids
     */
    public record Interface(
            String id,
            String mac,
            int deviceIndex,
            String privateName,
            @Nullable String publicName,
            List<String> addresses,
            Map<String, String> publicAddresses,
            List<String> ipv6Addresses,
            Map<String, String> groups,
            String owner,
            String subnetId,
            String subnetCidr,
            List<String> subnetIpv6Cidrs,
            String vpcId,
            List<String> vpcCidrs,
            List<String> vpcIpv6Cidrs) {}

    /**
     * The instance profile.
     *
     * @param role name of its role, null where it has none
     */
    public record Profile(String arn, String id, @Nullable String role) {}

    /**
     * How its metadata is told.
     *
     * @param enabled whether at all
     * @param tokensRequired whether only to those who bring a token
     * @param hopLimit how many hops a token may travel
     * @param tags whether tags are told
     */
    public record Options(boolean enabled, boolean tokensRequired, int hopLimit, boolean ipv6, boolean tags) {}

    /** That the instance's spot capacity is wanted back: what will happen, and when. */
    public record Interruption(String action, Instant at) {}

    /** The interface whose addresses are the instance's. */
    public Interface primary() {
        return interfaces.getFirst();
    }
}
