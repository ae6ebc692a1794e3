package dev.haneul.services.ec2;

import dev.haneul.api.runtime.Fault;
import dev.haneul.fabric.vpc.Cidr;
import java.util.Optional;
import java.util.regex.Pattern;

/** Blocks and addresses as requests write them: no short forms, no names. Bits behind a prefix are cleared, as EC2 does. */
public final class Cidrs {
    private static final Pattern V4 =
            Pattern.compile("(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)){3}");
    private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:]{2,39}");
    private static final Pattern BITS = Pattern.compile("0|[1-9][0-9]{0,2}");

    private Cidrs() {}

    /** A block with its prefix; empty where the text is none. */
    public static Optional<Cidr> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !BITS.matcher(text.substring(slash + 1)).matches()) {
            return Optional.empty();
        }
        return address(text.substring(0, slash)).flatMap(each -> Optional.ofNullable(Cidr.parseOrNull(text)));
    }

    /** A single address; empty where the text is none. */
    public static Optional<Cidr> address(String text) {
        boolean formed = V4.matcher(text).matches()
                || (text.indexOf(':') >= 0 && V6.matcher(text).matches());
        return formed ? Optional.ofNullable(Cidr.parseOrNull(text)) : Optional.empty();
    }

    /**
     * An IPv4 block of a request.
     *
     * @throws Fault InvalidParameterValue
     */
    public static Cidr v4(String parameter, String text) {
        return parse(text)
                .filter(each -> !each.v6())
                .orElseThrow(() -> Ec2Faults.invalid(parameter, text, "This is not a valid CIDR block."));
    }

    /**
     * An IPv6 block of a request.
     *
     * @throws Fault InvalidParameterValue
     */
    public static Cidr v6(String parameter, String text) {
        return parse(text)
                .filter(Cidr::v6)
                .orElseThrow(() -> Ec2Faults.invalid(parameter, text, "This is not a valid IPv6 CIDR block."));
    }

    /**
     * An IPv4 address of a request.
     *
     * @throws Fault InvalidParameterValue
     */
    public static Cidr v4Address(String parameter, String text) {
        return address(text)
                .filter(each -> !each.v6())
                .orElseThrow(() -> Ec2Faults.invalid(parameter, text, "Invalid IPv4 address."));
    }

    /**
     * An IPv6 address of a request.
     *
     * @throws Fault InvalidParameterValue
     */
    public static Cidr v6Address(String parameter, String text) {
        return address(text)
                .filter(Cidr::v6)
                .orElseThrow(() -> Ec2Faults.invalid(parameter, text, "Invalid IPv6 address."));
    }

    /** The block of this length at a place, from 0, within another; lengths up to 64 for IPv6. */
    public static Cidr part(Cidr whole, int length, long place) {
        if (whole.v6()) {
            return new Cidr(true, whole.high() | place << (64 - length), 0, length);
        }
        return new Cidr(false, 0, whole.low() | place << (32 - length), length);
    }

    /** How many blocks of this length fit into another. */
    public static long parts(Cidr whole, int length) {
        return 1L << (length - whole.bits());
    }
}
