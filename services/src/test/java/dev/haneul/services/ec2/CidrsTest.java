package dev.haneul.services.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.fabric.vpc.Cidr;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CidrsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0",
                "10.0.0/8",
                "10.0.0.0/33",
                "10.0.0.0/08",
                "10.0.0.0/-1",
                "10.0.0.256/24",
                "010.0.0.0/8",
                "host/8",
                "::/129",
                ":::/64",
                "1:2:3:4:5:6:7:8:9/64",
                "::ffff:10.0.0.1/96",
                "0x0a.0.0.0/8",
                ""
            })
    void whatIsNoBlockIsNone(String text) {
        assertThat(Cidrs.parse(text)).isEmpty();
    }

    @Test
    void bitsBehindThePrefixAreCleared() {
        assertThat(Cidrs.parse("100.68.0.18/18").orElseThrow()).hasToString("100.68.0.0/18");
        assertThat(Cidrs.parse("2001:db8::1/64").orElseThrow()).hasToString("2001:db8::/64");
    }

    @Property(tries = 200, seed = "2026")
    void partsLieApartWithinTheWhole(@ForAll @IntRange(max = 4095) int one, @ForAll @IntRange(max = 4095) int other) {
        Cidr whole = Cidr.parse("10.16.0.0/12");
        Cidr left = Cidrs.part(whole, 24, one);
        Cidr right = Cidrs.part(whole, 24, other);
        assertThat(whole.contains(left)).isTrue();
        assertThat(left.overlaps(right)).isEqualTo(one == other);
        assertThat(Cidrs.parts(whole, 24)).isEqualTo(4096);
    }
}
