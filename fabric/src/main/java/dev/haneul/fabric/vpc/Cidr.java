package dev.haneul.fabric.vpc;

import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A block of addresses, IPv4 or IPv6, in its canonical form: the bits behind the prefix are zero.
 *
 * @param v6 whether it is IPv6
 * @param high the first 64 bits of an IPv6 address; 0 for IPv4
 * @param low the last 64 bits of an IPv6 address, or the 32 of an IPv4 one
 * @param bits length of the prefix: 0 to 32, or to 128
 */
public record Cidr(boolean v6, long high, long low, int bits) implements Comparable<Cidr> {
    /** Every IPv4 address. */
    public static final Cidr ANY_V4 = new Cidr(false, 0, 0, 0);

    /** Every IPv6 address. */
    public static final Cidr ANY_V6 = new Cidr(true, 0, 0, 0);

    public Cidr {
        if (bits < 0 || bits > (v6 ? 128 : 32)) {
            throw new IllegalArgumentException("a prefix of " + bits + " bits");
        }
        high = v6 ? high & mask(Math.min(bits, 64)) : 0;
        low = v6 ? low & mask(Math.max(bits - 64, 0)) : low & mask(bits + 32) & 0xffff_ffffL;
    }

    /** Reads {@code 10.0.0.0/16}, or a single address; bits behind the prefix are cleared. */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        var address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        byte[] bytes = address.getAddress();
        boolean v6 = bytes.length == 16;
        int most = v6 ? 128 : 32;
        int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
        return v6
                ? new Cidr(true, word(bytes, 0, 8), word(bytes, 8, 8), bits)
                : new Cidr(false, 0, word(bytes, 0, 4), bits);
    }

    /** As {@link #parse}, null where it is neither block nor address. */
    public static @Nullable Cidr parseOrNull(String text) {
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Whether an address, written as text, lies in the block. */
    public boolean contains(String address) {
        return contains(parse(address));
    }

    /** Whether all of another block lies in this one. */
    public boolean contains(Cidr other) {
        return v6 == other.v6 && other.bits >= bits && new Cidr(v6, other.high, other.low, bits).equals(this);
    }

    /** Whether the two have an address in common. */
    public boolean overlaps(Cidr other) {
        return contains(other) || other.contains(this);
    }

    /**
     * The address so many steps behind the first, as text: {@code 10.0.0.0/16} at 2 is {@code 10.0.0.2}.
     *
     * @throws IllegalArgumentException where it lies outside the block
     */
    public String at(long offset) {
        long moved = low + offset;
        var address = new Cidr(v6, high, moved, v6 ? 128 : 32);
        if (!contains(address)) {
            throw new IllegalArgumentException(this + " has no address " + offset);
        }
        return address.address();
    }

    /** How many addresses; {@link Long#MAX_VALUE} where there are more. */
    public long size() {
        int free = (v6 ? 128 : 32) - bits;
        return free > 62 ? Long.MAX_VALUE : 1L << free;
    }

    /** The first address, as text. */
    public String address() {
        if (!v6) {
            return (low >> 24 & 255) + "." + (low >> 16 & 255) + "." + (low >> 8 & 255) + "." + (low & 255);
        }
        return canonicalV6();
    }

    @Override
    public String toString() {
        return address() + "/" + bits;
    }

    @Override
    public int compareTo(Cidr other) {
        int byFamily = Boolean.compare(v6, other.v6);
        int byHigh = Long.compareUnsigned(high, other.high);
        int byLow = Long.compareUnsigned(low, other.low);
        return byFamily != 0 ? byFamily : byHigh != 0 ? byHigh : byLow != 0 ? byLow : Integer.compare(bits, other.bits);
    }

    /** RFC 5952: the longest run of zero groups, two at least, is left out. */
    private String canonicalV6() {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (int) ((i < 4 ? high >> 48 - 16 * i : low >> 48 - 16 * (i - 4)) & 0xffff);
        }
        int start = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        var out = new StringBuilder(40);
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                out.append("::");
                i += length - 1;
            } else {
                out.append(i == 0 || i == start + length ? "" : ":").append(Integer.toHexString(groups[i]));
            }
        }
        return Objects.requireNonNull(out.toString());
    }

    private static long mask(int bits) {
        return bits == 0 ? 0 : -1L << 64 - bits;
    }

    private static long word(byte[] bytes, int from, int count) {
        long word = 0;
        for (int i = from; i < from + count; i++) {
            word = word << 8 | bytes[i] & 255;
        }
        return word;
    }
}
