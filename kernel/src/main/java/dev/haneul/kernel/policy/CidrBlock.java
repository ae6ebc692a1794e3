package dev.haneul.kernel.policy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A range of IPv4 or IPv6 addresses, as {@code IpAddress} conditions name it. Never asks a name server. */
public final class CidrBlock {
    private final byte[] network;
    private final int prefixBits;

    private CidrBlock(byte[] network, int prefixBits) {
        this.network = network;
        this.prefixBits = prefixBits;
    }

    /** Reads {@code address} or {@code address/bits}; null where it is neither. */
    public static @Nullable CidrBlock parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = address(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            return null;
        }
        int bits = address.length * 8;
        if (slash >= 0) {
            String length = text.substring(slash + 1);
            if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > bits) {
                return null;
            }
            bits = Integer.parseInt(length);
        }
        return new CidrBlock(address, bits);
    }

    /** Whether an address, written as text, lies in the range. */
    public boolean contains(String text) {
        byte[] address = address(text);
        if (address == null || address.length != network.length) {
            return false;
        }
        int whole = prefixBits / 8;
        if (!Arrays.equals(address, 0, whole, network, 0, whole)) {
            return false;
        }
        int mask = 0xFF << (8 - prefixBits % 8);
        return prefixBits % 8 == 0 || (address[whole] & mask) == (network[whole] & mask);
    }

    private static byte @Nullable [] address(String text) {
        String bare = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        int zone = bare.indexOf('%');
        bare = zone < 0 ? bare : bare.substring(0, zone);
        return bare.indexOf(':') < 0 ? v4(bare) : v6(bare);
    }

    /** By hand, for each call's address is read for each condition on it. */
    private static byte @Nullable [] v4(String text) {
        byte[] out = new byte[4];
        int part = 0;
        int digits = 0;
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.' && digits > 0 && part < 3) {
                out[part++] = (byte) value;
                digits = 0;
                value = 0;
            } else if (c >= '0' && c <= '9' && digits < 3) {
                value = 10 * value + c - '0';
                digits++;
                if (value > 255) {
                    return null;
                }
            } else {
                return null;
            }
        }
        out[part] = (byte) value;
        return part == 3 && digits > 0 ? out : null;
    }

    private static byte @Nullable [] v6(String text) {
        int dots = text.indexOf('.');
        int last = text.lastIndexOf(':');
        byte[] tail = dots < 0 ? new byte[0] : v4(text.substring(last + 1));
        if (tail == null) {
            return null;
        }
        String head = dots < 0 ? text : text.substring(0, last);
        if (dots >= 0 && head.endsWith(":")) {
            head += ":";
        }
        int gap = head.indexOf("::");
        byte[] left = groups(gap < 0 ? head : head.substring(0, gap));
        byte[] right = gap < 0 ? new byte[0] : groups(head.substring(gap + 2));
        if (left == null || right == null) {
            return null;
        }
        int used = left.length + right.length + tail.length;
        if (used > 16 || (gap < 0 && used != 16)) {
            return null;
        }
        byte[] out = new byte[16];
        System.arraycopy(left, 0, out, 0, left.length);
        System.arraycopy(right, 0, out, 16 - tail.length - right.length, right.length);
        System.arraycopy(tail, 0, out, 16 - tail.length, tail.length);
        boolean mapped = Arrays.equals(out, 0, 12, MAPPED, 0, 12);
        return mapped ? Arrays.copyOfRange(out, 12, 16) : out;
    }

    /** What an IPv4 address looks like in an IPv6 socket; it is compared as IPv4. */
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

    private static byte @Nullable [] groups(String text) {
        if (text.isEmpty()) {
            return new byte[0];
        }
        String[] parts = text.split(":", -1);
        if (parts.length > 8) {
            return null;
        }
        byte[] out = new byte[parts.length * 2];
        for (int i = 0; i < parts.length; i++) {
            if (!parts[i].matches("[0-9a-fA-F]{1,4}")) {
                return null;
            }
            int value = Integer.parseInt(parts[i], 16);
            out[2 * i] = (byte) (value >> 8);
            out[2 * i + 1] = (byte) value;
        }
        return out;
    }
}
