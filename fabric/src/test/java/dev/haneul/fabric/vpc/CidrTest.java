package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.net.InetAddress;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CidrTest {
    @Test
    void readsAndWrites() {
        assertThat(Cidr.parse("10.0.255.7/16")).hasToString("10.0.0.0/16");
        assertThat(Cidr.parse("192.168.1.1")).hasToString("192.168.1.1/32");
        assertThat(Cidr.parse("2001:db8:0:0:1:0:0:1/64")).hasToString("2001:db8::/64");
        assertThat(Cidr.parse("2001:db8::1:0:0:1")).hasToString("2001:db8::1:0:0:1/128");
        assertThat(Cidr.parse("::/0")).isEqualTo(Cidr.ANY_V6).hasToString("::/0");
        assertThat(Cidr.parse("1:0:2:3:4:5:6:7").address())
                .as("one zero group stays")
                .isEqualTo("1:0:2:3:4:5:6:7");
        assertThat(Cidr.parse("0.0.0.0/0")).isEqualTo(Cidr.ANY_V4);
        assertThat(Cidr.parseOrNull("10.0.0.0/33")).isNull();
        assertThat(Cidr.parseOrNull("host/8")).isNull();
        assertThat(Cidr.parseOrNull("10.0.0.0/")).isNull();
    }

    @Test
    void countsAddresses() {
        var block = Cidr.parse("10.0.0.0/24");
        assertThat(block.at(255)).isEqualTo("10.0.0.255");
        assertThat(block.size()).isEqualTo(256);
        assertThatThrownBy(() -> block.at(256)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> block.at(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(Cidr.ANY_V6.size()).isEqualTo(Long.MAX_VALUE);
        assertThat(Cidr.ANY_V4.contains(Cidr.ANY_V6)).isFalse();
    }

    @Property(seed = "2026")
    void containsWhatHasItsFirstBits(
            @ForAll @Size(4) byte[] block, @ForAll @Size(4) byte[] address, @ForAll @IntRange(max = 32) int bits)
            throws Exception {
        var cidr = Cidr.parse(InetAddress.getByAddress(block).getHostAddress() + "/" + bits);
        int shift = 32 - bits;
        boolean same = new BigInteger(1, block).shiftRight(shift).equals(new BigInteger(1, address).shiftRight(shift));
        assertThat(cidr.contains(InetAddress.getByAddress(address).getHostAddress()))
                .isEqualTo(same);
    }

    @Property(seed = "2026")
    void sixIsReadAsTheLibraryReadsIt(
            @ForAll @Size(16) byte[] block, @ForAll @Size(16) byte[] address, @ForAll @IntRange(max = 128) int bits)
            throws Exception {
        block[0] = 0x20;
        address[0] = 0x20;
        var cidr = Cidr.parse(InetAddress.getByAddress(block).getHostAddress() + "/" + bits);
        int shift = 128 - bits;
        boolean same = new BigInteger(1, block).shiftRight(shift).equals(new BigInteger(1, address).shiftRight(shift));
        assertThat(cidr.contains(InetAddress.getByAddress(address).getHostAddress()))
                .isEqualTo(same);
        assertThat(Cidr.parse(cidr.toString())).isEqualTo(cidr);
        assertThat(InetAddress.getByName(cidr.address()).getAddress()[0]).isEqualTo(bits < 3 ? (byte) 0 : (byte) 0x20);
    }
}
