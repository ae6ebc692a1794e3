package dev.haneul.engines.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.engines.cgroup.NoCgroups;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Servers that really boot, as system containers. */
final class MachineTest extends MachineContract {
    @Override
    Lab lab(Path home) {
        return new Lab(home);
    }

    @Test
    void aMachineMayDoNothingToTheHost() throws Exception {
        try (var machine = lab.launch("i-5", List.of(), Lab.seed("i-5", "", ""))) {
            assertThat(machine.awaitBooted(Lab.PATIENCE)).isTrue();
            assertThat(Lab.sh(machine, "mount -t tmpfs none /mnt 2>&1")).contains("permission denied");
            assertThat(Lab.sh(machine, "mount -t ext4 /dev/vda /mnt 2>&1")).endsWith("[32]");
            assertThat(Lab.sh(machine, "mknod /root/x b 7 0 2>&1")).contains("Operation not permitted");
            assertThat(Lab.sh(machine, "echo x >/proc/sys/kernel/core_pattern 2>&1"))
                    .contains("Read-only");
            assertThat(Lab.sh(machine, "unshare -U true 2>&1")).contains("Operation not permitted");
            assertThat(Lab.sh(machine, "ls /dev | tr '\\n' ' '"))
                    .doesNotContain("loop")
                    .doesNotContain(" vda");
            assertThat(Lab.sh(machine, "ls /sys/block; cat /proc/partitions")).isEmpty();
            assertThat(Lab.sh(machine, "lsblk | tail -n +2 | awk '{print $1, $4, $7}'"))
                    .isEqualTo("xvda 2G /");
            assertThat(Lab.sh(machine, "umount /run 2>&1")).endsWith("[32]");
            assertThat(Lab.sh(machine, "grep -c . /proc/1/cmdline; ls -d /proc/[0-9]* | wc -l")
                            .split("\n")[1])
                    .matches(count -> Integer.parseInt(count.strip()) < 30);
        }
    }

    @Test
    void whereNothingCanBeBoundedServersStillBoot() throws Exception {
        var disks = lab.machines.disks();
        disks.createRoot("root-i-13", "debian-12", Lab.ROOT_BYTES);
        try (var unbounded = new SystemContainers(home, Lab.IMAGES, false, name -> new NoCgroups("none here"));
                var machine = unbounded.launch(lab.spec("i-13", List.of(), Lab.seed("i-13", "", "")), netns -> {})) {
            assertThat(unbounded.probe().weaknesses()).anyMatch(it -> it.contains("do not bite"));
            assertThat(machine.awaitBooted(Lab.PATIENCE)).isTrue();
            assertThat(Lab.sh(machine, "systemctl is-system-running")).isEqualTo("running");
        }
    }
}
