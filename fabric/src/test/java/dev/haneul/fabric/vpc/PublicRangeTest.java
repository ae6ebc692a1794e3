package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicRangeTest {
    @TempDir
    Path machine;

    private Cidr of(String region) throws IOException {
        var folder = Files.createDirectories(machine.resolve(region));
        return PublicRange.of(folder, machine.resolve("claims"));
    }

    @Test
    void eachRegionHasItsOwnAndKeepsIt() throws IOException {
        var ranges = new HashSet<Cidr>();
        for (int i = 0; i < 20; i++) {
            var range = of("region-" + i);
            assertThat(ranges.add(range)).isTrue();
            assertThat(Cidr.parse("198.18.0.0/15").contains(range)).isTrue();
            assertThat(of("region-" + i)).isEqualTo(range);
        }
    }

    @Test
    void aRegionThatIsGoneFreesItsBlockAndOneThatIsThereDoesNot() throws IOException {
        var range = of("one");
        var claim = machine.resolve("claims").resolve(range.address() + "-20");
        Files.createDirectories(machine.resolve("two"));
        Files.writeString(machine.resolve("two").resolve("vpc-host.properties"), "public-range=" + range + "\n");
        assertThatThrownBy(() -> of("two")).isInstanceOf(IOException.class).hasMessageContaining("one");

        Files.delete(machine.resolve("one").resolve("vpc-host.properties"));
        Files.delete(machine.resolve("one"));
        assertThat(of("two")).isEqualTo(range);
        assertThat(claim).content().endsWith("two");
    }
}
