package dev.haneul.fabric.vpc;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What things are called in the kernel. Every name follows from the region's folder and an AWS id, so that a later
 * server finds what an earlier one made, and two regions on one machine do not meet. Devices have at most 15 letters.
 */
final class Names {
    /** What every network of every region begins with in the host. */
    static final String FAMILY = "hn";

    private static final int REGION_LETTERS = 5;
    private static final int HOST_LETTERS = 7;
    private static final int DEVICE_LETTERS = 13;
    private static final int RADIX = 36;
    /** Our routing tables and marks lie above these, below what tools use by hand. */
    private static final int FIRST_TABLE = 10_000;

    private static final int TABLES = 1 << 30;

    private static final Pattern OURS = Pattern.compile("igw|eth0|s\\d+|[ep][0-9a-z]{" + DEVICE_LETTERS + "}");

    private final String region;

    Names(Path folder) {
        region = FAMILY + letters(folder.toAbsolutePath().normalize().toString(), REGION_LETTERS);
    }

    /** What everything of this region in the host begins with. */
    String region() {
        return region;
    }

    /** The network namespace of a VPC, a NAT gateway or a hosted interface. */
    String namespace(String id) {
        return region + "-" + plain(id).replace('_', '-');
    }

    /** Whether a network namespace is this region's. */
    boolean ours(String namespace) {
        return namespace.startsWith(region + "-");
    }

    /** A prefix of addresses that this region alone has on this machine, up to the last group (RFC 4193). */
    String uniqueLocal() {
        byte[] hash = digest(region);
        return String.format(
                Locale.ROOT, "fd%02x:%x:%x::", hash[0], (hash[1] & 0x7f | 1) << 8 | hash[2] & 0xff, 0x4841);
    }

    /** The host's end of a VPC's internet gateway. */
    String gateway(String vpcId) {
        return region + "g" + letters(vpcId, HOST_LETTERS);
    }

    /** The host's end of the way out for sandboxes. */
    String outside() {
        return region + "o";
    }

    /** The router's end of an interface. */
    static String port(String id) {
        return "e" + letters(id, DEVICE_LETTERS);
    }

    /** Both ends of a peering. */
    static String peer(String id) {
        return "p" + letters(id, DEVICE_LETTERS);
    }

    /** Whether a device in one of our namespaces is one of ours; kernels put tunnels into each. */
    static boolean isDevice(String name) {
        return OURS.matcher(name).matches();
    }

    /** The routing table, and the mark, of a route table. */
    static int table(String routeTableId) {
        return FIRST_TABLE
                + (digest(routeTableId)[0] & 0xff
                                | (digest(routeTableId)[1] & 0xff) << 8
                                | (digest(routeTableId)[2] & 0xff) << 16
                                | (digest(routeTableId)[3] & 0x3f) << 24)
                        % TABLES;
    }

    /** A hardware address that is always the same for the same end of the same thing. */
    static String mac(String id) {
        byte[] hash = digest(id);
        return String.format(Locale.ROOT, "0e:%02x:%02x:%02x:%02x:%02x", hash[0], hash[1], hash[2], hash[3], hash[4]);
    }

    /** An id as nftables takes it for a part of a name. */
    static String plain(String id) {
        return id.replaceAll("[^A-Za-z0-9]", "_");
    }

    private static String letters(String text, int count) {
        String all = new BigInteger(1, digest(text)).toString(RADIX);
        return all.substring(all.length() - count);
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
