package dev.haneul.fabric.vpc;

import java.nio.file.Files;
import java.nio.file.Path;

/** An address family, and what the kernel's tools call its things. */
enum Family {
    V4("ip", "ipv4_addr", "icmp", 1, Cidr.ANY_V4, "169.254.0.1"),
    V6("ip6", "ipv6_addr", "icmpv6", 58, Cidr.ANY_V6, "fe80::1");

    private final String table;
    private final String type;
    private final String icmp;
    private final int icmpNumber;
    private final Cidr any;
    private final String nextHop;

    Family(String table, String type, String icmp, int icmpNumber, Cidr any, String nextHop) {
        this.table = table;
        this.type = type;
        this.icmp = icmp;
        this.icmpNumber = icmpNumber;
        this.any = any;
        this.nextHop = nextHop;
    }

    /** The family of an address or block, as text. */
    static Family of(String address) {
        return address.indexOf(':') < 0 ? V4 : V6;
    }

    /** Whether a block is of this family. */
    boolean has(Cidr cidr) {
        return cidr.v6() == (this == V6);
    }

    /** Whether this machine's kernel has it. */
    boolean present() {
        return this == V4 || Files.exists(Path.of("/proc/sys/net/ipv6/conf/all/disable_ipv6"));
    }

    /** The family of tables of nftables, which also begins its expressions: {@code ip saddr}. */
    String table() {
        return table;
    }

    /** The type of its addresses in sets of nftables. */
    String type() {
        return type;
    }

    /** Its control messages, as nftables matches them. */
    String icmp() {
        return icmp;
    }

    /** The protocol number of its control messages. */
    int icmpNumber() {
        return icmpNumber;
    }

    /** Every address. */
    Cidr any() {
        return any;
    }

    /** The next hop on links that have no addresses; a permanent neighbour entry says who that is. */
    String nextHop() {
        return nextHop;
    }
}
