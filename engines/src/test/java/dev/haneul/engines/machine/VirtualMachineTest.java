package dev.haneul.engines.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Servers that really boot, as virtual machines; where KVM boots none the processor is emulated, which takes minutes. */
@EnabledIfSystemProperty(named = "haneul.soak", matches = "\\d+")
final class VirtualMachineTest extends MachineContract {
    @Override
    Lab lab(Path home) {
        try {
            return new VirtualLab(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aVirtualMachineHasAKernelOfItsOwn() throws Exception {
        try (var machine = lab.launch("i-20", List.of(), Lab.seed("i-20", "", ""))) {
            assertThat(machine.awaitBooted(Lab.PATIENCE))
                    .as(Files.readString(machine.console()))
                    .isTrue();
            assertThat(Lab.sh(machine, "uname -r"))
                    .contains("cloud-amd64")
                    .isNotEqualTo(System.getProperty("os.version"));
            assertThat(Lab.sh(machine, "mount -t tmpfs none /mnt && umount /mnt && modprobe xfs && echo well"))
                    .isEqualTo("well");
            assertThat(Lab.sh(machine, "nproc; ip -o -4 addr show dev eth0 | awk '{print $4}'"))
                    .isEqualTo("1\n10.0.0.7/24");
        }
    }
}
